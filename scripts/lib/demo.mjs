// @ts-check
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { say } from './log.mjs';

/** No larger file is taken to compare checksums: it is emulation that computes the guest's. */
const LARGEST = 256 * 1024 * 1024;

/**
 * Shows that a share works: lists it from inside the guest, compares the checksum of a file, and writes a file there that
 * appears here. What it wrote is removed again.
 * @param {import('./guest.mjs').Guest} guest
 * @param {string} folder the shared folder
 */
export async function demonstrate(guest, folder) {
  print('guest$ ls -l /mnt', await guest.check('ls -l /mnt'));

  const file = someFile(folder);
  if (file === null) say('there is no plain file in the folder whose checksum could be compared');
  else {
    const inGuest = await guest.check(`cd /mnt; sha256sum -- ${quote(file)}`, { timeout: 300 });
    const onHost = `${sha256(join(folder, file))}  ${file}\n`;
    print(`guest$ sha256sum ${file}`, inGuest);
    print(`host$  sha256sum ${file}`, onHost);
    if (inGuest !== onHost) throw new Error('the checksums differ');
  }

  const name = `written-by-the-guest-${process.pid}.txt`;
  const text = `Hello from Linux ${(await guest.check('uname -r')).trim()} in the guest.\n`;
  try {
    await guest.check(`set -C; printf %s ${quote(text)} >/mnt/${name}`);
    const seen = readFileSync(join(folder, name), 'utf8');
    print(`host$  cat ${name}`, seen);
    if (seen !== text) throw new Error('the file on the host is not what the guest wrote');
    await guest.check(`rm /mnt/${name}`);
  } finally {
    rmSync(join(folder, name), { force: true });
  }
  say('the guest and the host see the same files');
}

/**
 * The first plain file of a folder that can be read and is not too large.
 * @param {string} folder
 */
function someFile(folder) {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();
  return (
    names.find((name) => statSync(join(folder, name)).size <= LARGEST && isReadable(join(folder, name))) ??
    null
  );
}

/** @param {string} path */
function isReadable(path) {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch {
    return false;
  }
}

/** @param {string} path */
function sha256(path) {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(1 << 20);
  const file = openSync(path, 'r');
  for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
    hash.update(chunk.subarray(0, length));
  }
  closeSync(file);
  return hash.digest('hex');
}

/**
 * A word for the shell, whatever is in it.
 * @param {string} word
 */
function quote(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * @param {string} command
 * @param {string} text
 */
function print(command, text) {
  say(command);
  for (const line of text.trimEnd().split('\n')) say(`  ${line}`);
}
