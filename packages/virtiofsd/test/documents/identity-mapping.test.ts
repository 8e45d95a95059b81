/** The worked cases of docs/identity-mapping.md, each with a daemon that is started as it says. */
import { appendFileSync, chmodSync, chownSync, copyFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { copyOfCommand, places, readableNode, startServed } from '../isolation/support.js';
import { clientOf, connect } from '../support/daemon.js';
import { temporaryDirectory } from '../support/fixture.js';
import type { FuseClient } from '../support/fuse-client.js';
import { type WorkedCase, workedCases } from './document.js';

/** The plain user of the document, and what is granted to her. */
const ALICE = 1000;
const GRANT = 'alice:100000:65536\n';

/** `alice` runs the command, in a mount namespace in which there is such a user, with such a grant. */
function asAlice(): readonly string[] {
  const folder = temporaryDirectory();
  const [passwd, grants] = [join(folder, 'passwd'), join(folder, 'grants')];
  copyFileSync('/etc/passwd', passwd);
  appendFileSync(passwd, `alice:x:${ALICE}:${ALICE}::/:/bin/sh\n`);
  writeFileSync(grants, GRANT);
  for (const path of [passwd, grants]) chmodSync(path, 0o644);
  const program = copyOfCommand();
  const script =
    'mount --bind "$0" /etc/passwd && mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid && shift && ' +
    `exec setpriv --reuid ${ALICE} --regid ${ALICE} --clear-groups -- "$@"`;
  const command = [readableNode(program), join(program, 'bin/virtiofsd.js')];
  return ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', script, passwd, grants, ...command];
}

/** Makes a file as one side's user would, and says who its owner is for the host and for the guest. */
async function ownersOf(
  client: FuseClient,
  directory: string,
  side: string,
  user: number,
): Promise<string[]> {
  const name = `${side}-${user}`;
  const path = join(directory, name);
  if (side === 'host') {
    writeFileSync(path, '');
    chownSync(path, user, user);
  } else {
    Object.assign(client, { uid: user, gid: user });
    try {
      await client.create(1, name, 0);
    } catch (error) {
      return [(error as Error).message, ''];
    }
  }
  const onHost = statSync(path);
  const { attr } = await client.lookup(1, name);
  expect([onHost.gid, attr.gid]).toEqual([onHost.uid, attr.uid]);
  return [`${onHost.uid}`, `${attr.uid}`];
}

/** The rows of a case with what really happens. */
async function observed({ section, options, rows }: WorkedCase): Promise<string[][]> {
  const place = places();
  const isAlices = section.startsWith('As a plain user');
  if (isAlices) {
    // With subordinate ids the daemon is the user that the guest's root is.
    const first = options.find((word) => /^:0:\d+:/.test(word))?.split(':')[2] ?? ALICE;
    chownSync(place.directory, Number(first), Number(first));
    chmodSync(place.directory, 0o777);
  }
  const { socket } = await startServed(isAlices ? asAlice() : 'self', options, place);
  const client = await clientOf(await connect(socket));
  const found: string[][] = [];
  for (const [who = ''] of rows) {
    const [, side = '', user = ''] = /^(guest|host)'s (\d+)$/.exec(who) ?? [];
    found.push([who, ...(await ownersOf(client, place.directory, side, Number(user)))]);
  }
  return found;
}

// Only root can make files of whomever it likes, and become somebody else.
describe.runIf(process.getuid!() === 0)('identity mapping as it is documented', () => {
  const cases = workedCases('identity-mapping.md');

  test('there are cases for root and for a plain user', () => {
    expect(new Set(cases.map(({ section }) => section)).size).toBe(2);
    expect(cases.every(({ rows }) => rows.length > 1)).toBe(true);
  });

  test.each(cases)('$section: $title', async (worked) => {
    expect(await observed(worked)).toEqual(worked.rows.map((row) => [...row]));
  });
});
