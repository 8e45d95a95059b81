import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { failures, runBattery } from '../posix/battery.js';
import { after } from '../support/fixture.js';
import { end, type Mounted, places, program, serve } from './support.js';

const LOCKS = ['--posix-lock', '--flock'];

/** Two mounts of the same folder, by two processes, as two guests would have it. */
async function twoMounts(...options: string[]): Promise<[Mounted, Mounted]> {
  const first = await places();
  const second = await places();
  const one = await serve(first, ...LOCKS, ...options);
  const other = await serve(
    { directory: first.directory, mountpoint: second.mountpoint },
    ...LOCKS,
    ...options,
  );
  await writeFile(join(first.directory, 'file'), '0123456789');
  return [one, other];
}

/** Takes a lock with a program, prints what came of it, and keeps it until its standard input ends. */
const HOLDER = `
import fcntl, sys
path, kind, start, length = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
file = open(path, 'r+')
wait = 0 if kind.endswith('w') else fcntl.LOCK_NB
try:
    if kind.startswith('flock'):
        fcntl.flock(file, fcntl.LOCK_EX | wait)
    else:
        fcntl.lockf(file, fcntl.LOCK_EX | wait, length, start)
    print('locked', flush=True)
except OSError as error:
    print('refused', error.errno, flush=True)
sys.stdin.read()
`;

/** A process with a lock, or without one. */
class Holder {
  readonly #child;
  #output = '';

  constructor(path: string, kind: 'fcntl' | 'fcntlw' | 'flock' | 'flockw', start = 0, length = 0) {
    this.#child = spawn('python3', ['-c', HOLDER, path, kind, String(start), String(length)]);
    this.#child.stdout.on('data', (text) => (this.#output += text));
    this.#child.stderr.on('data', (text) => (this.#output += text));
    after(() => this.#child.kill('SIGKILL'));
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** What came of it. */
  async outcome(): Promise<string> {
    while (!this.#output.endsWith('\n')) {
      await new Promise((resolve) => this.#child.stdout.once('data', resolve));
    }
    return this.#output.trim();
  }

  /** Ends the process, and with it the lock. */
  async end(signal?: NodeJS.Signals): Promise<void> {
    const closed = new Promise((resolve) => this.#child.on('close', resolve));
    if (signal) this.#child.kill(signal);
    else this.#child.stdin.end();
    await closed;
  }
}

/** The first word of what came of a lock that nobody waits for. */
async function attempt(path: string, kind: 'fcntl' | 'flock', start = 0, length = 0): Promise<string> {
  const holder = new Holder(path, kind, start, length);
  const outcome = await holder.outcome();
  await holder.end();
  return outcome;
}

describe('locks on a mount with --posix-lock and --flock', { timeout: 120_000 }, () => {
  it('pass the cases of the POSIX battery', async () => {
    const place = await places();
    for (const path of [place.directory, place.mountpoint]) await chmod(path, 0o755);
    const mount = await serve(place, ...LOCKS);
    const report = await runBattery(mount.mountpoint, { binary: inject('posixBattery'), only: ['lock: *'] });
    expect(failures(report)).toEqual([]);
    expect(report.passed).toBeGreaterThanOrEqual(18);
    const { status, stderr } = await end(mount);
    expect(stderr).not.toMatch(/ (WARN|ERROR) /);
    expect(status).toBe(0);
  });

  it.each(['fcntl', 'flock'] as const)(
    'of %s are seen by another mount of the folder, and by the host',
    async (kind) => {
      const [one, other] = await twoMounts();
      const path = (where: string) => join(where, 'file');
      const holder = new Holder(path(one.mountpoint), kind, 2, 4);
      expect(await holder.outcome()).toBe('locked');
      for (const where of [other.mountpoint, one.directory]) {
        expect(await attempt(path(where), kind, 5, 1)).toBe('refused 11');
      }
      if (kind === 'fcntl') expect(await attempt(path(other.mountpoint), kind, 6, 1)).toBe('locked');
      await holder.end();
      expect(await attempt(path(other.mountpoint), kind, 5, 1)).toBe('locked');
      const outside = new Holder(path(one.directory), kind, 0, 0);
      expect(await outside.outcome()).toBe('locked');
      expect(await attempt(path(one.mountpoint), kind)).toBe('refused 11');
    },
  );

  it.each(['fcntl', 'flock'] as const)(
    'of %s can be waited for across mounts; who is killed meanwhile leaves none',
    async (kind) => {
      const [one, other] = await twoMounts();
      const path = (where: string) => join(where, 'file');
      const holder = new Holder(path(one.mountpoint), kind);
      expect(await holder.outcome()).toBe('locked');
      const killed = new Holder(path(other.mountpoint), `${kind}w`);
      const waiting = new Holder(path(other.mountpoint), `${kind}w`);
      // Both are about to wait, or do: the kernel says so of neither, so ask for something else of the same mount.
      expect(await attempt(path(other.mountpoint), kind)).toBe('refused 11');
      await killed.end('SIGKILL');
      expect(waiting.output).toBe('');
      await holder.end();
      expect(await waiting.outcome()).toBe('locked');
      expect(await attempt(path(one.mountpoint), kind)).toBe('refused 11');
      await waiting.end();
      expect(await attempt(path(one.directory), kind)).toBe('locked');
    },
  );

  it('keep a database whole that two mounts write to', async () => {
    // What one mount has in its caches would not follow what the other writes.
    const [one, other] = await twoMounts('--cache=never');
    const script = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1] + '/db', timeout=60, isolation_level=None)
db.execute('create table if not exists t (who text, n integer)')
for n in range(60):
    db.execute('begin immediate')
    top = db.execute('select coalesce(max(n), 0) from t').fetchone()[0]
    db.execute('insert into t values (?, ?)', (sys.argv[2], top + 1))
    db.execute('commit')
print(db.execute('pragma integrity_check').fetchone()[0])
`;
    const writers = [one, other, one, other].map(({ mountpoint }, i) =>
      program('python3', '-c', script, mountpoint, String(i)),
    );
    for (const { status, stdout, stderr } of await Promise.all(writers)) {
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'ok\n', stderr: '' });
    }
    const count =
      'import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute("select count(*), count(distinct n) from t").fetchone())';
    expect((await program('python3', '-c', count, join(one.directory, 'db'))).stdout).toBe('240 240\n');
  });
});
