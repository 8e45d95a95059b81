/** The worked cases of docs/xattr-mapping.md, each with a daemon that is started as it says. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listxattr, setxattr } from '@vfs/sys';
import { expect, test } from 'vitest';
import { clientOf, connect, startDaemon } from '../support/daemon.js';
import type { FuseClient } from '../support/fuse-client.js';
import { type WorkedCase, workedCases } from './document.js';

const decoder = new TextDecoder();

function namesOnHost(path: string): string[] {
  return listxattr({ path }).map((name) => (typeof name === 'string' ? name : decoder.decode(name)));
}

/** What a name of one side is called on the other, with a file of its own. */
async function otherName(
  client: FuseClient,
  directory: string,
  [side, name, file]: [string, string, string],
): Promise<string> {
  const path = join(directory, file);
  writeFileSync(path, '');
  if (side === 'host') setxattr({ path }, name, new Uint8Array(1));
  const nodeid = await client.walk(file);
  if (side === 'guest') {
    try {
      await client.setxattr(nodeid, name, 'v');
    } catch (error) {
      return (error as Error).message;
    }
    // What the guest has set it finds again.
    expect(await client.getxattr(nodeid, name)).toBe('v');
    expect(await client.listxattr(nodeid)).toContain(name);
  }
  const others = side === 'guest' ? namesOnHost(path) : await client.listxattr(nodeid);
  expect(others.length).toBeLessThan(2);
  return others[0] === undefined ? 'hidden' : `\`${others[0]}\``;
}

async function observed({ options, rows }: WorkedCase): Promise<string[][]> {
  const { directory, socket } = await startDaemon(...options);
  const client = await clientOf(await connect(socket));
  const found: string[][] = [];
  for (const [i, [who = '']] of rows.entries()) {
    const [, side = '', name = ''] = /^(guest|host)'s `(\S+)`$/.exec(who) ?? [];
    found.push([who, await otherName(client, directory, [side, name, `file-${i}`])]);
  }
  return found;
}

const cases = workedCases('xattr-mapping.md');

test('there are cases with rows', () => {
  expect(cases.length).toBeGreaterThan(4);
  expect(cases.every(({ rows }) => rows.length > 1)).toBe(true);
});

test.each(cases)('extended attributes as documented: $title', async (worked) => {
  expect(await observed(worked)).toEqual(worked.rows.map((row) => [...row]));
});
