// @ts-check
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onExit, temporaryFolder } from '../cleanup.mjs';
import { root } from '../root.mjs';
import { run } from '../run.mjs';
import { describeEnding, supervise } from '../supervise.mjs';
import { installDebian } from './debian.mjs';
import { networkVariables, passNetworkOn, passNodeOn } from './passed-on.mjs';

/** For `unshare`: what runs in these namespaces ends with it, and so does what is mounted there. */
export const NAMESPACES = ['--mount', '--pid', '--ipc', '--fork', '--kill-child'];

const BOOT = join(dirname(fileURLToPath(import.meta.url)), 'boot.sh');
const INSIDE = 'scripts/lib/fresh-machine/inside.mjs';
/** Where the machine writes what it has done, a line of JSON for each command. */
const RESULTS = '/results.jsonl';

/**
 * What a machine is for.
 * @typedef {object} Plan
 * @property {string} title
 * @property {string} checkout where the user has the repository
 * @property {string[]} documents that are followed, one after the other
 * @property {'root' | 'user'} who follows them: root, or a plain user without sudo, who does only what is for a fresh machine
 * @property {boolean} tests whether `npm test` is run at the end
 */

/**
 * One command that was run in the machine.
 * @typedef {import('../documents/follow.mjs').Done & { document: string }} Row
 */

/** Makes fresh machines, each a copy of the same Debian. */
export class Factory {
  #folder = temporaryFolder();
  #base = join(this.#folder.path, 'base');

  /** @param {string} codename of the Debian release */
  async prepare(codename) {
    await installDebian(this.#base, codename);
    passNodeOn(this.#base);
    passNetworkOn(this.#base);
    await run('chroot', [this.#base, 'useradd', '--create-home', '--shell', '/bin/bash', 'user']);
  }

  /**
   * Makes a machine, does what the plan says in it, and removes it.
   * @param {Plan} plan
   * @returns {Promise<Row[]>} the last one has a problem when not all could be done
   */
  async try(plan) {
    const tree = join(this.#folder.path, 'machine');
    const forget = onExit(() => remove(tree));
    await run('cp', ['-a', '--reflink=auto', this.#base, tree]);
    await run('git', ['clone', '--quiet', '--depth=1', `file://${root}`, join(tree, plan.checkout)]);
    if (plan.who === 'user') {
      await run('chroot', [tree, 'chown', '-R', 'user:user', plan.checkout]);
    }
    writeFileSync(join(tree, RESULTS), '');
    const environment = {
      ...networkVariables(process.env),
      HOME: '/root',
      USER: 'root',
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    };
    const machine = supervise(
      'unshare',
      [
        ...NAMESPACES,
        ...[BOOT, tree, plan.checkout],
        ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
        ...['node', INSIDE, RESULTS, JSON.stringify(plan)],
      ],
      { stdio: 'inherit' },
    );
    const ending = await machine.ended;
    const rows = readRows(join(tree, RESULTS));
    if (ending.status !== 0 && !rows.some(({ problem }) => problem !== null)) {
      const problem = `the machine ${describeEnding(ending)}`;
      rows.push({ document: plan.title, command: '(the whole)', seconds: 0, problem });
    }
    forget();
    remove(tree);
    return rows;
  }
}

/**
 * @param {string} file
 * @returns {Row[]}
 */
function readRows(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/**
 * Processes that are being ended may still write there.
 * @param {string} tree
 */
function remove(tree) {
  rmSync(tree, { recursive: true, force: true, maxRetries: 10 });
}
