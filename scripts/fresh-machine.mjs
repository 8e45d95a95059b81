// @ts-check
/**
 * Tries this repository as a new user does, on machines that have nothing but Debian's minimum, apt and Node:
 *
 *     npm run fresh-machine [-- --tests]          as root, on Debian
 *
 * A machine is a minimal Debian in a temporary folder, in namespaces of its own. Each gets a clone of what is committed here, and what
 * the documents say to type is typed there, to the letter; what is printed is compared. With --tests also `npm test`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guides } from './lib/documents/files.mjs';
import { readMarkdown } from './lib/documents/markdown.mjs';
import { Factory } from './lib/fresh-machine/machine.mjs';
import { plansFor } from './lib/fresh-machine/plans.mjs';
import { table } from './lib/fresh-machine/table.mjs';
import { headline, say } from './lib/log.mjs';
import { main } from './lib/main.mjs';
import { root } from './lib/root.mjs';
import { output } from './lib/run.mjs';
import { isDebian, MissingError } from './lib/system-packages.mjs';
import { checkNode } from './lib/toolchain.mjs';

main(async (args) => {
  const unknown = args.find((arg) => arg !== '--tests');
  if (unknown !== undefined) throw new Error(`unknown argument ${unknown} (there is only --tests)`);
  checkNode();
  if (process.getuid?.() !== 0)
    throw new MissingError('only root can make a fresh machine: run this as root');
  if (!isDebian())
    throw new MissingError('a fresh machine is made of Debian, on Debian: this system is another');
  if (output('git', ['-C', root, 'status', '--porcelain']) !== '') {
    say('what is not committed here is not tried');
  }

  headline('a minimal Debian');
  const factory = new Factory();
  await factory.prepare(codename());
  const documents = guides().map((path) => ({
    path,
    document: readMarkdown(readFileSync(join(root, path), 'utf8')),
  }));
  /** @type {string[]} */
  const summary = [];
  let failed = false;
  for (const plan of plansFor(documents, args.includes('--tests'))) {
    headline(plan.title);
    const rows = await factory.try(plan);
    for (const { command, problem } of rows) if (problem !== null) say(`FAILED: ${command}\n${problem}`);
    failed ||= rows.length === 0 || rows.some(({ problem }) => problem !== null);
    summary.push(...table(plan.title, rows));
  }
  process.stdout.write(`\n${summary.join('\n')}\n`);
  return failed ? 1 : 0;
});

function codename() {
  const name = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  if (name === undefined)
    throw new MissingError('/etc/os-release names no release of Debian (VERSION_CODENAME)');
  return name;
}
