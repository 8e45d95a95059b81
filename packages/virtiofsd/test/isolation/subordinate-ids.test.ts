import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readThreads } from '@vfs/sys';
import { describe, expect, test } from 'vitest';
import { clientOf, connect, run } from '../support/daemon.js';
import { temporaryDirectory } from '../support/fixture.js';
import { command, places, startServed } from './support.js';

const FIRST = 100_000;
const COUNT = 1000;
const MAPS = [`--uid-map=:0:${FIRST}:${COUNT}:`, `--gid-map=:0:${FIRST}:${COUNT}:`];

/** The command as `nobody`, where /etc/subuid and /etc/subgid say this: in a mount namespace of its own. */
function withGrants(grants: string): readonly string[] {
  const file = join(temporaryDirectory(), 'grants');
  writeFileSync(file, grants);
  chownSync(file, 0, 0);
  const script = 'mount --bind "$0" /etc/subuid && mount --bind "$0" /etc/subgid && exec "$@"';
  return ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', script, file, ...command('nobody')!];
}

// Only root can grant ids.
describe.runIf(process.getuid!() === 0)('a plain user with subordinate ids', () => {
  test('has files of all users that newuidmap and newgidmap allow, and no others', async () => {
    const { directory, worker, socket } = await startServed(withGrants(`nobody:${FIRST}:${COUNT}\n`), MAPS);
    for (const map of ['uid_map', 'gid_map']) {
      const line = readFileSync(`/proc/${worker}/${map}`, 'utf8').trim().split(/\s+/).map(Number);
      expect(line).toEqual([0, FIRST, COUNT]);
    }
    for (const thread of readThreads(worker)) {
      expect([thread.bounding.mask, thread.noNewPrivs, thread.seccomp]).toEqual([0, true, 2]);
    }
    expect(readFileSync(`/proc/${worker}/status`, 'utf8')).toMatch(new RegExp(`^Uid:(\\t${FIRST}){4}$`, 'm'));
    const client = await clientOf(await connect(socket));
    Object.assign(client, { uid: 5, gid: 6 });
    const { nodeid } = await client.create(1, 'made', 0);
    const made = statSync(join(directory, 'made'));
    expect([made.uid, made.gid]).toEqual([FIRST + 5, FIRST + 6]);
    Object.assign(client, { uid: 0, gid: 0 });
    const changed = await client.setattr(nodeid, { valid: 6, uid: COUNT - 1, gid: 0 });
    expect([changed.uid, changed.gid]).toEqual([COUNT - 1, 0]);
    expect(statSync(join(directory, 'made')).uid).toBe(FIRST + COUNT - 1);
    await expect(client.setattr(nodeid, { valid: 2, uid: COUNT })).rejects.toThrow('EINVAL');
  });

  test('who is not granted them is told where they are granted', async () => {
    const { directory, socket } = places();
    const args = ['--shared-dir', directory, '--socket-path', socket, ...MAPS];
    for (const grants of ['', `nobody:${FIRST}:${COUNT - 1}\n`, `daemon:${FIRST}:${COUNT}\n`]) {
      const { status, stderr } = await run(args, withGrants(grants));
      expect(status).toBe(1);
      expect(stderr).toContain('/etc/subuid and /etc/subgid grant them');
    }
  });
});
