// @ts-check
/**
 * Plots as SVG, for documents: small, without a dependency, the same for the same figures.
 */

/** @typedef {readonly [x: number, y: number]} Point */
/** @typedef {{ name: string, points: readonly Point[] }} Series a line and its name in the legend */
/**
 * A diagram of lines over a common axis.
 * @typedef {object} LinePlot
 * @property {string} title with the unit of y
 * @property {readonly Series[]} series
 * @property {boolean} [fromZero] whether y begins at 0 rather than at the least value. Default: true
 */
/**
 * A bar of a group; `from` and `to` show how far it spread.
 * @typedef {{ name: string, value: number, from?: number, to?: number }} Bar
 */
/** @typedef {{ name: string, bars: readonly Bar[] }} Group bars side by side, named below */

// Told apart without red and green (Okabe and Ito).
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'];
const INK = '#333';
const FAINT = '#ddd';
const WIDTH = 880;
const LEFT = 64;
const RIGHT = 16;
const TITLE = 34;
const FOOT = 44;

/**
 * Diagrams one above the other, with the same x.
 * @param {{ title: string, x: string, plots: readonly LinePlot[], height?: number }} figure `x` with its unit; `height`: of each
 * @returns {string} SVG
 */
export function linePlots({ title, x: xLabel, plots, height = 150 }) {
  const xs = plots.flatMap(({ series }) => series.flatMap(({ points }) => points.map(([x]) => x)));
  const xScale = scale(Math.min(...xs), Math.max(...xs), LEFT, WIDTH - RIGHT, false);
  const step = height + TITLE;
  const parts = plots.map((plot, i) => {
    const top = TITLE + i * step + TITLE;
    const ys = plot.series.flatMap(({ points }) => points.map(([, y]) => y));
    const yScale = scale(
      plot.fromZero === false ? Math.min(...ys) : 0,
      Math.max(...ys),
      top + height,
      top,
      true,
    );
    const lines = plot.series.map(({ points }, n) => {
      const path = points.map(([x, y]) => `${round(xScale.at(x))},${round(yScale.at(y))}`).join(' ');
      return `<polyline points="${path}" fill="none" stroke="${color(n)}" stroke-width="1.5"/>`;
    });
    const ticks = xScale.ticks.map((x) => upright(xScale.at(x), top, top + height));
    const names = plot.series.length > 1 ? plot.series.map(({ name }) => name) : [];
    return [heading(plot.title, names, top), ...ticks, ...levels(yScale), ...lines].join('\n');
  });
  const bottom = TITLE + plots.length * step;
  const labels = xScale.ticks.map((x) => text(xScale.at(x), bottom + 16, xScale.label(x), 'middle'));
  labels.push(text((LEFT + WIDTH - RIGHT) / 2, bottom + 34, xLabel, 'middle'));
  return svg(title, bottom + FOOT, [...parts, ...labels]);
}

/**
 * Groups of bars. Bars of the same name have the same color, which the legend explains.
 * @param {{ title: string, y: string, groups: readonly Group[], height?: number }} figure `y` with its unit
 * @returns {string} SVG
 */
export function barPlot({ title, y: yLabel, groups, height = 260 }) {
  const names = [...new Set(groups.flatMap(({ bars }) => bars.map(({ name }) => name)))];
  const top = 2 * TITLE;
  const most = Math.max(
    ...groups.flatMap(({ bars }) => bars.map(({ value, to }) => Math.max(value, to ?? value))),
  );
  const yScale = scale(0, most, top + height, top, true);
  const room = (WIDTH - LEFT - RIGHT) / groups.length;
  const width = Math.min((room * 0.8) / names.length, 60);
  const parts = groups.flatMap(({ name, bars }, g) => {
    const middle = LEFT + (g + 0.5) * room;
    const drawn = bars.flatMap((bar, b) => {
      const x = middle + (b - bars.length / 2) * width;
      return oneBar(bar, x, width, yScale, color(names.indexOf(bar.name)));
    });
    return [...drawn, text(middle, top + height + 18, name, 'middle')];
  });
  return svg(title, top + height + FOOT, [
    heading(yLabel, names.length > 1 ? names : [], top),
    ...levels(yScale),
    ...parts,
  ]);
}

