// @ts-check
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/root.mjs';

/** Where results are kept, and what they are shown in. */
export const RESULTS = join(root, 'docs/performance/results.json');
export const DOCUMENT = join(root, 'docs/performance.md');

/** @typedef {{ machine: import('./machine.mjs').Machine, results: any }} Kept */

/** @returns {Record<string, Kept>} by name of the section */
export function readResults() {
  try {
    return JSON.parse(readFileSync(RESULTS, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

/** @param {Record<string, Kept>} kept */
export function writeResults(kept) {
  mkdirSync(join(root, 'docs/performance'), { recursive: true });
  writeFileSync(RESULTS, `${JSON.stringify(kept, rounded, 1)}\n`);
}

/**
 * More digits than were measured make files large.
 * @param {string} _key
 * @param {unknown} value
 */
function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}

/**
 * What stands between the markers of each section in the document, from its results. What stands elsewhere is left alone.
 * @param {string} text
 * @param {readonly import('./sections/section.mjs').Section[]} sections
 * @param {Record<string, Kept>} kept
 * @returns {{ text: string, figures: Record<string, string> }}
 */
export function render(text, sections, kept) {
  /** @type {Record<string, string>} */
  const figures = {};
  let rendered = text;
  for (const section of sections) {
    const found = kept[section.name];
    if (found === undefined) continue;
    const { markdown, figures: drawn = {} } = section.render(found.results);
    for (const [name, svg] of Object.entries(drawn)) figures[`${section.name}-${name}.svg`] = svg;
    const images = Object.keys(drawn).map(
      (name) => `![${section.title}: ${name}](performance/${section.name}-${name}.svg)\n`,
    );
    const content = [...images, markdown, '', provenance(section.name, found.machine)].join('\n');
    rendered = replace(rendered, section.name, content);
  }
  return { text: rendered, figures };
}

/** @param {Record<string, string>} figures */
export function writeFigures(figures) {
  for (const [name, svg] of Object.entries(figures)) writeFileSync(join(root, 'docs/performance', name), svg);
}

/**
 * @param {string} name
 * @param {import('./machine.mjs').Machine} machine
 */
function provenance(name, machine) {
  const { date, processor, processors, memory, kernel, virtual, node, fileSystem, commit, load } = machine;
  const kind = virtual ? ', a virtual machine' : '';
  return `*\`pnpm bench ${name}\`, ${date}, ${commit}: ${processors} × ${processor}${kind}, ${memory}, Linux ${kernel}, ${fileSystem}, Node ${node}; load average before ${load}.*`;
}

/**
 * @param {string} text
 * @param {string} name
 * @param {string} content
 */
function replace(text, name, content) {
  const begin = `<!-- begin ${name} -->`;
  const end = `<!-- end ${name} -->`;
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`docs/performance.md has no place for ${name}: ${begin} and ${end}`);
  return `${text.slice(0, from)}${begin}\n${content}\n${text.slice(to)}`;
}
