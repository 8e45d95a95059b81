// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cpio, S_IFCHR, S_IFDIR, S_IFLNK, S_IFREG } from './cpio.mjs';
import { loadModules } from './modules.mjs';
import { root } from './root.mjs';

/** The modules that a guest needs to mount a share; what these need comes with them. */
const MODULES = ['virtiofs', 'virtio_pci'];

/**
 * Makes the guest's first (and only) root file system: busybox, the kernel modules, and our /init.
 * @param {import('./guest-tools.mjs').GuestTools} tools
 * @param {Readonly<Record<string, Uint8Array>>} [programs] more programs for /bin, by name
 * @param {readonly string[]} [moreModules] to insert besides those for a share
 * @returns {Buffer}
 */
export function initramfs({ busybox, kernel }, programs = {}, moreModules = []) {
  const modules = loadModules(kernel.modules, [...MODULES, ...moreModules]);
  const text = (/** @type {string} */ content) => Buffer.from(content);
  const folders = ['bin', 'dev', 'etc', 'mnt', 'modules', 'proc', 'root', 'sys', 'tmp'];
  const archive = cpio([
    ...folders.map((name) => ({ name, mode: S_IFDIR | (name === 'tmp' ? 0o1777 : 0o755) })),
    // The kernel opens the console before /init runs.
    { name: 'dev/console', mode: S_IFCHR | 0o600, device: /** @type {const} */ ([5, 1]) },
    { name: 'init', mode: S_IFREG | 0o755, data: readFileSync(join(root, 'scripts/guest/init.sh')) },
    { name: 'bin/busybox', mode: S_IFREG | 0o755, data: readFileSync(busybox) },
    { name: 'bin/sh', mode: S_IFLNK | 0o777, data: text('busybox') },
    ...Object.entries(programs).map(([name, data]) => ({ name: `bin/${name}`, mode: S_IFREG | 0o755, data })),
    {
      name: 'etc/passwd',
      mode: S_IFREG | 0o644,
      data: text('root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n'),
    },
    { name: 'etc/group', mode: S_IFREG | 0o644, data: text('root:x:0:\nuser:x:1000:\n') },
    ...modules.map(({ name, data }) => ({ name: `modules/${name}.ko`, mode: S_IFREG | 0o644, data })),
    {
      name: 'modules/order',
      mode: S_IFREG | 0o644,
      data: text(modules.map(({ name }) => `${name}\n`).join('')),
    },
  ]);
  return gzipSync(archive, { level: 1 });
}
