/** One sample of an exposition. */
export interface ReadSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of an exposition by their names. */
export type Metrics = ReadonlyMap<string, readonly ReadSample[]>;

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \S+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/g;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n' };

/** What was read is no exposition. */
export class MetricsFormatError extends Error {
  override readonly name = 'MetricsFormatError';
  readonly code = 'METRICS_FORMAT';
}

/** Reads an exposition of OpenMetrics, leniently. @throws MetricsFormatError */
export function readMetrics(text: string): Metrics {
  const metrics = new Map<string, ReadSample[]>();
  if (!text.trimEnd().endsWith('# EOF')) throw new MetricsFormatError('the metrics end too early');
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (name === undefined) throw new MetricsFormatError(`these are no metrics: ${line.slice(0, 80)}`);
    const samples = metrics.get(name) ?? [];
    samples.push({ labels: labelsOf(labels), value: numberOf(value!) });
    metrics.set(name, samples);
  }
  return metrics;
}

function labelsOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(LABEL)].map(([, name, value]) => [
    name,
    value!.replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character),
  ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}
