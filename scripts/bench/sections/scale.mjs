// @ts-check
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { withDaemon } from '../daemons.mjs';
import { resultsOf } from '../lines.mjs';
import { short, table } from './section.mjs';

/** @typedef {{ what: string, how: string, count: number, elapsed: number, processor: number, anonymous: number }} Line */
/** @typedef {{ directories: number, files: number, host: { what: string, open: number, close: number, held: number }[], nodes: Line[], lists: Line[][] }} Results */

/** @type {import('./section.mjs').Section} */
export const scale = {
  name: 'scale',
  title: 'A million files',
  async measure(context) {
    const [directories, files] = context.quick ? [10, 200] : [1000, 1000];
    const sizes = context.quick ? [1000, 10_000] : [100_000, 1_000_000];
    const { tree, scale: program } = context.programs;
    const folder = join(context.work, 'scale');
    const [ours] = context.daemons;
    if (ours === undefined) throw new Error('nothing to measure');
    try {
      context.say(`${short(directories * files)} files`);
      await resultsOf(tree, ['make', folder, directories, files]);
      for (const size of sizes) await resultsOf(tree, ['flat', join(folder, `list${size}`), size]);
      context.say('the host alone');
      const host = [];
      for (const how of ['walk', 'hold'])
        host.push(...(await resultsOf(tree, [how, folder, directories, files])));
      context.say('looked up and forgotten');
      const of = { folder, work: context.work };
      const nodes = await withDaemon(ours, of, ({ socket, pid }) =>
        resultsOf(program, ['--socket', socket, '--process', pid, directories, files]),
      );
      const lists = [];
      for (const size of sizes) {
        context.say(`a directory of ${short(size)}`);
        const lines = await withDaemon(ours, of, ({ socket, pid }) =>
          resultsOf(program, ['--socket', socket, '--process', pid, '--list', `list${size}`]),
        );
        lists.push(lines);
      }
      return { directories, files, host, nodes, lists };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  render(/** @type {Results} */ { directories, files, host, nodes, lists }) {
    const find = (/** @type {string} */ what, /** @type {string} */ how) =>
      nodes.find((line) => line.what === what && line.how === how);
    const rows = ['lookup', 'lookup again', 'forget'].map((how) => {
      const few = find('few', how);
      const many = find('many', how);
      return [
        how,
        short(few?.processor),
        short(many?.processor),
        ((many?.processor ?? Number.NaN) / (few?.processor ?? Number.NaN)).toFixed(2),
      ];
    });
    const [few, many] = host;
    for (const [title, what] of /** @type {const} */ ([
      [`the host alone: open and statx (of the second, ${short(many?.held)} stay open)`, 'open'],
      ['the host alone: close', 'close'],
    ])) {
      const [a, b] = [few?.[what] ?? Number.NaN, many?.[what] ?? Number.NaN];
      rows.push([title, short(a), short(b), (b / a).toFixed(2)]);
    }
    const known = short(files + 1);
    const all = short(directories * files);
    const grown = (find('many', 'lookup again')?.anonymous ?? Number.NaN) / (directories * files);
    const listing = lists
      .flat()
      .map((line) => [line.how, short(line.count), short(line.processor), short(line.elapsed)]);
    return {
      markdown: [
        `${all} files in ${short(directories)} directories, looked up in the same order, at most ${known} known at a time or all of them.`,
        'Nanoseconds of processor time of one file:',
        '',
        table(['', `${known} known`, `${all} known`, 'ratio'], rows),
        '',
        `Memory of the daemon's processes for each known file, all in all: ${short(grown)} bytes.`,
        '',
        'A directory listed to its end, nanoseconds of one entry:',
        '',
        table(['', 'entries', 'processor time', 'elapsed'], listing),
      ].join('\n'),
    };
  },
};
