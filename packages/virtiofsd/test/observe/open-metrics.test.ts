import { expect, it } from 'vitest';
import { Cells } from '../../src/observe/cells.js';
import { FAMILIES, type Snapshot } from '../../src/observe/families.js';
import { MetricsRecorder } from '../../src/observe/metrics-recorder.js';
import { exposition } from '../../src/observe/openmetrics.js';
import { parseOpenMetrics } from './open-metrics.js';

function snapshot(fill: (recorder: MetricsRecorder, cells: Float64Array) => void): Snapshot {
  using file = Cells.file();
  using cells = new Cells(file);
  fill(new MetricsRecorder(cells.values), cells.values);
  return {
    cells: cells.values.slice(),
    process: { residentBytes: 1, cpuSeconds: 2 },
    answering: true,
    started: 3,
    uptime: 4,
    build: { version: 'a "quoted" \\ text\nof two lines' },
  };
}

it('whatever was counted, the exposition is what the specification of OpenMetrics says', () => {
  const random = snapshot((recorder) => {
    let seed = 1;
    const next = (limit: number) => {
      seed = (seed * 48_271) % 0x7fff_ffff;
      return seed % limit;
    };
    for (let i = 0; i < 20_000; i++) {
      const opcode = next(100);
      recorder.count(opcode, next(700) - 600);
      recorder.time(opcode, next(2 ** 30) * next(60), 1);
    }
  });
  const families = parseOpenMetrics(exposition(FAMILIES, random));
  expect(families.map(({ name }) => name)).toEqual(FAMILIES.map(({ name }) => name));
  const requests = families.find(({ name }) => name === 'virtiofsd_requests')!;
  expect(requests.samples.reduce((sum, { value }) => sum + value, 0)).toBe(20_000);
});

it('not even a worker that writes anything into the memory that it shares makes it anything else', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 1e300, 5e-324]) {
    const text = exposition(
      FAMILIES,
      snapshot((_recorder, cells) => cells.fill(value)),
    );
    expect(text.endsWith('# EOF\n')).toBe(true);
    const allowed = /^(# \w+.*|virtiofsd_\w+(\{[^}]*\})? (NaN|[-+]Inf|[-+.e0-9]+))$/;
    const lines = text.trimEnd().split('\n');
    expect(lines.filter((line) => !allowed.test(line))).toEqual([]);
  }
});

it.each([
  ['no end', '# TYPE a gauge\n# HELP a b.\na 1\n'],
  ['something behind the end', '# TYPE a gauge\n# HELP a b.\na 1\n# EOF\n\n'],
  ['an empty line', '# TYPE a gauge\n\n# EOF\n'],
  ['a counter without _total', '# TYPE a counter\n# HELP a b.\na 1\n# EOF\n'],
  ['two spaces', '# TYPE a gauge\n# HELP a b.\na  1\n# EOF\n'],
  ['a unit that is not in the name', '# TYPE a gauge\n# UNIT a bytes\n# HELP a b.\na 1\n# EOF\n'],
  ['a sample twice', '# TYPE a gauge\n# HELP a b.\na 1\na 1\n# EOF\n'],
  ['a label twice', '# TYPE a gauge\n# HELP a b.\na{b="",b=""} 1\n# EOF\n'],
  [
    'buckets that do not add up',
    '# TYPE a histogram\n# HELP a b.\na_bucket{le="1.0"} 2\na_bucket{le="+Inf"} 1\na_count 1\na_sum 1\n# EOF\n',
  ],
  [
    'families that are interleaved',
    '# TYPE a gauge\n# HELP a b.\n# TYPE c gauge\n# HELP c b.\n# UNIT a a\n# EOF\n',
  ],
])('the parser of this test refuses %s', (_, text) => {
  expect(() => parseOpenMetrics(text)).toThrow();
});
