import {
  chmodSync,
  chownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { AT_FDCWD, mknodat, S_IFCHR, S_IFIFO, S_IFSOCK } from '@vfs/sys';

/** A user of the guest who owns some of the tree, and one who owns nothing. */
export const ALICE = 1000;
export const BOB = 2000;

const CHANGED = 1_000_000_000;

/** Bytes in which every place is recognizable. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}

/** A tree with an entry of every kind, the same each time. */
export function makeTree(directory: string): void {
  const at = (name: string) => join(directory, name);
  const file = (name: string, mode: number, content: string | Uint8Array = name) => {
    writeFileSync(at(name), content);
    chmodSync(at(name), mode);
  };
  const folder = (name: string, mode: number) => {
    mkdirSync(at(name));
    chmodSync(at(name), mode);
  };
  chmodSync(directory, 0o755);
  file('file', 0o644, pattern(20_000));
  file('empty', 0o644, '');
  file('private', 0o600);
  file('setuid', 0o6755);
  file('alices', 0o640);
  chownSync(at('alices'), ALICE, ALICE);
  file('groups', 0o664);
  chownSync(at('groups'), 0, ALICE);
  folder('folder', 0o755);
  file('folder/inner', 0o644);
  folder('folder/deep', 0o755);
  folder('everybodys', 0o777);
  folder('sticky', 0o1777);
  folder('setgid', 0o2775);
  chownSync(at('setgid'), 0, ALICE);
  chmodSync(at('setgid'), 0o2775);
  folder('bare', 0o755);
  linkSync(at('file'), at('second'));
  symlinkSync('file', at('link'));
  symlinkSync('nowhere', at('dangling'));
  symlinkSync('/etc', at('outside'));
  symlinkSync('..', at('up'));
  mknodat(AT_FDCWD, at('fifo'), S_IFIFO | 0o644, 0);
  mknodat(AT_FDCWD, at('socket'), S_IFSOCK | 0o644, 0);
  mknodat(AT_FDCWD, at('device'), S_IFCHR | 0o644, 0x103);
  setTimes(directory);
}

/** Gives everything the same times, so that the ones that change are seen. */
export function setTimes(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) setTimes(path);
    lutimesSync(path, CHANGED, CHANGED);
  }
  if (statSync(directory).isDirectory()) lutimesSync(directory, CHANGED, CHANGED);
}
