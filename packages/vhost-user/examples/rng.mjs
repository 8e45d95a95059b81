#!/usr/bin/env node
/**
 * An entropy device (virtio 5.4) in twenty lines: what the guest reads from it is the host's randomness.
 *
 *   node examples/rng.mjs /run/rng.sock
 *   qemu-system-x86_64 … -object memory-backend-memfd,id=mem,size=512M,share=on -machine memory-backend=mem \
 *     -chardev socket,id=rng,path=/run/rng.sock -device vhost-user-rng-pci,chardev=rng
 *
 * In the guest: `head -c 16 /dev/hwrng | xxd`.
 */
import { randomFillSync } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { Backend } from '@vfs/vhost-user';

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: rng.mjs SOCKET');
  process.exit(2);
}

/** A guest may offer buffers of any size; it gets this much at once. */
const entropy = new Uint8Array(4096);

const device = {
  queueCount: 1,
  features: 0n,
  handle(chain) {
    const length = Math.min(chain.writable.byteLength, entropy.length);
    chain.writable.copyIn(0, randomFillSync(entropy), 0, length);
    chain.complete(length);
  },
};

const log = { error: console.error, warn: console.error, info: console.error, debug() {} };
const backend = new Backend(device, { log });
backend.listen(path);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    backend.close();
    unlinkSync(path);
  });
}
