import { readdirSync } from 'node:fs';
import { getxattr, listxattr, O_CREAT, O_RDWR } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { type Fixture, sharedDirectory } from './support/fixture.js';

const isRoot = process.geteuid!() === 0;

/** A security context as it follows the names of a request: a block of one, its name and its value. */
function label(name: string, value: string): Uint8Array {
  const names = Buffer.from(`${name}\0${value}`);
  const length = 8 + 8 + names.length;
  const block = Buffer.alloc(Math.ceil(length / 8) * 8);
  block.writeUInt32LE(block.length, 0);
  block.writeUInt32LE(1, 4);
  block.writeUInt32LE(value.length, 8);
  block.set(names, 16);
  return block;
}

const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const text = (name: string): Uint8Array => Buffer.from(`${name}\0`);

/** The creations that carry one: opcode, and what comes before it. */
const CREATIONS: readonly [name: string, opcode: number, body: Uint8Array[]][] = [
  ['mkdir', 9, [words(0o755, 0), text('made')]],
  ['mknod', 8, [words(0o100644, 0, 0, 0), text('made')]],
  ['symlink', 6, [text('made'), text('target')]],
  ['create', 35, [words(O_RDWR | O_CREAT, 0o644, 0, 0), text('made')]],
  ['tmpfile', 51, [words(O_RDWR, 0o644, 0, 0), text('/')]],
];

const labeled = (map?: string): Promise<Fixture> =>
  sharedDirectory({
    serving: { settings: { securityLabel: 'always' }, ...(map !== undefined && { xattrMap: map }) },
  });

describe.runIf(isRoot)('a label that comes with a creation', () => {
  it.each(CREATIONS)('is what a new file has from the beginning: %s', async (name, opcode, body) => {
    const { client, path } = await labeled(':map:security.selinux:trusted.virtiofs.:');
    await client.call(opcode, 1, [...body, label('security.selinux', 'system_u:object_r:t:s0')]);
    if (name === 'tmpfile') return;
    const value = getxattr({ path: path('made'), follow: false }, 'trusted.virtiofs.security.selinux');
    expect(Buffer.from(value).toString()).toBe('system_u:object_r:t:s0');
    expect(await client.getxattr(await client.walk('made'), 'security.selinux')).toBe(
      'system_u:object_r:t:s0',
    );
  });

  it.each(CREATIONS)('that cannot be set leaves no file: %s', async (_, opcode, body) => {
    const { client, path, share } = await labeled(':bad:all:security.:security.: :ok:all:::');
    const before = share.budget.left;
    const request = client.call(opcode, 1, [...body, label('security.selinux', 'x')]);
    await expect(request).rejects.toThrow('EPERM');
    expect(readdirSync(path())).toEqual([]);
    expect(share.nodes.size).toBe(1);
    expect(share.budget.left).toBe(before);
  });

  it('that exists leaves somebody else’s file as it is', async () => {
    const { client, path } = await labeled(':bad:all:security.:security.: :ok:all:::');
    await client.call(9, 1, [words(0o755, 0), text('made')]);
    const again = client.call(9, 1, [words(0o755, 0), text('made'), label('security.selinux', 'x')]);
    await expect(again).rejects.toThrow('EEXIST');
    expect(readdirSync(path())).toEqual(['made']);
  });
});

it('a label is for files that are made, and not for one that CREATE finds', async () => {
  const { client, path } = await labeled(':map::user.virtiofs.:');
  const [, opcode, body] = CREATIONS[3]!;
  await client.call(opcode, 1, body);
  await client.call(opcode, 1, [...body, label('security.selinux', 'x')]);
  expect(listxattr({ path: path('made') }).map(String)).not.toContain('user.virtiofs.security.selinux');
});
