/** Requests about names: lookups, and whatever creates, moves or removes an entry. */
import { existsSync, linkSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mount, O_CREAT, O_EXCL, O_RDWR, O_TRUNC, RENAME_EXCHANGE, RENAME_WHITEOUT, umount2 } from '@vfs/sys';
import { expect } from 'vitest';
import type { Scenario } from './scenario.js';
import type { World } from './world.js';

const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const text = (name: string): Uint8Array => Buffer.from(`${name}\0`);

/** A security context as it follows the names of a request. */
function label(name: string, value: string): Uint8Array {
  const names = Buffer.from(`${name}\0${value}`);
  const block = Buffer.alloc(Math.ceil((16 + names.length) / 8) * 8);
  block.writeUInt32LE(block.length, 0);
  block.writeUInt32LE(1, 4);
  block.writeUInt32LE(value.length, 8);
  block.set(names, 16);
  return block;
}
const LABEL = label('security.test', 'value');
const [SYMLINK, MKNOD, MKDIR, CREATE, TMPFILE] = [6, 8, 9, 35, 51];

const there = (world: World, name = 'made') => expect(existsSync(join(world.path, name))).toBe(true);

/** A creation that is answered with an entry. */
function creation(name: string, opcode: number, body: Uint8Array[], labels: Uint8Array[] = []): Scenario {
  return {
    name: labels.length > 0 ? `${name} with a label` : name,
    traits: ['creates'],
    exclusive: true,
    prepare: async (world) => ({
      request: async () => {
        const payload = await world.client.call(opcode, world.directory, [...body, ...labels], 1000);
        const view = new DataView(payload.buffer, payload.byteOffset);
        world.entered({ nodeid: Number(view.getBigUint64(0, true)) });
      },
      verify: () => expect(lstatSync(join(world.path, 'made')).isFile()).toBe(opcode === MKNOD),
    }),
  };
}

function fileCreation(name: string, flags: number, labels: Uint8Array[] = []): Scenario {
  return {
    name,
    traits: ['creates'],
    exclusive: (flags & O_EXCL) !== 0,
    prepare: async (world) => ({
      request: async () => {
        const body = [words(flags, 0o644, 0o022, 0), text('made'), ...labels];
        world.created(await world.client.call(CREATE, world.directory, body));
      },
      verify: () => there(world),
    }),
  };
}

const file = (world: World, name: string, content = name) => writeFileSync(join(world.path, name), content);

