// @ts-check
/**
 * Shares a folder with a small Linux guest:
 *
 *     npm start [-- DIR]
 *
 * On a terminal it gives a shell in the guest, where DIR (default: a copy of scripts/sample-share) is /mnt. Without one it
 * shows that the share works: see lib/demo.mjs.
 */
import { cpSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from './lib/cleanup.mjs';
import { startDaemon } from './lib/daemon.mjs';
import { demonstrate } from './lib/demo.mjs';
import { Guest, prepareGuest, shellGuest } from './lib/guest.mjs';
import { guestPrograms } from './lib/guest-tools.mjs';
import { headline, say } from './lib/log.mjs';
import { main } from './lib/main.mjs';
import { root } from './lib/root.mjs';
import { describeEnding, supervise, within } from './lib/supervise.mjs';
import { bring } from './lib/system-packages.mjs';
import { keepTerminal } from './lib/terminal.mjs';
import { checkNode, installWorkspace, nativeToolchain, toolEnvironment, turbo } from './lib/toolchain.mjs';

main(async (args) => {
  const chosen = chosenFolder(args);
  checkNode();
  await bring(nativeToolchain(), guestPrograms());
  const env = await toolEnvironment();
  await installWorkspace(env);
  headline('build');
  await turbo(['build', '--output-logs=errors-only'], env);

  headline('guest');
  const image = await prepareGuest();
  const work = temporaryFolder();
  const folder = chosen ?? sampleShare(join(work.path, 'share'));
  const socket = join(work.path, 'virtiofsd.sock');
  const daemon = await startDaemon(folder, socket);
  say(`the daemon shares ${folder}`);
  const interactive = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  const status = interactive
    ? await shell(image, socket, chosen === null)
    : await show(image, socket, daemon, folder);

  const ending = await within(
    daemon.ended,
    30,
    () => `the daemon still runs, without a guest:\n${daemon.text()}`,
  );
  if (ending.status !== 0) throw new Error(`the daemon ${describeEnding(ending)}:\n${daemon.text()}`);
  return status;
});

/**
 * The folder named on the command line, or null.
 * @param {string[]} args
 */
function chosenFolder(args) {
  const [name, ...more] = args;
  if (more.length > 0 || name?.startsWith('-')) throw new Error('usage: npm start [-- DIR]');
  if (name === undefined) return null;
  // npm changes to the folder of package.json, and says where it came from.
  const folder = resolve(process.env['INIT_CWD'] ?? '.', name);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${folder} is not a folder`);
  return folder;
}

/**
 * A copy of the sample, which the guest may change.
 * @param {string} folder
 */
function sampleShare(folder) {
  mkdirSync(folder);
  cpSync(join(root, 'scripts/sample-share'), folder, { recursive: true, verbatimSymlinks: true });
  return folder;
}

/**
 * Gives the terminal to the guest until it ends.
 * @param {import('./lib/guest.mjs').GuestImage} image
 * @param {string} socket
 * @param {boolean} isCopy
 */
async function shell(image, socket, isCopy) {
  if (isCopy) say('this is a copy of scripts/sample-share, and goes when the guest does');
  say(`booting a guest (${image.accelerator})`);
  const restore = keepTerminal();
  const { rows, columns } = process.stdout;
  const [command, args] = shellGuest(image, socket, { rows, columns, term: process.env['TERM'] });
  const machine = supervise(command, args, { stdio: 'inherit' });
  const ending = await machine.ended;
  restore();
  return ending.status ?? 1;
}

/**
 * Shows without a terminal that the share works.
 * @param {import('./lib/guest.mjs').GuestImage} image
 * @param {string} socket
 * @param {import('./lib/supervise.mjs').Supervised} daemon
 * @param {string} folder
 */
async function show(image, socket, daemon, folder) {
  say(`booting a guest (${image.accelerator})`);
  const guest = await Guest.boot(image, socket, { daemon });
  await demonstrate(guest, folder);
  await guest.powerOff();
  say('the guest is off');
  return 0;
}
