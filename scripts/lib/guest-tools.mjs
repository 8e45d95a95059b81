// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { findKernel } from './kernel.mjs';
import { which } from './run.mjs';
import { bring, MissingError } from './system-packages.mjs';

/**
 * What a guest is made of.
 * @typedef {object} GuestTools
 * @property {string} qemu path of qemu-system-x86_64
 * @property {string} busybox path of a busybox that needs no libraries
 * @property {import('./kernel.mjs').Kernel} kernel
 */

const QEMU = 'qemu-system-x86_64';

/**
 * What is missing of the programs that boot a guest and run in it.
 * @returns {import('./system-packages.mjs').Need}
 */
export function guestPrograms() {
  const packages = [];
  if (which(QEMU) === null) packages.push('qemu-system-x86');
  if (staticBusybox() === null) packages.push('busybox-static');
  return { packages, reason: 'to boot a guest' };
}

/**
 * Finds what a guest is made of, and installs what is missing where that can be done.
 * @returns {Promise<GuestTools>}
 */
export async function ensureGuestTools() {
  if (process.arch !== 'x64')
    throw new MissingError(`the guest is made for x86-64 machines only (here: ${process.arch})`);
  await bring(guestPrograms());
  const qemu = which(QEMU);
  const busybox = staticBusybox();
  if (qemu === null || busybox === null) {
    throw new MissingError(`${qemu === null ? QEMU : 'a static busybox'} is not on PATH`);
  }
  return { qemu, busybox, kernel: await findKernel() };
}

function staticBusybox() {
  return (
    [which('busybox'), which('busybox.static'), '/usr/lib/busybox/busybox-static'].find(isStatic) ?? null
  );
}

/**
 * Whether a file is a 64-bit ELF program that asks for no dynamic loader.
 * @param {string | null} path
 * @returns {path is string}
 */
export function isStatic(path) {
  if (path === null || !existsSync(path)) return false;
  const elf = readFileSync(path);
  if (elf.length < 64 || elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2) return false;
  const PT_INTERP = 3;
  const table = Number(elf.readBigUInt64LE(32));
  const size = elf.readUInt16LE(54);
  const count = elf.readUInt16LE(56);
  for (let i = 0; i < count; i += 1) {
    if (elf.readUInt32LE(table + i * size) === PT_INTERP) return false;
  }
  return true;
}
