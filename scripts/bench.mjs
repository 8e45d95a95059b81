// @ts-check
/**
 * The benchmarks, of which docs/performance.md shows the results:
 *
 *     pnpm bench [SECTION...] [--quick] [--write] [--rounds N] [--seconds N] [--dir FOLDER]
 *
 * Without a section, all of them; `--list` names them. `--quick` only shows that everything works. `--write` keeps what was measured in docs/performance
 * and puts it into the document. FOLDER is where the folder that is shared is made, on the file system that is to be measured.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installedDaemons } from './bench/daemons.mjs';
import { DOCUMENT, readResults, render, writeFigures, writeResults } from './bench/document.mjs';
import { describeMachine } from './bench/machine.mjs';
import { buildPrograms } from './bench/programs.mjs';
import { sections } from './bench/sections/index.mjs';
import { fillShare } from './bench/share.mjs';
import { temporaryFolder } from './lib/cleanup.mjs';
import { headline, say } from './lib/log.mjs';
import { main } from './lib/main.mjs';
import { root } from './lib/root.mjs';

main(async (args) => {
  const { values, positionals } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      dir: { type: 'string' },
    },
  });
  if (values.list) {
    for (const { name, title } of sections) process.stdout.write(`${name.padEnd(10)}${title}\n`);
    return;
  }
  const unknown = positionals.find((name) => !sections.some((section) => section.name === name));
  if (unknown !== undefined) throw new Error(`no section ${unknown}: pnpm bench --list names them`);
  if (values.quick && values.write) throw new Error('what --quick measures is not worth writing down');
  const rounds = positive('--rounds', values.rounds ?? (values.quick ? '1' : '7'));
  const seconds = positive('--seconds', values.seconds ?? (values.quick ? '0.05' : '0.5'));
  const chosen =
    positionals.length === 0 ? sections : sections.filter(({ name }) => positionals.includes(name));

  if (!existsSync(join(root, 'packages/virtiofsd/dist/worker.cjs')))
    throw new Error('nothing is built yet: npm run setup');
  const programs = await buildPrograms();
  const work = temporaryFolder(values.dir).path;
  const folder = join(work, 'share');
  mkdirSync(folder);
  say(`filling ${folder}`);
  fillShare(folder);
  const daemons = installedDaemons();
  say(`daemons: ${daemons.map(({ title }) => title).join(', ')}`);
  for (const section of chosen) {
    headline(section.title);
    const machine = describeMachine(folder);
    const context = { quick: values.quick, rounds, seconds, folder, work, daemons, programs, say };
    const results = await section.measure(context);
    process.stdout.write(`\n${section.render(results).markdown}\n`);
    if (!values.write) continue;
    writeResults({ ...readResults(), [section.name]: { machine, results } });
  }
  if (!values.write) return;
  const { text, figures } = render(readFileSync(DOCUMENT, 'utf8'), sections, readResults());
  writeFigures(figures);
  writeFileSync(DOCUMENT, text);
  say(`written: ${DOCUMENT}`);
});

/**
 * @param {string} option
 * @param {string} text
 */
function positive(option, text) {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${option} takes a number greater than 0, not ${text}`);
  return value;
}
