import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { Share } from './share.js';

/** A share for one test, which may end parts of it. */
async function startShare(): Promise<Share> {
  const share = await Share.start();
  onTestFinished(() => share.stop());
  return share;
}

test('a share is unmounted and mounted again, with all that is in it', async () => {
  const share = await startShare();
  const place = share.place();
  await place.sh('echo kept >file; mkdir folder');
  for (let i = 0; i < 3; i += 1) {
    await share.guest.check('umount /mnt; [ -z "$(ls /mnt)" ]; mount -t virtiofs share /mnt');
    expect(await place.sh('cat file; ls; echo more >>folder/log')).toBe('kept\nfile\nfolder');
  }
  expect(place.read('folder/log')).toBe('more\nmore\nmore\n');
});

test('the driver is unloaded and loaded again, and the share is there as before', async () => {
  const share = await startShare();
  const place = share.place();
  await place.sh('echo kept >file');
  for (let i = 0; i < 2; i += 1) {
    await share.guest.check(
      'umount /mnt; rmmod virtiofs; insmod /modules/virtiofs.ko; mount -t virtiofs share /mnt',
    );
    expect(await place.sh(`cat file; echo ${i} >new-${i}; ls | wc -l`)).toBe(`kept\n${i + 2}`);
  }
});

test('the daemon ends with status 0 and removes its socket when the guest is switched off', async () => {
  const share = await startShare();
  const place = share.place();
  await place.sh('echo last >file');
  await share.guest.powerOff();
  expect(await share.daemon.ended).toEqual({ status: 0, signal: null });
  expect(place.read('file')).toBe('last\n');
  expect(existsSync(share.socket)).toBe(false);
});

test('the daemon ends likewise when the machine is gone in the midst of work', async () => {
  const share = await startShare();
  const place = share.place();
  const work = place.sh('while true; do dd if=/dev/zero of=file bs=1M count=4 2>/dev/null; rm file; done');
  await expect.poll(() => existsSync(place.path('file')), { timeout: 60_000, interval: 1 }).toBe(true);
  await Promise.all([share.guest.kill(), expect(work).rejects.toThrow('QEMU was ended by SIGKILL')]);
  expect(await share.daemon.ended).toEqual({ status: 0, signal: null });
  expect(existsSync(share.socket)).toBe(false);
});
