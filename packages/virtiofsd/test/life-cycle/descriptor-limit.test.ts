import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, type Ended, Running } from '../support/daemon.js';
import { temporaryDirectory } from '../support/fixture.js';

/** The command without the privilege to raise a hard limit. */
const BOUND = process.geteuid!() === 0 ? ['setpriv', '--bounding-set=-sys_resource', BIN] : [BIN];

/** Starts the command under limits, and ends it when it has got so far. */
async function limited(
  limits: string,
  args: readonly string[] = [],
  command: readonly string[] = [BIN],
): Promise<Ended & { soft: number; hard: number }> {
  const directory = temporaryDirectory();
  chmodSync(directory, 0o777);
  const all = ['--shared-dir', directory, '--socket-path', join(directory, 's'), ...args];
  const daemon = new Running(all, ['prlimit', `--nofile=${limits}`, ...command]);
  let soft = 0;
  let hard = 0;
  await daemon.logged('waiting for a connection').then(
    () => {
      const found = /^Max open files\s+(\d+)\s+(\d+)/m.exec(
        readFileSync(`/proc/${daemon.process.pid}/limits`, 'utf8'),
      );
      [soft, hard] = [Number(found?.[1]), Number(found?.[2])];
      daemon.process.kill('SIGTERM');
    },
    () => undefined,
  );
  return { ...(await daemon.ended), soft, hard };
}

describe('--rlimit-nofile', () => {
  it('raises the limit as far as allowed when it is not given', async () => {
    expect(await limited('1024:4096', [], BOUND)).toMatchObject({
      status: 0,
      soft: 4096,
      hard: 4096,
    });
  });

  it('leaves with 0 what Node has made of the limit: it raises its own as far as that goes without privilege', async () => {
    expect(await limited('1024:4096', ['--rlimit-nofile=0'])).toMatchObject({ soft: 4096, hard: 4096 });
  });

  it('sets what it says, the hard limit too', async () => {
    expect(await limited('1024:4096', ['--rlimit-nofile=2000'])).toMatchObject({ soft: 2000, hard: 2000 });
  });

  it.each([
    ['more than the system allows', '2147483647', 'is more than the system allows: give at most'],
    ['more than this user may have', '8192', 'cannot be set to 8192 (EPERM)'],
    ['less than the daemon needs', '500', 'is 500, but the daemon itself needs 610'],
  ])('refuses %s', async (_, limit, message) => {
    const { status, stderr } = await limited('1024:4096', [`--rlimit-nofile=${limit}`], BOUND);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^virtiofsd: [^\n]*\n$/);
    expect(status).toBe(1);
  });

  it('warns of a limit that leaves little for the guest; a thread pool takes its part', async () => {
    const { stderr } = await limited('1024:4096', ['--rlimit-nofile=700', '--thread-pool-size=4']);
    expect(stderr).toContain('WARN daemon] only 87 files can be open for the guest');
  });
});
