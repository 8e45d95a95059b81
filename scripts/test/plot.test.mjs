// @ts-check
import { expect, test } from 'vitest';
import { barPlot, linePlots } from '../lib/plot.mjs';

/** @param {string} svg @param {RegExp} pattern */
function all(svg, pattern) {
  return [...svg.matchAll(pattern)].map((match) => match.slice(1).map((each) => Number(each) || each));
}

test('a line goes from the left edge to the right one, and up where its values grow', () => {
  const svg = linePlots({
    title: 'a title',
    x: 'minutes',
    plots: [
      {
        title: 'MiB',
        series: [
          {
            name: 'one',
            points: [
              [0, 0],
              [30, 5],
              [60, 10],
            ],
          },
        ],
      },
    ],
  });
  const [points] = all(svg, /polyline points="([^"]*)"/g);
  const places = String(points?.[0])
    .split(' ')
    .map((each) => each.split(',').map(Number));
  expect(places.map(([x]) => x)).toEqual([64, 464, 864]);
  const [first = 0, second = 0, third = 0] = places.map(([, y]) => y ?? 0);
  expect(first - second).toBeCloseTo(second - third);
  expect(first - third).toBe(150);
  expect(all(svg, />([^<]+)<\/text>/g).flat()).toEqual(
    expect.arrayContaining(['a title', 'minutes', 'MiB', '0', 2, 10, 60]),
  );
});

test('ticks are at round values that cover all of the figures', () => {
  const points = /** @type {const} */ ([
    [0, 0.0123],
    [1, 0.0456],
  ]);
  const svg = linePlots({ title: '', x: '', plots: [{ title: 'y', series: [{ name: 'one', points }] }] });
  const labels = all(svg, /text-anchor="end"[^>]*>([^<]+)</g).flat();
  expect(labels).toEqual(['0.00', 0.01, 0.02, 0.03, 0.04, 0.05]);
});

test('the height of a bar is its value, and the same name has the same color', () => {
  const svg = barPlot({
    title: 'calls',
    y: 'per second',
    groups: [
      {
        name: 'read',
        bars: [
          { name: 'a', value: 50 },
          { name: 'b', value: 100, from: 90, to: 120 },
        ],
      },
      { name: 'write', bars: [{ name: 'b', value: 25 }] },
    ],
  });
  const drawn = all(svg, /<rect [^>]*height="([\d.]+)" fill="(#\w+)"\/>/g).filter(
    ([height]) => Number(height) > 10,
  );
  const heights = drawn.map(([height]) => Number(height));
  expect(heights.slice(-3).map((each) => each / (heights.at(-1) ?? 0))).toEqual(
    [2, 4, 1].map((n) => expect.closeTo(n)),
  );
  expect(drawn.at(-1)?.[1]).toBe(drawn.at(-2)?.[1]);
});

test('figures that are all the same, or only one, have a diagram', () => {
  for (const points of /** @type {const} */ ([
    [
      [0, 7],
      [1, 7],
    ],
    [[5, 0]],
  ])) {
    const svg = linePlots({
      title: '',
      x: '',
      plots: [{ title: '', fromZero: false, series: [{ name: '', points }] }],
    });
    expect(svg).not.toMatch(/NaN|Infinity/);
  }
});

test('no figures at all are a mistake', () => {
  expect(() => linePlots({ title: '', x: '', plots: [] })).toThrow('without figures');
});

test('what a text contains is not markup', () => {
  const svg = barPlot({
    title: 'a < b & "c"',
    y: '',
    groups: [{ name: '<x>', bars: [{ name: 'n', value: 1 }] }],
  });
  expect(svg).toContain('a &#60; b &#38; &#34;c&#34;');
  expect(svg).not.toContain('<x>');
});
