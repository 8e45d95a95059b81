import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

const CHUNK = 1 << 20;

/** Writes a file of bytes that do not repeat, the same for the same seed, and returns their sha256. */
export function writeNoise(path: string, length: number, seed: string): string {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const hash = createHash('sha256');
  const zeros = Buffer.alloc(CHUNK);
  const fd = openSync(path, 'w');
  for (let left = length; left > 0; left -= CHUNK) {
    const chunk = cipher.update(zeros.subarray(0, Math.min(CHUNK, left)));
    hash.update(chunk);
    writeSync(fd, chunk);
  }
  closeSync(fd);
  return hash.digest('hex');
}

export function sha256OfFile(path: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK);
  const fd = openSync(path, 'r');
  for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk)) {
    hash.update(chunk.subarray(0, length));
  }
  closeSync(fd);
  return hash.digest('hex');
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
