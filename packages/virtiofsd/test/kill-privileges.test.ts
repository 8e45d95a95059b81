import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import {
  FATTR_FH,
  FATTR_GID,
  FATTR_KILL_SUIDGID,
  FATTR_SIZE,
  FATTR_UID,
  FUSE_OPEN_KILL_SUIDGID,
  FUSE_WRITE_CACHE,
  FUSE_WRITE_KILL_SUIDGID,
} from '@vfs/fuse-proto';
import { O_CREAT, O_RDWR, O_TRUNC, O_WRONLY, raw } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { SetIdPrivilege } from '../src/passthrough/kill-privileges.js';
import { type Fixture, sharedDirectory } from './support/fixture.js';

const isRoot = process.geteuid!() === 0;
/** What a guest says of its callers where mounts can be id-mapped. */
const UNKNOWN = 0xffff_ffff;
const USER = 12_345;

/** A file with the bits, open, and where to copy from. */
interface Scene {
  readonly client: Fixture['client'];
  readonly id: number;
  readonly fh: bigint | number;
  readonly source: number;
}

/** What a guest asks for. With `says`, that the bits have to go, if the request has a place for that. */
const OPERATIONS: Record<string, (scene: Scene, says: boolean) => Promise<unknown>> = {
  write: ({ client, id, fh }, says) =>
    client.write(id, fh, 0, 'x', { write_flags: says ? FUSE_WRITE_KILL_SUIDGID : 0 }),
  truncate: ({ client, id }, says) =>
    client.setattr(id, { valid: FATTR_SIZE | (says ? FATTR_KILL_SUIDGID : 0), size: 1 }),
  ftruncate: ({ client, id, fh }, says) =>
    client.setattr(id, { valid: FATTR_FH | FATTR_SIZE | (says ? FATTR_KILL_SUIDGID : 0), fh, size: 1 }),
  'open with O_TRUNC': ({ client, id }, says) =>
    as(client, () => client.fuse.open(id, { flags: O_WRONLY | O_TRUNC, open_flags: kill(says) })),
  'create with O_TRUNC': ({ client }, says) =>
    as(client, () =>
      client.fuse.create(1, 'file', {
        flags: O_WRONLY | O_CREAT | O_TRUNC,
        mode: 0o644,
        open_flags: kill(says),
      }),
    ),
  fallocate: ({ client, id, fh }) => client.fallocate(id, fh, 0, 0, 100),
  copy_file_range: ({ client, id, fh, source }) =>
    as(client, async () => {
      const from = await client.fuse.open(source, { flags: O_RDWR });
      return client.fuse.copy_file_range(source, {
        fh_in: from.fh,
        nodeid_out: id,
        fh_out: fh,
        len: 3,
      });
    }),
};

const kill = (says: boolean) => (says ? FUSE_OPEN_KILL_SUIDGID : 0);

function as<T>(client: Fixture['client'], request: () => Promise<T>): Promise<T> {
  client.fuse.credentials = { uid: client.uid, gid: client.gid };
  return request();
}

const capabilities = () =>
  readFileSync('/proc/thread-self/status', 'utf8')
    .match(/Cap(Eff|Prm|Inh):.*/g)!
    .join();

/** The mode of a file of the given mode after an operation. */
async function modeAfter(
  operation: keyof typeof OPERATIONS,
  how: { says?: boolean; uid: number; killprivV2?: boolean; mode?: number; threads?: number },
): Promise<number> {
  const share = { killprivV2: how.killprivV2 ?? false, threadPoolSize: how.threads ?? 0 };
  const { client, path } = await sharedDirectory({ memory: 'segments', share });
  writeFileSync(path('file'), 'content');
  writeFileSync(path('source'), 'source');
  chmodSync(path('file'), how.mode ?? 0o6777);
  const id = Number(await client.walk('file'));
  const { fh } = await client.open(id, O_RDWR);
  const source = Number(await client.walk('source'));
  Object.assign(client, { uid: how.uid, gid: how.uid });
  const before = capabilities();
  await OPERATIONS[operation]!({ client, id, fh, source }, how.says ?? false);
  expect(capabilities()).toBe(before);
  return statSync(path('file')).mode & 0o7777;
}

const operations = Object.keys(OPERATIONS);
const told = ['write', 'truncate', 'ftruncate', 'open with O_TRUNC', 'create with O_TRUNC'];
const untold = ['fallocate', 'copy_file_range'];

