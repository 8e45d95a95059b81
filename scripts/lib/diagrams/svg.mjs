// @ts-check

/**
 * Just enough of SVG for boxes, arrows and words. Where they are is up to whoever draws.
 *
 * @typedef {'paper' | 'outside' | 'machine' | 'daemon' | 'package' | 'store'} Kind what a box is, which decides its color
 * @typedef {[x: number, y: number]} Point
 */

/** Colors on light paper and on dark paper: fill and line. */
const COLORS = {
  paper: ['#ffffff', '#d0d7de', '#0d1117', '#30363d'],
  outside: ['#f6f8fa', '#8c959f', '#161b22', '#6e7681'],
  machine: ['#ddf4ff', '#54aeff', '#0c2d4a', '#1f6feb'],
  daemon: ['#fff8c5', '#d4a72c', '#3a2d00', '#9e6a03'],
  package: ['#ffffff', '#d4a72c', '#1f1a08', '#9e6a03'],
  store: ['#dafbe1', '#4ac26b', '#0f2d1a', '#2ea043'],
};
const INK = { light: '#1f2328', dark: '#e6edf3' };

/**
 * A picture. Viewers that know which paper the reader has get its colors.
 * @param {number} width
 * @param {number} height
 * @param {string} title what a reader who cannot see it is told
 * @param {readonly string[]} parts
 */
export function picture(width, height, title, parts) {
  const kinds = Object.entries(COLORS);
  const light = kinds.map(([kind, [fill, line]]) => `.${kind}{fill:${fill};stroke:${line}}`).join('');
  const dark = kinds.map(([kind, [, , fill, line]]) => `.${kind}{fill:${fill};stroke:${line}}`).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${escaped(title)}</title>
<style>
text{font:14px system-ui,"Segoe UI","DejaVu Sans",sans-serif;fill:${INK.light}}
.head{font-weight:600}.small{font-size:12px}
.arrow{fill:none;stroke:${INK.light};stroke-width:1.5}.data{stroke-width:5;stroke:#8250df}.set-up{stroke-dasharray:5 4}
.tip{fill:${INK.light}}.data-tip{fill:#8250df}.number{fill:#8250df}.digit{fill:#fff;font-weight:600;font-size:12px}
${light}
@media (prefers-color-scheme:dark){text{fill:${INK.dark}}.arrow{stroke:${INK.dark}}.data{stroke:#a371f7}.tip{fill:${INK.dark}}.data-tip{fill:#a371f7}.digit{fill:#fff}${dark}}
</style>
<defs>
${marker('tip')}
${marker('data-tip')}
</defs>
${box(0.5, 0.5, width - 1, height - 1, { kind: 'paper' })}
${parts.join('\n')}
</svg>
`;
}

/**
 * A box with a heading and lines of text in its upper left corner.
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {{ kind: Kind, head?: string, lines?: readonly string[] }} look
 */
export function box(x, y, width, height, { kind, head, lines = [] }) {
  const rows = [
    ...(head === undefined ? [] : [words(x + 12, y + 22, head, 'head')]),
    ...lines.map((line, i) => words(x + 12, y + (head === undefined ? 22 : 41) + 17 * i, line, 'small')),
  ];
  return [
    `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`,
    ...rows,
  ].join('\n');
}

/**
 * An arrow along points.
 * @param {readonly Point[]} points
 * @param {'call' | 'data' | 'set-up'} kind data: the bytes of files; set-up: only in the beginning
 * @param {'there' | 'both'} [directions]
 */
export function arrow(points, kind, directions = 'there') {
  const tip = kind === 'data' ? 'data-tip' : 'tip';
  const start = directions === 'both' ? ` marker-start="url(#${tip})"` : '';
  const path = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  return `<path class="arrow ${kind}" d="${path}"${start} marker-end="url(#${tip})"/>`;
}

/**
 * @param {number} x
 * @param {number} y of the line that letters stand on
 * @param {string} text
 * @param {'head' | 'small' | ''} [look]
 */
export function words(x, y, text, look = '') {
  return `<text x="${x}" y="${y}"${look ? ` class="${look}"` : ''}>${escaped(text)}</text>`;
}

/**
 * A step's number in a circle.
 * @param {number} x
 * @param {number} y
 * @param {number} number
 */
export function step(x, y, number) {
  return `<circle class="number" cx="${x}" cy="${y}" r="10"/><text class="digit" x="${x}" y="${y + 4}" text-anchor="middle">${number}</text>`;
}

/** @param {'tip' | 'data-tip'} name */
function marker(name) {
  const size = name === 'tip' ? 9 : 3.4;
  return `<marker id="${name}" viewBox="0 0 10 10" refX="${name === 'tip' ? 9 : 5}" refY="5" markerWidth="${size}" markerHeight="${size}" orient="auto-start-reverse"><path class="${name}" d="M0 0L10 5L0 10z"/></marker>`;
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
