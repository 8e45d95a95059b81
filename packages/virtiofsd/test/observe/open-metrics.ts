/**
 * A reader of the text format of OpenMetrics 1.0 that takes nothing but what the specification allows (sections "ABNF", "Overall
 * Structure", "MetricFamily", "Metric types"), as far as this program uses it: without timestamps and exemplars.
 */

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL_NAME = '[a-zA-Z_][a-zA-Z0-9_]*';
const ESCAPED = '(?:[^"\\\\\\n]|\\\\[\\\\"n])*';
const DESCRIPTOR = new RegExp(`^# (TYPE|UNIT|HELP) (${NAME}) (.*)$`);
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{((?:${LABEL_NAME}="${ESCAPED}"(?:,(?!\\}))?)+)\\})? ([-+]?(?:[0-9]+(?:\\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|Inf|NaN)|NaN)$`,
);
const LABEL = new RegExp(`(${LABEL_NAME})="(${ESCAPED})"`, 'g');
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  info: ['_info'],
  histogram: ['_bucket', '_count', '_sum'],
};

/** @throws Error at the first thing that is not allowed */
export function parseOpenMetrics(text: string): ParsedFamily[] {
  if (!text.endsWith('\n# EOF\n')) throw new Error('it does not end with # EOF and a line feed');
  const lines = text.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1);
  const families: (ParsedFamily & { samples: ParsedSample[]; type: string; unit: string; help: string })[] =
    [];
  for (const line of lines) {
    const descriptor = DESCRIPTOR.exec(line);
    let family = families.at(-1);
    if (descriptor) {
      const [, what, name, value] = descriptor as unknown as [string, string, string, string];
      if (family?.name !== name) {
        if (families.some((each) => each.name === name)) throw new Error(`${name} is interleaved`);
        family = { name, type: '', unit: '', help: '', samples: [] };
        families.push(family);
      }
      if (family.samples.length > 0) throw new Error(`a descriptor behind samples: ${line}`);
      const key = what.toLowerCase() as 'type' | 'unit' | 'help';
      if (family[key] !== '') throw new Error(`twice: ${line}`);
      if (key === 'type' && !(value in SUFFIXES)) throw new Error(`not a type here: ${line}`);
      if (key === 'unit' && !name.endsWith(`_${value}`))
        throw new Error(`the unit is not in the name: ${line}`);
      if (key === 'help' && /\\(?![\\n"])/.test(value)) throw new Error(`a wrong escape: ${line}`);
      family[key] = value;
      continue;
    }
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a sample: ${JSON.stringify(line)}`);
    if (!family || !SUFFIXES[family.type]!.some((suffix) => family.name + suffix === name)) {
      throw new Error(`a sample outside of its family: ${line}`);
    }
    family.samples.push({ name, labels: labelsOf(labels), value: Number(value!.replace('Inf', 'Infinity')) });
  }
  for (const family of families) check(family);
  return families;
}

function labelsOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(LABEL)) {
    if (name! in found) throw new Error(`a label twice: ${text}`);
    found[name!] = value!.replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character));
  }
  return found;
}

function check({ name, type, help, samples }: ParsedFamily): void {
  if (help === '') throw new Error(`${name} has no help`);
  // The samples of one metric are together, and each is there once.
  const seen = new Set<string>();
  let last = '';
  const metrics = new Map<string, ParsedSample[]>();
  for (const sample of samples) {
    const { le, ...others } = sample.labels;
    if (le !== undefined && !sample.name.endsWith('_bucket')) throw new Error(`${sample.name} has a bound`);
    const metric = JSON.stringify(Object.entries(others).sort());
    if (metric !== last && metrics.has(metric)) throw new Error(`${name}${metric} is interleaved`);
    last = metric;
    metrics.set(metric, [...(metrics.get(metric) ?? []), sample]);
    const key = `${sample.name} ${metric} ${le}`;
    if (seen.has(key)) throw new Error(`twice: ${key}`);
    seen.add(key);
    if (type !== 'gauge' && !(sample.value >= 0)) throw new Error(`${sample.name} is ${sample.value}`);
    if (type === 'info' && sample.value !== 1) throw new Error(`${name} is ${sample.value}`);
  }
  if (type !== 'histogram') return;
  for (const metric of metrics.values()) {
    const buckets = metric.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) =>
      labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']),
    );
    for (const [i, bucket] of buckets.entries()) {
      if (i > 0 && !(bounds[i]! > bounds[i - 1]!)) throw new Error(`bounds of ${name} do not ascend`);
      if (i > 0 && bucket.value < buckets[i - 1]!.value) throw new Error(`buckets of ${name} do not add up`);
    }
    const one = (suffix: string) => metric.filter((sample) => sample.name === name + suffix);
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name} has no last bucket`);
    if (one('_count').length !== 1 || one('_sum').length !== 1)
      throw new Error(`${name} has no count or sum`);
    if (one('_count')[0]!.value !== buckets.at(-1)!.value) throw new Error(`the count of ${name} is wrong`);
  }
}
