import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { O_RDWR } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../support/daemon.js';
import { migratable } from '../support/migration.js';

describe('two daemons on one folder', () => {
  it.each(['find-paths', 'file-handles'])('hand a guest over, by their command lines (%s)', async (mode) => {
    const options = ['--migration-mode', mode, '--sandbox=none'];
    const source = await startDaemon(...options);
    mkdirSync(join(source.directory, 'dir'));
    writeFileSync(join(source.directory, 'dir/file'), 'content');
    const from = await migratable(source.socket);
    await from.start();
    await from.client.init();
    const file = await from.client.walk('dir', 'file');
    const { fh } = await from.client.open(file, O_RDWR);
    const state = await from.save();

    const destination = await startDaemon(...options, '--shared-dir', source.directory);
    const to = await migratable(destination.socket);
    expect(await to.load(state)).toBe(true);
    expect(String(await to.client.read(file, fh, 0, 100))).toBe('content');
    await to.client.write(file, fh, 7, ', more');
    expect(String(await to.client.read(file, fh, 0, 100))).toBe('content, more');
    from.frontend.close();
    to.frontend.close();
    expect([(await source.daemon.ended).status, (await destination.daemon.ended).status]).toEqual([0, 0]);
  });

  it('leave a guest where it is when the destination refuses, and say why', async () => {
    const { socket, daemon } = await startDaemon('--sandbox=none');
    const to = await migratable(socket);
    expect(await to.load(Uint8Array.of(9, 9, 9))).toBe(false);
    await daemon.logged('the device state is of the unknown version 10');
    await to.start();
    await to.client.init();
    to.frontend.close();
  });
});
