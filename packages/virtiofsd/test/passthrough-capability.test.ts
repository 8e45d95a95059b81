import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { FATTR_GID, FATTR_MODE, FATTR_SIZE, FATTR_UID } from '@vfs/fuse-proto';
import { listxattr, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { sharedDirectory } from './support/fixture.js';

/** What `setcap cap_net_raw+ep` stores. */
const CAPABILITY = Buffer.from('0100000200200000000000000000000000000000', 'hex');
const NAME = 'security.capability';

/** A program with capabilities that a map keeps under a name of users. */
async function program() {
  const fixture = await sharedDirectory({ parent: tmpdir(), serving: { xattrMap: ':map::user.virtiofs.:' } });
  writeFileSync(fixture.path('program'), 'program');
  writeFileSync(fixture.path('other'), 'other');
  const id = Number(await fixture.client.walk('program'));
  await fixture.client.setxattr(id, NAME, CAPABILITY);
  await fixture.client.setxattr(id, 'user.a', 'x');
  const names = () =>
    listxattr({ path: fixture.path('program') }).map((name) => Buffer.from(name).toString());
  expect(names()).toContain(`user.virtiofs.${NAME}`);
  return { ...fixture, id, names };
}

type Program = Awaited<ReturnType<typeof program>>;

describe('capabilities under another name', () => {
  it.each<[string, (program: Program) => Promise<unknown>]>([
    ['a write', async ({ client, id }) => client.write(id, (await client.open(id, O_WRONLY)).fh, 0, 'x')],
    ['a truncation', ({ client, id }) => client.setattr(id, { valid: FATTR_SIZE, size: 1 })],
    [
      'a truncation by handle',
      async ({ client, id }) => client.truncate(id, (await client.open(id, O_RDWR)).fh, 1),
    ],
    ['opening with O_TRUNC', ({ client, id }) => client.open(id, O_WRONLY | O_TRUNC)],
    [
      'a change of owner',
      ({ client, id }) =>
        client.setattr(id, {
          valid: FATTR_UID | FATTR_GID,
          uid: process.geteuid!(),
          gid: process.getegid!(),
        }),
    ],
    [
      'fallocate',
      async ({ client, id }) => client.fallocate(id, (await client.open(id, O_WRONLY)).fh, 0, 0, 4096),
    ],
    [
      'copy_file_range',
      async ({ client, id }) => {
        const other = await client.walk('other');
        await client.fuse.copy_file_range(other, {
          fh_in: (await client.open(other, O_RDONLY)).fh,
          nodeid_out: id,
          fh_out: (await client.open(id, O_WRONLY)).fh,
          len: 5,
        });
      },
    ],
  ])('go with %s', async (_, act) => {
    const made = await program();
    await act(made);
    expect(made.names()).not.toContain(`user.virtiofs.${NAME}`);
    expect(await made.client.listxattr(made.id)).toEqual(['user.a']);
    // It is no error that there are none.
    await act(made);
  });

  it('stay where nothing changes what the program does', async () => {
    const { client, id } = await program();
    const { fh } = await client.open(id, O_RDONLY);
    await client.read(id, fh, 0, 10);
    await client.setattr(id, { valid: FATTR_MODE, mode: 0o755 });
    await client.setxattr(id, 'user.b', 'x');
    await client.link(id, 1, 'linked');
    expect(await client.getxattr(id, NAME)).toBe(CAPABILITY.toString('latin1'));
  });

  it('are no hindrance to files that cannot have any', async () => {
    const { client } = await program();
    const { nodeid } = await client.symlink(1, 'link', 'target');
    const owner = { uid: process.geteuid!(), gid: process.getegid!() };
    await client.setattr(nodeid, { valid: FATTR_UID | FATTR_GID, ...owner });
  });
});