export const NAME_SCENARIOS: readonly Scenario[] = [
  {
    name: 'LOOKUP of what is known',
    traits: ['names'],
    prepare: async (world) => {
      file(world, 'known');
      await world.lookup('known');
      return { request: () => world.lookup('known') };
    },
  },
  {
    name: 'LOOKUP of something new',
    traits: ['names'],
    prepare: async (world) => {
      file(world, 'new');
      return { request: () => world.lookup('new') };
    },
  },
  {
    name: 'LOOKUP of a mount',
    traits: ['names'],
    prepare: async (world) => {
      const path = join(world.path, 'mount');
      mkdirSync(path);
      mount(path, { source: 'tmpfs', fstype: 'tmpfs', data: 'size=1m' });
      world.finally(() => umount2(path, 0));
      return { request: () => world.lookup('mount') };
    },
  },
  fileCreation('CREATE', O_RDWR | O_CREAT),
  fileCreation('CREATE of a new file only', O_RDWR | O_CREAT | O_EXCL),
  fileCreation('CREATE with a label', O_RDWR | O_CREAT | O_EXCL, [LABEL]),
  {
    name: 'CREATE of what exists',
    traits: ['opens'],
    prepare: async (world) => {
      file(world, 'made', 'content');
      return {
        request: async () => {
          const body = [words(O_RDWR | O_CREAT | O_TRUNC, 0o644, 0o022, 0), text('made')];
          const payload = await world.client.call(CREATE, world.directory, body);
          world.created(payload);
          expect(new DataView(payload.buffer, payload.byteOffset).getBigUint64(40 + 8, true)).toBe(0n);
        },
        verify: () => expect(lstatSync(join(world.path, 'made')).size).toBe(0),
      };
    },
  },
  {
    name: 'TMPFILE',
    traits: ['creates'],
    prepare: async (world) => ({
      request: async () => {
        const body = [words(O_RDWR, 0o644, 0o022, 0), text('/'), LABEL];
        world.created(await world.client.call(TMPFILE, world.directory, body));
      },
    }),
  },
  creation('MKDIR', MKDIR, [words(0o755, 0o022), text('made')]),
  creation('MKDIR', MKDIR, [words(0o755, 0o022), text('made')], [LABEL]),
  creation('MKNOD', MKNOD, [words(0o100644, 0, 0o022, 0), text('made')]),
  creation('MKNOD', MKNOD, [words(0o100644, 0, 0o022, 0), text('made')], [LABEL]),
  creation('SYMLINK', SYMLINK, [text('made'), text('target')]),
  {
    name: 'LINK',
    traits: ['names'],
    exclusive: true,
    prepare: async (world) => {
      file(world, 'old');
      const node = await world.lookup('old');
      return {
        request: async () => world.entered(await world.client.link(node, world.directory, 'made')),
        verify: () => there(world),
      };
    },
  },
  {
    name: 'READLINK',
    traits: ['names'],
    prepare: async (world) => {
      symlinkSync('target', join(world.path, 'link'));
      const node = await world.lookup('link');
      return { request: async () => expect(await world.client.readlink(node)).toBe('target') };
    },
  },
  {
    name: 'UNLINK of a file that goes on being used',
    traits: ['names'],
    prepare: async (world) => {
      file(world, 'victim');
      const node = await world.lookup('victim');
      return {
        request: () => world.client.unlink(world.directory, 'victim'),
        verify: (errno) => {
          expect(existsSync(join(world.path, 'victim'))).toBe(false);
          const { nodes } = world.fixture.share;
          if (errno === 'ESTALE') return;
          expect(nodes.descriptorOf(nodes.slotOf(node))).toBeGreaterThanOrEqual(0);
        },
      };
    },
  },
  {
    name: 'UNLINK',
    traits: ['names'],
    prepare: async (world) => {
      file(world, 'victim');
      return {
        request: () => world.client.unlink(world.directory, 'victim'),
        verify: () => expect(existsSync(join(world.path, 'victim'))).toBe(false),
      };
    },
  },
  {
    name: 'RMDIR',
    traits: ['names'],
    prepare: async (world) => {
      mkdirSync(join(world.path, 'victim'));
      await world.lookup('victim');
      return {
        request: () => world.client.rmdir(world.directory, 'victim'),
        verify: () => expect(existsSync(join(world.path, 'victim'))).toBe(false),
      };
    },
  },
  {
    name: 'RENAME over a file that goes on being used',
    traits: ['names'],
    prepare: async (world) => {
      file(world, 'from');
      file(world, 'to');
      await world.lookup('from');
      const node = await world.lookup('to');
      return {
        request: () => world.client.rename(world.directory, 'from', world.directory, 'to'),
        verify: (errno) => {
          expect(existsSync(join(world.path, 'from'))).toBe(false);
          const { nodes } = world.fixture.share;
          if (errno === 'ESTALE') return;
          expect(nodes.descriptorOf(nodes.slotOf(node))).toBeGreaterThanOrEqual(0);
        },
      };
    },
  },
  {
    name: 'RENAME of two files for each other',
    traits: ['names'],
    prepare: async (world) => {
      for (const name of ['one', 'two']) {
        file(world, name);
        await world.lookup(name);
      }
      return {
        request: () => world.client.rename(world.directory, 'one', world.directory, 'two', RENAME_EXCHANGE),
        verify: () => there(world, 'one'),
      };
    },
  },
  {
    name: 'RENAME that leaves a whiteout',
    traits: ['creates'],
    prepare: async (world) => {
      file(world, 'one');
      await world.lookup('one');
      return {
        request: () => world.client.rename(world.directory, 'one', world.directory, 'two', RENAME_WHITEOUT),
        verify: () => there(world, 'two'),
      };
    },
  },
  {
    name: 'FORGET',
    traits: ['names'],
    prepare: async (world) => {
      file(world, 'known');
      const node = await world.lookup('known');
      return {
        request: () => world.client.forget(node),
        verify: () => world.forgotten(node),
      };
    },
  },
  {
    name: 'a node whose file has other names',
    traits: ['names'],
    prepare: async (world) => {
      file(world, 'first');
      linkSync(join(world.path, 'first'), join(world.path, 'second'));
      await world.lookup('first');
      return { request: () => world.lookup('second') };
    },
  },
];
