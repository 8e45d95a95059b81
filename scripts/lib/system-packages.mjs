// @ts-check
import { readFileSync } from 'node:fs';
import { say } from './log.mjs';
import { output, run, which } from './run.mjs';

/** Thrown when something is missing that only a person can bring. */
export class MissingError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'MissingError';
  }
}

/**
 * Whether this is Debian itself: a derivative has apt too, but other packages.
 * @param {string} [osRelease] the text of /etc/os-release
 */
export function isDebian(osRelease = readText('/etc/os-release')) {
  return /^ID="?debian"?$/m.test(osRelease) && which('apt-get') !== null;
}

/**
 * Debian packages that are missing, and what they are needed for.
 * @typedef {{ packages: readonly string[], reason: string }} Need
 */

/**
 * Installs what is missing, all of it together: where only a person can do that, it is asked for once.
 * @param {...Need} needs
 */
export async function bring(...needs) {
  const missing = needs.filter(({ packages }) => packages.length > 0);
  if (missing.length === 0) return;
  await installPackages(
    missing.flatMap(({ packages }) => packages),
    missing.map(({ reason }) => reason).join(' and '),
  );
}

/**
 * Installs Debian packages, as root or through a sudo that asks nothing. Package lists are brought up to date only when
 * they do not have the packages (a fresh system has none), or the installation fails without that.
 * @param {readonly string[]} packages
 * @param {string} reason what they are needed for
 */
export async function installPackages(packages, reason) {
  const prefix = privilege();
  const byHand = `apt-get update && apt-get install --no-install-recommends ${packages.join(' ')}`;
  if (which('apt-get') === null) {
    throw new MissingError(
      `${reason}: this is no Debian system, so please install what is known there as: ${packages.join(' ')}`,
    );
  }
  if (prefix === null) {
    throw new MissingError(`${reason}: please run as root: ${byHand}`);
  }
  const install = () => apt(prefix, ['install', '-y', '--no-install-recommends', ...packages]);
  say(`installing ${packages.join(', ')} (${reason})`);
  if (areListed(packages)) {
    try {
      return await install();
    } catch {
      // With lists that are too old, for instance.
    }
  }
  await updateLists(prefix);
  try {
    await install();
  } catch (error) {
    const cause = error instanceof Error ? error.message : error;
    throw new MissingError(`${reason}: ${cause}; please run as root: ${byHand}`);
  }
}

/**
 * Whether the package lists have all these. Else apt-get would say so in a way that is taken for a failure.
 * @param {readonly string[]} packages
 */
function areListed(packages) {
  const candidates = output('apt-cache', ['policy', ...packages])?.match(/^ +Candidate: (?!\(none\))/gm);
  return candidates?.length === packages.length;
}

/**
 * Downloads a Debian package into a folder, without installing it.
 * @param {string} name
 * @param {string} folder
 */
export async function downloadPackage(name, folder) {
  // As root apt would change to a user of its own, who cannot write there.
  const args = ['-o', 'APT::Sandbox::User=root', 'download', name];
  const download = () => run('apt-get', args, { cwd: folder, timeout: 600 });
  try {
    await download();
  } catch (error) {
    const prefix = privilege();
    if (prefix === null) throw error;
    await updateLists(prefix);
    await download();
  }
}

/**
 * The package that a meta package stands for: the first of its dependencies whose name begins so.
 * @param {string} meta
 * @param {string} beginning
 */
export async function dependencyOf(meta, beginning) {
  const look = () =>
    output('apt-cache', ['depends', '--important', meta])
      ?.split('\n')
      .map((line) => /^\s*Depends: (\S+)$/.exec(line)?.[1])
      .find((name) => name?.startsWith(beginning));
  const found = look();
  if (found !== undefined) return found;
  const prefix = privilege();
  if (prefix === null) throw new MissingError(`apt knows no ${meta}; please run as root: apt-get update`);
  await updateLists(prefix);
  const second = look();
  if (second === undefined) throw new MissingError(`apt knows no ${meta}, even with new package lists`);
  return second;
}

/**
 * What to put before a command that needs root: nothing, or sudo; null when there is no way.
 * @returns {string[] | null}
 */
function privilege() {
  if (process.getuid?.() === 0) return [];
  return output('sudo', ['-n', 'true']) === null ? null : ['sudo', '-n'];
}

/** @param {readonly string[]} prefix */
async function updateLists(prefix) {
  say('bringing the package lists up to date');
  await apt(prefix, ['update']);
}

/**
 * @param {readonly string[]} prefix
 * @param {readonly string[]} args
 */
async function apt(prefix, args) {
  const [command = 'env', ...rest] = [
    ...prefix,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-qq',
    // Somebody else may be installing at this moment.
    '-o',
    'DPkg::Lock::Timeout=300',
    // No progress bars: this is read line by line.
    '-o',
    'Dpkg::Use-Pty=0',
    ...args,
  ];
  await run(command, rest, { title: `apt-get ${args.join(' ')}` });
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
