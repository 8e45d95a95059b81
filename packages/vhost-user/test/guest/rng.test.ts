import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../scripts/lib/cleanup.mjs';
import { Guest, type GuestImage, prepareGuest } from '../../../../scripts/lib/guest.mjs';
import { type Supervised, supervise } from '../../../../scripts/lib/supervise.mjs';
import { until } from '../support.js';

const example = join(import.meta.dirname, '../../examples/rng.mjs');
const SECONDS = 120;

let image: GuestImage;
beforeAll(async () => {
  image = await prepareGuest({}, ['virtio_rng']);
});

describe.each(['off', 'on'])('the entropy device of the examples in a guest, packed=%s', (packed) => {
  const folder = temporaryFolder();
  const socket = join(folder.path, 'rng.sock');
  let device: Supervised;
  let guest: Guest;

  beforeAll(async () => {
    device = supervise(process.execPath, [example, socket]);
    await until(() => existsSync(socket), 30_000);
    guest = await Guest.boot(image, null, {
      daemon: device,
      devices: [
        ...['-chardev', `socket,id=rng,path=${socket}`],
        ...['-device', `vhost-user-rng-pci,chardev=rng,packed=${packed}`],
      ],
    });
  });
  afterAll(async () => {
    await guest?.kill();
    device.kill('SIGKILL');
    await device.ended;
    folder.remove();
  });

  /** What the guest has read from it. */
  const read = async (bytes: number, options = ''): Promise<Buffer> => {
    const text = await guest.check(
      `dd if=/dev/hwrng ${options} count=${bytes} iflag=fullblock,count_bytes 2>/dev/null | base64 -w 0`,
      { timeout: SECONDS },
    );
    return Buffer.from(text, 'base64');
  };

  it('is what the guest takes its randomness from', async () => {
    const name = await guest.check('cat /sys/class/misc/hw_random/rng_current');
    expect(name).toMatch(/^virtio_rng\.\d+$/m);
    expect(device.text()).toMatch(
      packed === 'on' ? /negotiated .*RING_PACKED/ : /negotiated (?!.*RING_PACKED)/,
    );
  });

  it('fills reads of any size with bytes that differ', async () => {
    for (const size of [1, 7, 64, 4096, 100_000]) expect(await read(size)).toHaveLength(size);
    const first = await read(64);
    expect(Buffer.compare(first, await read(64))).not.toBe(0);
  });

  it('gives bytes that are distributed evenly', async () => {
    const size = 2 ** 18;
    const counts = new Array<number>(256).fill(0);
    for (const byte of await read(size, 'bs=65536')) counts[byte]!++;
    const expected = size / 256;
    // Chi-squared with 255 degrees of freedom: above 400 or below 150 happens once in many millions.
    const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi).toBeGreaterThan(150);
    expect(chi).toBeLessThan(400);
  });

  it('is there again after the driver was unloaded and loaded', async () => {
    for (let i = 0; i < 3; i++) {
      await guest.check('rmmod virtio_rng; insmod /modules/virtio_rng.ko', { timeout: SECONDS });
      expect(await read(5000)).toHaveLength(5000);
    }
    expect(device.text()).not.toMatch(/stopped|connection ended/);
  });

  it('is stopped in order when the guest switches itself off', async () => {
    await guest.powerOff();
    await until(() => device.text().includes('front-end disconnected'), 10_000);
    device.kill('SIGTERM');
    expect(await device.ended).toEqual({ status: 0, signal: null });
    expect(existsSync(socket)).toBe(false);
  });
});
