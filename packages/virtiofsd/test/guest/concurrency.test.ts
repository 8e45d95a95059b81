import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sha256OfFile, writeNoise } from './data.js';
import { shareForThisFile } from './share.js';

/** Two processors, so that requests are made while others are being made. */
const share = shareForThisFile(2);
const MiB = 1 << 20;

test('two processes write two files at once', async () => {
  const place = share().place();
  const first = writeNoise(place.path('a'), 16 * MiB, 'first');
  const second = writeNoise(place.path('b'), 16 * MiB, 'second');
  await place.sh('cp a a2 & cp b b2 & wait');
  expect([sha256OfFile(place.path('a2')), sha256OfFile(place.path('b2'))]).toEqual([first, second]);
});

test('two processes write one file at once, each its half', async () => {
  const place = share().place();
  const sum = writeNoise(place.path('whole'), 16 * MiB, 'halves');
  await place.sh(
    'dd if=whole of=copy bs=64k count=128 conv=notrunc 2>/dev/null & ' +
      'dd if=whole of=copy bs=64k skip=128 seek=128 conv=notrunc 2>/dev/null & wait',
  );
  expect(sha256OfFile(place.path('copy'))).toBe(sum);
});

test('two processes append to one file at once, and no line is lost or torn', async () => {
  const place = share().place();
  await place.sh('probe append log a 500 & probe append log b 500 & wait');
  const lines = place.read('log').split('\n');
  expect(lines.filter((line) => line === 'a'.repeat(99))).toHaveLength(500);
  expect(lines.filter((line) => line === 'b'.repeat(99))).toHaveLength(500);
  expect(lines).toHaveLength(1001);
});

test('of eight processes that create one file exclusively, one does', async () => {
  const place = share().place();
  const racers =
    'for i in 1 2 3 4 5 6 7 8; do probe exclusive raced >/dev/null && echo won >>/tmp/won & done; wait';
  for (let round = 0; round < 5; round += 1) {
    expect(await place.sh(`rm -f /tmp/won raced; ${racers}; cat /tmp/won`)).toBe('won');
  }
});

test('two processes create, rename and remove files at once', async () => {
  const place = share().place();
  const work = (name: string) =>
    `mkdir ${name}; for round in 1 2; do for kind in create rename unlink; do probe many $kind ${name} 100; done; done`;
  await place.sh(`(${work('a')}) & (${work('b')}) & wait; rmdir a b`);
  expect(readdirSync(place.host)).toEqual([]);
});