/**
 * @param {Bar} bar
 * @param {number} x
 * @param {number} width
 * @param {Scale} yScale
 * @param {string} fill
 */
function oneBar({ value, from, to }, x, width, yScale, fill) {
  const y = yScale.at(value);
  const middle = x + width / 2;
  const height = round(yScale.at(0) - y);
  const parts = [
    `<rect x="${round(x + 1)}" y="${round(y)}" width="${round(width - 2)}" height="${height}" fill="${fill}"/>`,
  ];
  let above = y;
  if (from !== undefined && to !== undefined) {
    above = Math.min(above, yScale.at(to));
    parts.push(line(middle, yScale.at(from), middle, yScale.at(to), INK));
  }
  return [...parts, text(middle, above - 4, short(value), 'middle')];
}

/** @typedef {{ at: (value: number) => number, ticks: number[], label: (value: number) => string }} Scale */

/**
 * Maps values to places, with ticks at round values; `whole`: the scale is widened to begin and end at a tick.
 * @param {number} least
 * @param {number} most
 * @param {number} start
 * @param {number} end
 * @param {boolean} whole
 * @returns {Scale}
 */
function scale(least, most, start, end, whole) {
  if (!(Number.isFinite(least) && Number.isFinite(most))) throw new RangeError('a plot without figures');
  const range = most - least || Math.abs(most) || 1;
  const power = 10 ** Math.floor(Math.log10(range / 4));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => range / each <= 6) ?? range;
  const first = Math.floor(least / step);
  const last = Math.ceil((least + range) / step);
  const [low, high] = whole ? [first * step, last * step] : [least, least + range];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return {
    at: (value) => start + ((value - low) / (high - low)) * (end - start),
    ticks: ticks.filter((value) => value >= low - step / 1000 && value <= high + step / 1000),
    label: (value) => value.toFixed(digits),
  };
}

/**
 * Horizontal lines at the ticks, with their values.
 * @param {Scale} yScale
 */
function levels(yScale) {
  return yScale.ticks.flatMap((value) => {
    const y = yScale.at(value);
    return [line(LEFT, y, WIDTH - RIGHT, y, FAINT), text(LEFT - 6, y + 4, yScale.label(value), 'end')];
  });
}

/**
 * What a diagram shows, and its legend at the right.
 * @param {string} title
 * @param {readonly string[]} names
 * @param {number} top
 */
function heading(title, names, top) {
  const parts = [text(LEFT, top - 10, title, 'start', 'font-weight="600"')];
  let x = WIDTH - RIGHT;
  for (const [i, name] of [...names.entries()].reverse()) {
    parts.push(text(x, top - 10, name, 'end'));
    x -= name.length * 7 + 18;
    parts.push(`<rect x="${round(x)}" y="${round(top - 19)}" width="10" height="10" fill="${color(i)}"/>`);
    x -= 14;
  }
  return parts.join('\n');
}

/**
 * @param {string} title
 * @param {number} height
 * @param {readonly string[]} parts
 */
function svg(title, height, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" role="img">
<title>${escaped(title)}</title>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
${text(WIDTH / 2, 22, title, 'middle', 'font-size="15" font-weight="600"')}
${parts.join('\n')}
</svg>
`;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {'start' | 'middle' | 'end'} anchor
 * @param {string} [more] attributes
 */
function text(x, y, content, anchor, more = '') {
  const place = `x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"`;
  return `<text ${place} fill="${INK}"${more && ` ${more}`}>${escaped(content)}</text>`;
}

/**
 * @param {number} x
 * @param {number} top
 * @param {number} bottom
 */
function upright(x, top, bottom) {
  return line(x, top, x, bottom, FAINT);
}

/**
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 * @param {string} stroke
 */
function line(x1, y1, x2, y2, stroke) {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${stroke}"/>`;
}

/** @param {number} index */
function color(index) {
  return COLORS[index % COLORS.length] ?? INK;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}

/**
 * With three significant digits.
 * @param {number} value
 */
function short(value) {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}

/** @param {string} content */
function escaped(content) {
  return content.replace(/[<>&"]/g, (each) => `&#${each.charCodeAt(0)};`);
}
