// @ts-check

/**
 * The parts of a Markdown document that the tests look at. Only what this repository writes is understood: ATX headings, fences
 * of backticks, inline links.
 *
 * @typedef {{ line: number, language: string, text: string, note: string | null }} Fence a block of code, the number of its first
 *   line (from 1), and the HTML comment right before it
 * @typedef {{ line: number, target: string }} Link
 * @typedef {{ fences: Fence[], links: Link[], anchors: Set<string> }} Document
 */

/**
 * @param {string} text
 * @returns {Document}
 */
export function readMarkdown(text) {
  /** @type {Document} */
  const document = { fences: [], links: [], anchors: new Set() };
  const lines = text.split('\n');
  /** @type {string | null} */
  let note = null;
  for (let i = 0; i < lines.length; i++) {
    const line = /** @type {string} */ (lines[i]);
    const fence = /^( *)(`{3,})([\w-]*)$/.exec(line);
    if (fence) {
      const [, indent = '', ticks = '', language = ''] = fence;
      const end = lines.findIndex((each, j) => j > i && each === indent + ticks);
      if (end < 0) throw new Error(`line ${i + 1}: nothing ends this block of code`);
      const body = lines.slice(i + 1, end).map((each) => each.slice(indent.length));
      document.fences.push({ line: i + 2, language, text: body.map((each) => `${each}\n`).join(''), note });
      note = null;
      i = end;
    } else if (line.startsWith('<!--')) {
      const end = lines.findIndex((each, j) => j >= i && each.endsWith('-->'));
      if (end < 0) throw new Error(`line ${i + 1}: nothing ends this comment`);
      note = lines
        .slice(i, end + 1)
        .join(' ')
        .slice('<!--'.length, -'-->'.length)
        .trim();
      i = end;
    } else if (line.trim() !== '') {
      note = null;
      const heading = /^#{1,6} (.*)$/.exec(line);
      if (heading) document.anchors.add(unused(slug(heading[1] ?? ''), document.anchors));
      for (const target of targetsOf(line)) document.links.push({ line: i + 1, target });
      for (const [, anchor = ''] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) document.anchors.add(anchor);
    }
  }
  return document;
}

/**
 * The anchor of a heading, as GitHub makes it.
 * @param {string} heading
 */
function slug(heading) {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-');
}

/**
 * @param {string} anchor
 * @param {ReadonlySet<string>} taken
 */
function unused(anchor, taken) {
  let name = anchor;
  for (let i = 1; taken.has(name); i++) name = `${anchor}-${i}`;
  return name;
}

/**
 * What a line links to: links, pictures, definitions of references, and HTML.
 * @param {string} line
 */
function targetsOf(line) {
  const plain = line.replace(/`[^`]*`/g, '');
  return [
    ...plain.matchAll(/\]\(<?([^)<>\s]+)>?(?: "[^"]*")?\)/g),
    ...plain.matchAll(/^\[[^\]]+\]: <?([^<>\s]+)/g),
    ...plain.matchAll(/(?:href|src|srcset)="([^"\s]+)"/g),
  ].map(([, target = '']) => target);
}
