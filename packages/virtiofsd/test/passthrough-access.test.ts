import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { ReplyError } from '@vfs/fuse-proto';
import { errnoName, F_OK, R_OK, W_OK, X_OK } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { type Fixture, sharedDirectory } from './support/fixture.js';

const isRoot = process.geteuid!() === 0;
const OWNER = 12_345;
const GROUP = 23_456;
const OTHER = 34_567;

/** What ACCESS answers: an errno's name, or '' for yes. */
async function access({ client }: Fixture, id: number, mask: number, uid: number, gid: number) {
  client.fuse.credentials = { uid, gid };
  try {
    await client.fuse.access(id, mask);
    return '';
  } catch (error) {
    if (error instanceof ReplyError) return errnoName(error.errno);
    throw error;
  }
}

describe('ACCESS', () => {
  it.runIf(isRoot)('heeds the first class that the caller belongs to, and no other', async () => {
    const fixture = await sharedDirectory();
    const { client, path } = fixture;
    writeFileSync(path('file'), '');
    chownSync(path('file'), OWNER, GROUP);
    const id = Number(await client.walk('file'));
    const callers = [
      [OWNER, OTHER],
      [OTHER, GROUP],
      [OTHER, OTHER],
    ] as const;
    for (const mode of [0o000, 0o077, 0o407, 0o470, 0o624, 0o751, 0o777]) {
      chmodSync(path('file'), mode);
      for (const [index, [uid, gid]] of callers.entries()) {
        const granted = (mode >> (6 - 3 * index)) & 7;
        for (let mask = 0; mask <= 7; mask++) {
          const expected = (granted & mask) === mask ? '' : 'EACCES';
          expect([mode, uid, gid, mask, await access(fixture, id, mask, uid, gid)]).toEqual([
            mode,
            uid,
            gid,
            mask,
            expected,
          ]);
        }
      }
    }
  });

  it.runIf(isRoot)('lets root do all but execute what nobody may', async () => {
    const fixture = await sharedDirectory();
    const { client, path } = fixture;
    writeFileSync(path('file'), '');
    mkdirSync(path('dir'), 0o000);
    chmodSync(path('file'), 0o000);
    const id = Number(await client.walk('file'));
    expect(await access(fixture, id, R_OK | W_OK, 0, 0)).toBe('');
    expect(await access(fixture, id, X_OK, 0, 0)).toBe('EACCES');
    expect(await access(fixture, Number(await client.walk('dir')), X_OK, 0, 0)).toBe('');
    chmodSync(path('file'), 0o001);
    expect(await access(fixture, id, X_OK, 0, 0)).toBe('');
  });

  it('knows what is there, and refuses what is no question', async () => {
    const fixture = await sharedDirectory();
    const uid = process.geteuid!();
    expect(await access(fixture, 1, F_OK, uid, process.getegid!())).toBe('');
    expect(await access(fixture, 99, F_OK, uid, 0)).toBe('ESTALE');
    expect(await access(fixture, 1, 8, uid, 0)).toBe('EINVAL');
  });

  it('is about a link itself, not about what it leads to', async () => {
    const fixture = await sharedDirectory();
    symlinkSync('/etc/shadow', fixture.path('link'));
    const id = Number(await fixture.client.walk('link'));
    expect(await access(fixture, id, R_OK, OTHER, OTHER)).toBe('');
  });
});
