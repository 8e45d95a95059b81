import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { FileHandleMode } from '../src/passthrough/settings.js';
import { sharedDirectory, temporaryDirectory } from './support/fixture.js';

const SCRIPT = fileURLToPath(new URL('support/many-nodes.mjs', import.meta.url));
const NODES = 50_000;
const ENTRIES = 100_000;

const CASES = ['/tmp', '/dev/shm'].flatMap((parent) =>
  (['never', 'prefer'] as FileHandleMode[]).map((mode) => [parent, mode] as const),
);

it.each(CASES)(
  'a guest can know 50,000 files and use each with 1024 open files, in %s, file handles: %s',
  (parent, mode) => {
    const directory = temporaryDirectory(parent);
    const output = execFileSync(process.execPath, ['--expose-gc', SCRIPT, directory, String(NODES), mode]);
    const result = JSON.parse(output.toString());
    const all = NODES + NODES / 1000 + 1;
    expect(result).toMatchObject({ nodes: all, left: { nodes: 1, closed: 0, descriptors: 0 } });
    expect(result.closed).toBeGreaterThan(all - 1000);
    expect(result.open).toBeLessThan(1024);
    expect(result.bytesPerNode).toBeLessThan(300);
  },
  300_000,
);

it.each(['readdir', 'readdirplus'] as const)(
  '%s lists a directory of 100,000 entries',
  async (how) => {
    const { client, path } = await sharedDirectory({ parent: '/dev/shm', share: { descriptorBudget: 100 } });
    for (let i = 0; i < ENTRIES; i++) writeFileSync(path(`${i}`), '');
    const entries = await client.list(1, how, 1 << 17);
    const names = new Set(entries.map(({ name }) => name));
    expect([entries.length, names.size]).toEqual([ENTRIES + 2, ENTRIES + 2]);
    if (how === 'readdir') return;
    expect(entries.every(({ name, entry }) => name.startsWith('.') || entry!.nodeid !== 0)).toBe(true);
  },
  300_000,
);
