import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { landlockVersion } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { splitAdvice } from '../../src/check/advice.js';
import type { Finding } from '../../src/check/finding.js';
import { tableOf } from '../../src/check/report.js';
import { BIN, BIN_AS_NOBODY, run, startDaemon } from '../support/daemon.js';
import { temporaryDirectory } from '../support/fixture.js';

const isRoot = process.geteuid!() === 0;

function places() {
  const directory = temporaryDirectory();
  const share = join(directory, 'share');
  mkdirSync(share);
  // For a user who is somebody else.
  chmodSync(directory, 0o777);
  chmodSync(share, 0o777);
  return { directory, share, args: ['--shared-dir', share, '--socket-path', join(directory, 'socket')] };
}

/** What `check` finds out, by topic. */
async function check(args: readonly string[], command: readonly string[] = [BIN]) {
  const { status, stdout } = await run(['check', ...args, '--json'], command);
  const { works, findings } = JSON.parse(stdout) as { works: boolean; findings: Finding[] };
  expect(status).toBe(works ? 0 : 1);
  return { works, of: Object.fromEntries(findings.map((finding) => [finding.topic, finding])) };
}

describe('virtiofsd check', () => {
  it('exits with 0 when the daemon would start, and leaves nothing behind', async () => {
    const { directory, share, args } = places();
    const { works, of } = await check([...args, '--sandbox=none', '--seccomp=none']);
    expect(works).toBe(true);
    expect(of['shared folder']).toMatchObject({ verdict: 'ok' });
    expect(of['sandbox none']).toMatchObject({ verdict: 'ok', text: expect.stringContaining('chosen') });
    expect([readdirSync(directory), readdirSync(share)]).toEqual([['share'], []]);
  });

  it('says what is wrong with the places, and what to do', async () => {
    const { works, of } = await check(['--shared-dir', '/nowhere', '--socket-path', '/nowhere/s']);
    expect(works).toBe(false);
    expect(of['shared folder']).toMatchObject({ verdict: 'bad', fix: 'create it, or correct --shared-dir' });
    expect(of['socket']).toMatchObject({ verdict: 'bad', fix: expect.stringContaining('create it') });
  });

  it('sees that the socket is in use', async () => {
    const { directory, socket } = await startDaemon();
    const { of } = await check(['--shared-dir', directory, '--socket-path', socket]);
    expect(of['socket']).toMatchObject({ verdict: 'bad' });
  });

  it('looks at the file system of the share', async () => {
    const { of } = await check([
      '--shared-dir=/proc',
      '--socket-path',
      join(temporaryDirectory(), 's'),
      '--posix-acl',
    ]);
    expect(of['attributes']).toMatchObject({ verdict: 'bad', fix: expect.any(String) });
    expect(of['ACLs']).toMatchObject({
      verdict: 'bad',
      fix: expect.stringContaining('leave out --posix-acl'),
    });
  });

  it.runIf(isRoot && landlockVersion() >= 2)('says whether Landlock is used', async () => {
    const { args } = places();
    expect((await check(args)).of['Landlock']).toMatchObject({ verdict: 'note' });
    const { of } = await check([...args, '--inode-file-handles=never']);
    expect(of['Landlock']).toMatchObject({ verdict: 'ok' });
  });

  it('tells what is not needed from what is', async () => {
    const { of } = await check(['--shared-dir=/proc', '--socket-path', join(temporaryDirectory(), 's')]);
    expect([of['attributes']!.verdict, of['ACLs']!.verdict]).toEqual(['note', 'note']);
  });

  it('counts the files that can be open', async () => {
    // Root could raise it.
    const plain = isRoot ? ['setpriv', '--bounding-set=-sys_resource', BIN] : [BIN];
    const low = await check(places().args, ['prlimit', '--nofile=500:500', ...plain]);
    expect(low.of['open files']).toMatchObject({ verdict: 'bad', fix: expect.stringContaining('ulimit') });
  });

  it('takes the options of the daemon, and refuses them as the daemon does', async () => {
    expect(await run(['check', '--shared-dir=/srv'])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /^virtiofsd: --socket-path SOCK .* missing; see virtiofsd check --help\n$/,
      ),
    });
    expect((await run(['check', '--shared-dir=/', '--socket-path=s', '--modcaps=x'])).status).toBe(1);
  });

  it.runIf(isRoot)('knows which sandbox works where a container forbids namespaces', async () => {
    const { args } = places();
    const contained = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin', BIN];
    const { works, of } = await check(args, contained);
    expect(works).toBe(false);
    expect(of['sandbox namespace']).toMatchObject({ verdict: 'bad', fix: expect.stringContaining('choose') });
    expect(of['sandbox none']).toMatchObject({ verdict: 'ok' });
    expect((await check([...args, '--sandbox=none'], contained)).works).toBe(true);
  });

  it('tells a plain user what only root can have', async () => {
    const { args } = places();
    const user = isRoot ? [BIN_AS_NOBODY] : [BIN];
    const { of } = await check([...args, '--inode-file-handles=mandatory', '--uid-map=:0:100000:5:'], user);
    expect(of['file handles']).toMatchObject({
      verdict: 'bad',
      text: expect.stringContaining('DAC_READ_SEARCH'),
    });
    expect(of['other uids']!.verdict).not.toBe('note');
    expect(of['other gids']!.verdict).not.toBe('bad');
    expect((await check(args, user)).of['owners']).toMatchObject({ verdict: 'note' });
  });
});

describe('the report', () => {
  const findings: Finding[] = [
    { topic: 'a', verdict: 'ok', text: 'fine' },
    { topic: 'long', verdict: 'bad', text: 'broken\n', fix: 'mend it' },
  ];

  it('is an aligned table, a line each', () => {
    expect(tableOf(findings, false)).toBe(
      'ok     a     fine\nFAILS  long  broken\\n\n             → mend it\n\n1 of these would not work.\n',
    );
  });

  it('has color where it is asked for', () => {
    expect(tableOf(findings, true)).toContain('\x1b[31mFAILS\x1b[0m  long');
  });

  it('has no color on a pipe', async () => {
    const { stdout } = await run(['check', ...places().args, '--sandbox=none']);
    expect(stdout).not.toContain('\x1b');
    expect(stdout).toMatch(/^ok {5}shared folder {2}/);
  });

  it('takes messages apart', () => {
    expect(splitAdvice('it is bad: mend it')).toEqual({ text: 'it is bad', fix: 'mend it' });
    expect(splitAdvice('x: is bad: mend it (EPERM: unshare (in y))')).toEqual({
      text: 'x: is bad (EPERM: unshare (in y))',
      fix: 'mend it',
    });
    expect(splitAdvice('bad')).toEqual({ text: 'bad' });
  });
});