describe.runIf(isRoot)('set-id bits of a file that is changed', () => {
  describe.each([0, 2])('with a pool of %d threads', (threads) => {
    it.each(told)('%s: go where the guest says so, whoever asks and whatever was agreed on', async (name) => {
      for (const uid of [0, USER, UNKNOWN]) {
        // A creation always says who asks.
        if (uid === UNKNOWN && name.startsWith('create')) continue;
        for (const killprivV2 of [false, true]) {
          expect(await modeAfter(name, { says: true, uid, killprivV2, threads })).toBe(0o777);
        }
      }
    });

    it.each(operations)('%s: stay for root', async (name) => {
      for (const killprivV2 of [false, true]) {
        expect(await modeAfter(name, { uid: 0, killprivV2, threads })).toBe(0o6777);
      }
    });

    it.each(untold)('%s: go for another user, though the request cannot say so', async (name) => {
      for (const killprivV2 of [false, true]) {
        expect(await modeAfter(name, { uid: USER, killprivV2, threads })).toBe(0o777);
      }
    });

    it.each(untold)('%s: go for somebody unknown if they are left to the daemon', async (name) => {
      expect(await modeAfter(name, { uid: UNKNOWN, killprivV2: true, threads })).toBe(0o777);
      expect(await modeAfter(name, { uid: UNKNOWN, killprivV2: false, threads })).toBe(0o6777);
    });
  });

  it.each(['open with O_TRUNC', 'create with O_TRUNC'])(
    '%s: go for another user where the request has no flag for it',
    async (name) => {
      expect(await modeAfter(name, { uid: USER, killprivV2: false })).toBe(0o777);
      // With the flag agreed on its absence means that the caller has the capability.
      expect(await modeAfter(name, { uid: USER, killprivV2: true })).toBe(0o6777);
    },
  );

  it.each(['write', 'truncate', 'ftruncate'])('%s: stay where the guest does not say so', async (name) => {
    for (const uid of [USER, UNKNOWN]) expect(await modeAfter(name, { uid })).toBe(0o6777);
  });

  it('stay for a page that comes out of the guest’s cache: whoever wrote to it has cleared them', async () => {
    const { client, path } = await sharedDirectory({ share: { writeback: true, killprivV2: true } });
    writeFileSync(path('file'), '');
    chmodSync(path('file'), 0o6777);
    const id = Number(await client.walk('file'));
    const { fh } = await client.open(id, O_WRONLY);
    client.uid = USER;
    await client.write(id, fh, 0, 'x', { write_flags: FUSE_WRITE_CACHE });
    expect(statSync(path('file')).mode & 0o7777).toBe(0o6777);
  });

  it.each(operations)('%s: set-group-ID stays where the group may not execute', async (name) => {
    expect(await modeAfter(name, { says: true, uid: USER, mode: 0o2666 })).toBe(0o2666);
  });

  it('go with a change of owner, by root, too', async () => {
    for (const valid of [FATTR_UID, FATTR_GID, FATTR_UID | FATTR_KILL_SUIDGID]) {
      const { client, path } = await sharedDirectory({ share: { killprivV2: true } });
      writeFileSync(path('file'), '');
      chmodSync(path('file'), 0o6755);
      await client.setattr(Number(await client.walk('file')), { valid, uid: USER, gid: USER });
      expect(statSync(path('file')).mode & 0o7777).toBe(0o755);
    }
  });

  it('go even if the change fails in between, and nothing of the daemon’s privilege goes with them', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), '');
    chmodSync(path('file'), 0o6755);
    const id = Number(await client.walk('file'));
    const { fh } = await client.open(id, O_RDWR);
    const before = capabilities();
    const write_flags = FUSE_WRITE_KILL_SUIDGID;
    await expect(client.write(id, fh, 2n ** 63n, 'x', { write_flags })).rejects.toThrow('EINVAL');
    expect(capabilities()).toBe(before);
  });
});

describe('the privilege to keep set-id bits', () => {
  it.runIf(isRoot)('is back after work that throws', () => {
    using privilege = new SetIdPrivilege();
    const before = capabilities();
    let within = '';
    expect(() =>
      privilege.renounce(() => {
        within = capabilities();
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(within).not.toBe(before);
    expect(capabilities()).toBe(before);
  });

  it.runIf(isRoot)('is not gained by who does not have it', () => {
    expect(raw.setresuid(-1, 4321, -1)).toBe(0);
    try {
      using privilege = new SetIdPrivilege();
      const before = capabilities();
      expect(privilege.renounce(() => 7)).toBe(7);
      expect(capabilities()).toBe(before);
    } finally {
      raw.setresuid(-1, 0, -1);
    }
  });
});
