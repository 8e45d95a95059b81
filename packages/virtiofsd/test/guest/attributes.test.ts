import { chmodSync, chownSync, lstatSync, mkdirSync, statfsSync, statSync, utimesSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hostIsRoot, shareForThisFile } from './share.js';

const share = shareForThisFile();

/** A command line that runs another as the guest's user 1000. */
const asUser = (script: string) => `su user -c '${script}'`;

test('chmod in the guest is seen on the host, and the other way round', async () => {
  const place = share().place();
  await place.sh('touch file; chmod 4711 file; mkdir folder; chmod 1700 folder');
  expect(statSync(place.path('file')).mode & 0o7777).toBe(0o4711);
  expect(statSync(place.path('folder')).mode & 0o7777).toBe(0o1700);
  chmodSync(place.path('file'), 0o640);
  await place.sh('until [ "$(stat -c %a file)" = 640 ]; do usleep 50000; done');
});

test('chown in the guest is seen on the host where the daemon may do it, and refused where not', async () => {
  const place = share().place();
  await place.sh('touch file; ln -s file link');
  if (hostIsRoot) {
    await place.sh('chown 1234:5678 file; chown -h 12:34 link');
    expect(statSync(place.path('file'))).toMatchObject({ uid: 1234, gid: 5678 });
    expect(lstatSync(place.path('link'))).toMatchObject({ uid: 12, gid: 34 });
    chownSync(place.path('file'), 42, 43);
    await place.sh('until [ "$(stat -c %u:%g file)" = 42:43 ]; do usleep 50000; done');
  } else {
    await place.sh('refused chown 1234:5678 file');
    expect(statSync(place.path('file')).uid).toBe(process.getuid?.());
  }
});

test('times are kept to the nanosecond', async () => {
  const place = share().place();
  await place.sh(
    'touch file; probe times file 1234567890 123456788; ln -s file link; probe times link 987654321 5',
  );
  const file = lstatSync(place.path('file'), { bigint: true });
  expect([file.atimeNs, file.mtimeNs]).toEqual([1234567890123456788n, 1234567890123456789n]);
  expect(lstatSync(place.path('link'), { bigint: true }).mtimeNs).toBe(987654321000000006n);
});

test('times before 1970 and after 2106 are kept', async () => {
  const place = share().place();
  await place.sh('touch before after; probe times before -86400 0; probe times after 5000000000 0');
  expect(statSync(place.path('before'), { bigint: true }).atimeNs).toBe(-86_400_000_000_000n);
  expect(statSync(place.path('after')).atimeMs).toBe(5_000_000_000_000);
  expect(await place.sh('stat -c %X before after')).toBe('-86400\n5000000000');
});

test('a write moves the times of a file', async () => {
  const place = share().place();
  place.write('file', 'old');
  utimesSync(place.path('file'), 1000, 1000);
  await place.sh('echo more >>file');
  expect(statSync(place.path('file')).mtimeMs).toBeGreaterThan(1_000_000_000_000);
});

test('a user of the guest owns what it creates, under its umask', async () => {
  const place = share().place();
  const create = 'umask 027; echo mine >file; mkdir folder; ln -s file link; mkfifo pipe';
  if (hostIsRoot) {
    await place.sh(asUser(create));
    for (const name of ['file', 'folder', 'link', 'pipe']) {
      expect(lstatSync(place.path(name)), name).toMatchObject({ uid: 1000, gid: 1000 });
    }
  } else {
    // A daemon without privileges creates in its own name only.
    await place.sh(create);
    expect(statSync(place.path('file')).uid).toBe(process.getuid?.());
  }
  expect(statSync(place.path('file')).mode & 0o777).toBe(0o640);
  expect(statSync(place.path('folder')).mode & 0o777).toBe(0o750);
  expect(place.read('file')).toBe('mine\n');
});

test('a folder with the set-group-ID bit gives its group to what is created in it', async () => {
  const place = share().place();
  mkdirSync(place.path('team'));
  const gid = hostIsRoot ? 4321 : (process.getgid?.() ?? 0);
  chownSync(place.path('team'), process.getuid?.() ?? 0, gid);
  chmodSync(place.path('team'), 0o2777);
  await place.sh('touch team/file; mkdir team/folder');
  expect(statSync(place.path('team/file')).gid).toBe(gid);
  expect(statSync(place.path('team/folder')).gid).toBe(gid);
  expect(statSync(place.path('team/folder')).mode & 0o2000).toBe(0o2000);
});

test('permissions hold in the guest: what is private is not for others', async () => {
  const place = share().place();
  await place.sh('echo secret >file; chmod 600 file; mkdir folder; chmod 700 folder; touch folder/inner');
  await place.sh(asUser('! cat file 2>/dev/null && ! echo x 2>/dev/null >>file && ! ls folder 2>/dev/null'));
  await place.sh(`chmod 644 file; [ "$(${asUser('cat file')})" = secret ]`);
});

test('statfs says what the host says', async () => {
  const place = share().place();
  const onHost = () => statfsSync(place.host, { bigint: true });
  // Other programs use the same file system, so what is free may change between two looks at it.
  let agreed = false;
  for (let tries = 0; tries < 100 && !agreed; tries += 1) {
    const before = onHost();
    const [size, total, free, inodes] = (await place.sh("stat -f -c '%S %b %a %c' .")).split(' ').map(BigInt);
    const after = onHost();
    expect({ size, total, inodes }).toEqual({ size: after.bsize, total: after.blocks, inodes: after.files });
    agreed = free === before.bavail || free === after.bavail;
  }
  expect(agreed).toBe(true);
  expect(await place.sh("df . | awk 'NR == 2 { print $6 }'")).toBe('/mnt');
});
