// @ts-check
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const MIB = 2 ** 20;
/** Files in `tree`. */
const TREE = 2000;

/**
 * Fills a folder with what the workloads use; what is there already is kept.
 * @param {string} folder
 */
export function fillShare(folder) {
  mkdirSync(join(folder, 'tree'), { recursive: true });
  fill(join(folder, 'big'), 256);
  fill(join(folder, 'out'), 256);
  writeFileSync(join(folder, 'file'), 'hello\n');
  for (let i = 1; i <= TREE; i++) writeFileSync(join(folder, `tree/f${i}`), `${i}`);
}

/**
 * A file of data that is on the disk.
 * @param {string} path
 * @param {number} mebibytes
 */
export function fill(path, mebibytes) {
  if (existsSync(path) && statSync(path).size === mebibytes * MIB) return;
  const file = openSync(path, 'w');
  try {
    const block = Buffer.alloc(MIB);
    for (let i = 0; i < MIB; i += 8) block.writeDoubleLE(i, i);
    for (let i = 0; i < mebibytes; i++) writeSync(file, block);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
