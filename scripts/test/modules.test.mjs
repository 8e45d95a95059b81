// @ts-check
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadModules } from '../lib/modules.mjs';

const MODULE = 'ELF...\0license=GPL\0depends=\0retpoline=Y\0';
const XZ_MODULE =
  '/Td6WFoAAAFpIt42AgAhARYAAAB0L+WjAQAnRUxGLi4uAGxpY2Vuc2U9R1BMAGRlcGVuZHM9AHJldHBvbGluZT1ZAAC9oitvAAE8KC5kwGaQQpkNAQAAAAABWVo=';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vfs-modules-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/**
 * @param {string} path
 * @param {string} depends
 * @param {(data: Buffer) => Buffer} [pack]
 */
function writeModule(path, depends, pack = (data) => data) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, pack(Buffer.from(`ELF...\0license=GPL\0depends=${depends}\0retpoline=Y\0`)));
}

test('what a module needs comes before it, and each module once', () => {
  writeModule('kernel/drivers/virtio/virtio_ring.ko', '');
  writeModule('kernel/drivers/virtio/virtio.ko', 'virtio_ring');
  writeModule('kernel/fs/fuse/fuse.ko', '');
  writeModule('kernel/fs/fuse/virtiofs.ko', 'fuse,virtio,virtio_ring');
  writeModule('kernel/drivers/virtio/virtio_pci.ko', 'virtio,virtio_ring');
  const names = loadModules(folder, ['virtiofs', 'virtio_pci']).map(({ name }) => name);
  expect(names).toEqual(['fuse', 'virtio_ring', 'virtio', 'virtiofs', 'virtio_pci']);
});

test('a module that is built into the kernel is left out', () => {
  writeFileSync(join(folder, 'modules.builtin'), 'kernel/drivers/virtio/virtio.ko\n');
  writeModule('kernel/fs/fuse/virtiofs.ko', 'virtio');
  expect(loadModules(folder, ['virtiofs', 'virtio']).map(({ name }) => name)).toEqual(['virtiofs']);
});

test('a packed module is unpacked before the guest gets it', () => {
  writeModule('kernel/fs/fuse/virtiofs.ko.gz', 'a-b', gzipSync);
  // The same text, packed by xz: Node cannot do that.
  writeModule('kernel/a-b.ko.xz', '', () => Buffer.from(XZ_MODULE, 'base64'));
  const [first, second] = loadModules(folder, ['virtiofs']);
  expect(first?.name).toBe('a_b');
  expect(first?.data.toString()).toBe(MODULE);
  expect(second?.data.subarray(0, 3).toString()).toBe('ELF');
});

test('a kernel without the module is refused by name', () => {
  expect(() => loadModules(folder, ['virtiofs'])).toThrow('has no module virtiofs');
});
