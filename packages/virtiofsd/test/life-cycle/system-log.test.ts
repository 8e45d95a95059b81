import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type OwnedFd, spawn, writevAt } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { LineRelay } from '../../src/life-cycle/line-relay.js';
import { systemLog } from '../../src/life-cycle/system-log.js';
import { Log } from '../../src/log.js';
import { BIN, Running } from '../support/daemon.js';
import { datagrams } from '../support/datagrams.js';
import { after, temporaryDirectory } from '../support/fixture.js';

const NO_PREFIX = /^<(\d+)>\w{3} [ \d]\d \d\d:\d\d:\d\d virtiofsd\[\d+\]: /;

describe('the log in the hands of the system logger', () => {
  it('has the level as severity, and module and message as text', () => {
    const { path, heard } = datagrams();
    const logger = new Log(
      'trace',
      systemLog(() => {}, path),
    ).module('fuse');
    logger.error('e');
    logger.warn('w');
    logger.info('i');
    logger.debug('d');
    const messages = heard();
    // Facility user is 8.
    expect(messages.map((message) => NO_PREFIX.exec(message)?.[1])).toEqual(['11', '12', '14', '15']);
    expect(messages.map((message) => message.replace(NO_PREFIX, ''))).toEqual([
      'fuse: e',
      'fuse: w',
      'fuse: i',
      'fuse: d',
    ]);
  });

  it('goes elsewhere while there is no logger, and back', () => {
    const { path, heard, close } = datagrams();
    const elsewhere: string[] = [];
    const sink = systemLog((line) => elsewhere.push(line), path);
    close();
    unlinkSync(path);
    sink('[t WARN a] lost?\n');
    expect(elsewhere).toEqual(['[t WARN a] lost?\n']);
    expect(heard()).toEqual([]);
    const next = datagrams(path);
    sink('#  FATAL ERROR: Reached heap limit\n');
    expect(next.heard()).toEqual([expect.stringMatching(/^<11>.*: # {2}FATAL ERROR: Reached heap limit$/)]);
  });
});

describe('a relay of lines', () => {
  function relay() {
    const lines: string[] = [];
    const made = new LineRelay((line) => lines.push(line));
    after(() => made[Symbol.dispose]());
    return { relay: made, lines };
  }

  it('passes on what a child writes to its standard error, to the last word', async () => {
    const { relay: made, lines } = relay();
    const script = 'echo one >&2; printf "zwölf\\n\\n" >&2; printf "no end" >&2; kill -KILL $$';
    const child = spawn({ file: '/bin/sh', args: ['-c', script], fds: [0, 1, made] });
    made.handedOver();
    await child.exited;
    made[Symbol.dispose]();
    expect(lines).toEqual(['one\n', 'zwölf\n', 'no end\n']);
  });

  it('takes lines as they come, keeps nobody waiting, and a line without an end in pieces', async () => {
    const { relay: made, lines } = relay();
    writevAt(made, [Buffer.from('first\nsec')], -1);
    await expect.poll(() => lines).toEqual(['first\n']);
    writevAt(made, [Buffer.from('ond\n')], -1);
    await expect.poll(() => lines).toEqual(['first\n', 'second\n']);
    const full = () => {
      for (;;) writevAt(made as unknown as OwnedFd, [Buffer.alloc(65_536, 'x')], -1);
    };
    expect(full).toThrow('EAGAIN');
    made[Symbol.dispose]();
    expect(lines.length).toBeGreaterThan(4);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(32_768);
  });
});

describe.runIf(process.geteuid!() === 0)('--syslog', () => {
  /** The command on a machine whose /dev/log is another one, or none. */
  const withLogger = (address: string) => [
    'unshare',
    '--mount',
    '--propagation',
    'slave',
    'sh',
    '-c',
    `new=$(mktemp -d) && mount -t tmpfs dev $new || exit 99
    for name in null zero full random urandom; do : >$new/$name; mount --bind /dev/$name $new/$name || exit 99; done
    ln -s ${address} $new/log; mount --move $new /dev || exit 99; rmdir $new
    exec "$@"`,
    'sh',
    BIN,
  ];
  const args = () => ['--shared-dir', temporaryDirectory(), '--socket-path', join(temporaryDirectory(), 's')];

  it('brings the whole log there, the worker’s too, and nothing to standard error', async () => {
    const { path, heard } = datagrams();
    const daemon = new Running([...args(), '--syslog', '--log-level=debug'], withLogger(path));
    const messages: string[] = [];
    const said = (text: string) => {
      messages.push(...heard());
      return messages.some((message) => message.includes(text));
    };
    await expect.poll(() => said('daemon: sharing'), { timeout: 20_000 }).toBe(true);
    daemon.process.kill('SIGTERM');
    const { status, stderr } = await daemon.ended;
    expect([status, stderr]).toEqual([0, '']);
    expect(said('daemon: SIGTERM: finishing the requests in flight')).toBe(true);
    expect(said('daemon: shut down')).toBe(true);
  });

  it('falls back to standard error where there is no logger, and says so', async () => {
    const daemon = new Running([...args(), '--syslog'], withLogger('/nowhere'));
    await daemon.logged('waiting for a connection');
    expect(daemon.stderr).toMatch(/^\[\S+ WARN log\] the system's log is out of reach/);
    daemon.process.kill('SIGTERM');
    expect((await daemon.ended).status).toBe(0);
  });

  it('says there as well why the daemon cannot start', async () => {
    const { path, heard } = datagrams();
    const daemon = new Running(
      ['--shared-dir=/nowhere', '--socket-path=/tmp/s', '--syslog'],
      withLogger(path),
    );
    const { status, stderr } = await daemon.ended;
    expect([status, stderr]).toEqual([1, expect.stringContaining('does not exist')]);
    expect(heard()).toEqual([expect.stringMatching(/^<11>.*'\/nowhere' does not exist/)]);
  });
});
