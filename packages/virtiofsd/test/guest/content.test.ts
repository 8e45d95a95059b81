import { closeSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sha256OfFile, writeNoise } from './data.js';
import { shareForThisFile } from './share.js';

const share = shareForThisFile();
const MiB = 1 << 20;

test('a file of 256 MiB is read as it is', async () => {
  const place = share().place();
  const sum = writeNoise(place.path('large'), 256 * MiB, 'read');
  expect(await place.sh('sha256sum large')).toBe(`${sum}  large`);
});

test('a file of 64 MiB is written as it is', async () => {
  const place = share().place();
  // Noise made in the guest, of which it computes the sum before the host sees any of it.
  await place.sh('dd if=/dev/urandom of=/tmp/noise bs=1M count=64 2>/dev/null');
  const sum = (await place.sh('sha256sum </tmp/noise')).split(' ')[0];
  await place.sh('cp /tmp/noise large; rm /tmp/noise');
  expect(statSync(place.path('large')).size).toBe(64 * MiB);
  expect(sha256OfFile(place.path('large'))).toBe(sum);
});

test('pieces of odd length at odd places fit together', async () => {
  const place = share().place();
  const sum = writeNoise(place.path('noise'), 1_000_003, 'odd');
  await place.sh('dd if=noise of=copy bs=777 2>/dev/null');
  expect(sha256OfFile(place.path('copy'))).toBe(sum);
  await place.sh('dd if=noise of=pieces bs=4099 count=100 2>/dev/null');
  await place.sh('dd if=noise of=pieces bs=4099 skip=100 seek=100 conv=notrunc 2>/dev/null');
  expect(sha256OfFile(place.path('pieces'))).toBe(sum);
});

test('what is appended comes after what is there', async () => {
  const place = share().place();
  place.write('log', 'from the host\n');
  await place.sh('echo one >>log; echo two >>log');
  expect(place.read('log')).toBe('from the host\none\ntwo\n');
});

test('a file is truncated: to less, to nothing, and to more', async () => {
  const place = share().place();
  place.write('file', '0123456789');
  await place.sh('truncate -s 4 file');
  expect(place.read('file')).toBe('0123');
  await place.sh('truncate -s 8 file');
  expect(place.read('file')).toBe('0123\0\0\0\0');
  expect(await place.sh('xxd -p file')).toBe('3031323300000000');
  await place.sh('echo new >file');
  expect(place.read('file')).toBe('new\n');
  await place.sh(': >file');
  expect(statSync(place.path('file')).size).toBe(0);
});

test('a sparse file made in the guest is sparse on the host', async () => {
  const place = share().place();
  await place.sh('truncate -s 1G file; printf end | dd of=file bs=1 seek=500000000 conv=notrunc 2>/dev/null');
  const { size, blocks } = statSync(place.path('file'));
  expect(size).toBe(1 << 30);
  expect(blocks * 512).toBeLessThan(MiB);
  expect(
    await place.sh(
      '[ "$(du -k file | cut -f 1)" -lt 1024 ]; dd if=file bs=1 skip=500000000 count=3 2>/dev/null',
    ),
  ).toBe('end');
});

test('the guest finds the holes of a file of the host', async () => {
  const place = share().place();
  const fd = openSync(place.path('file'), 'w');
  const data = Buffer.alloc(MiB, 'data');
  writeSync(fd, data, 0, MiB, 2 * MiB);
  writeSync(fd, data, 0, MiB, 10 * MiB);
  ftruncateSync(fd, 20 * MiB);
  closeSync(fd);
  expect(await place.sh('probe extents file')).toBe(`${2 * MiB}-${3 * MiB}\n${10 * MiB}-${11 * MiB}`);
});

test('space is allocated, with and without a new size, and given back', async () => {
  const place = share().place();
  await place.sh(`: >file; probe fallocate file 0 0 ${4 * MiB}`);
  expect(statSync(place.path('file'))).toMatchObject({ size: 4 * MiB });
  expect(statSync(place.path('file')).blocks * 512).toBeGreaterThanOrEqual(4 * MiB);
  await place.sh(`probe fallocate file 1 ${4 * MiB} ${4 * MiB}`);
  expect(statSync(place.path('file')).size).toBe(4 * MiB);
  expect(await place.sh('stat -c %s file')).toBe(`${4 * MiB}`);
  place.write('full', Buffer.alloc(4 * MiB, 'x'));
  await place.sh(`probe fallocate full 3 ${MiB} ${2 * MiB}`);
  expect(statSync(place.path('full')).blocks * 512).toBeLessThan(3 * MiB);
  const content = readFileSync(place.path('full'));
  expect(content.subarray(MiB, 3 * MiB).every((byte) => byte === 0)).toBe(true);
  expect(content[MiB - 1]).toBe(0x78);
  expect(content[3 * MiB]).toBe(0x78);
  expect(await place.sh(`dd if=full bs=1 skip=${MiB - 1} count=2 2>/dev/null | xxd -p`)).toBe('7800');
});

test('offsets beyond 4 GiB and beyond 8 TiB are exact', async () => {
  const place = share().place();
  const offsets = [2n ** 32n - 1n, 2n ** 32n + 100n, 2n ** 43n + 12345n];
  for (const [index, offset] of offsets.entries()) {
    await place.sh(`printf 'at ${index}' | dd of=file bs=1 seek=${offset} conv=notrunc 2>/dev/null`);
  }
  expect(statSync(place.path('file'), { bigint: true }).size).toBe(2n ** 43n + 12345n + 4n);
  for (const [index, offset] of offsets.entries()) {
    expect(await place.sh(`dd if=file bs=1 skip=${offset} count=4 2>/dev/null`)).toBe(`at ${index}`);
  }
});

test('a file that is open lives on when its name is removed', async () => {
  const place = share().place();
  await place.sh('probe unlinked file');
  expect(
    await place.sh('echo text >kept; exec 3<>kept; rm kept; echo more >&3; cat /proc/self/fd/3; ls'),
  ).toBe('more\nfile');
});

test('a shared mapping and the file are one', async () => {
  const place = share().place();
  place.write('file', Buffer.alloc(100_000, '.'));
  await place.sh('probe mapped file 50000 mapped');
  expect(place.read('file').slice(49_998, 50_008)).toBe('..!apped..');
});

test('what was synced is on the host while the file is still open', async () => {
  const place = share().place();
  const script = place.sh('probe synced file ready go');
  await expect
    .poll(() => statSync(place.path('ready'), { throwIfNoEntry: false })?.isFile(), { timeout: 60_000 })
    .toBe(true);
  expect(place.read('file')).toBe('safe\n');
  place.write('go', '');
  await script;
});

test('a program may go past the cache of the guest (O_DIRECT)', async () => {
  const place = share().place();
  await place.sh('probe direct file');
  const content = readFileSync(place.path('file'));
  expect(content.length).toBe(4096 + 65536);
  expect(content.subarray(0, 4096).every((byte) => byte === 0)).toBe(true);
  expect(content.subarray(4096).every((byte) => byte === 0x64)).toBe(true);
});

test('what one process of the guest has locked, another cannot lock', async () => {
  const place = share().place();
  await place.sh('probe locks file');
});

test('900 files are open at once', async () => {
  const place = share().place();
  await place.sh('probe open-many . 900');
  expect(place.read('file-899')).toBe('899');
});

test('a program is run from the share', async () => {
  const place = share().place();
  await place.sh('cp /bin/probe ./program; chmod 755 program');
  expect(await place.sh('./program exclusive made-by-it; ls')).toBe('made-by-it\nprogram');
  place.write('script', '#!/bin/sh\necho ran as $0\n');
  expect(await place.sh('chmod +x script; ./script')).toBe('ran as ./script');
});
