import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { close, unixConnect, unixListen } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { SocketPath } from '../../src/life-cycle/socket-path.js';
import { StartError } from '../../src/start-error.js';
import { after, temporaryDirectory } from '../support/fixture.js';

function place(): { directory: string; path: string } {
  const directory = temporaryDirectory();
  return { directory, path: join(directory, 'socket') };
}

function open(path: string, group?: string): SocketPath {
  const socket = new SocketPath(path, group);
  after(() => socket[Symbol.dispose]());
  return socket;
}

function connects(path: string): boolean {
  try {
    close(unixConnect(path));
    return true;
  } catch {
    return false;
  }
}

describe('a socket at a path', () => {
  it('appears when it is published, listening, for its user alone, with the pid beside it', () => {
    const { directory, path } = place();
    const socket = open(path);
    expect(existsSync(path)).toBe(false);
    socket.publish();
    expect(lstatSync(path).mode & 0o777).toBe(0o700);
    expect(connects(path)).toBe(true);
    expect(readFileSync(`${path}.pid`, 'utf8')).toBe(`${process.pid}\n`);
    expect(lstatSync(`${path}.pid`).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).sort()).toEqual(['socket', 'socket.pid']);
    socket[Symbol.dispose]();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('leaves nothing when it is never published', () => {
    const { directory, path } = place();
    open(path)[Symbol.dispose]();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is open to a group, which must exist', () => {
    const { directory, path } = place();
    const gid = process.getgid!();
    const socket = open(path, String(gid));
    socket.publish();
    expect(lstatSync(path).mode & 0o777).toBe(0o770);
    expect(lstatSync(path).gid).toBe(gid);
    socket[Symbol.dispose]();
    expect(() => open(path, 'no-such-group')).toThrow("there is no group 'no-such-group'");
    expect(() => open(path, '--help')).toThrow("there is no group '--help'");
    expect(readdirSync(directory)).toEqual([]);
  });

  it.runIf(process.geteuid!() === 0)('goes to a group by its name', () => {
    const { path } = place();
    open(path, 'daemon').publish();
    const daemon = /^daemon:[^:]*:(\d+):/m.exec(readFileSync('/etc/group', 'utf8'))![1];
    expect(lstatSync(path)).toMatchObject({ uid: 0, gid: Number(daemon) });
  });

  it('keeps a second daemon away, which names the first', () => {
    const { path } = place();
    const first = open(path);
    expect(() => open(path)).toThrow(`another daemon (process ${process.pid}) serves at '${path}' already`);
    first.publish();
    expect(() => open(path)).toThrow(StartError);
    expect(connects(path)).toBe(true);
    first[Symbol.dispose]();
    open(path).publish();
    expect(connects(path)).toBe(true);
  });

  it('replaces what a dead process left: its socket, an unpublished one, a longer pid', () => {
    const { directory, path } = place();
    close(unixListen(path));
    close(unixListen(`${path}.new`));
    writeFileSync(`${path}.pid`, '1234567890\nand more\n');
    const socket = open(path);
    expect(connects(path)).toBe(false);
    socket.publish();
    expect(connects(path)).toBe(true);
    expect(readFileSync(`${path}.pid`, 'utf8')).toBe(`${process.pid}\n`);
    socket[Symbol.dispose]();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('does not replace a file, a link, or a socket that another program listens on', () => {
    const refusals: [(path: string) => void, string][] = [
      [(path) => writeFileSync(path, 'data'), 'exists and is not a socket'],
      [(path) => symlinkSync('nowhere', path), 'exists and is not a socket'],
      [(path) => mkdirSync(path), 'exists and is not a socket'],
      [(path) => after(closing(unixListen(path))), 'somebody listens on the socket'],
    ];
    for (const [make, message] of refusals) {
      const { directory, path } = place();
      make(path);
      const before = lstatSync(path);
      expect(() => open(path)).toThrow(message);
      expect(lstatSync(path)).toMatchObject({ ino: before.ino, mode: before.mode });
      expect(readdirSync(directory)).toEqual(['socket']);
    }
  });

  it('does not replace what appears while the daemon starts', () => {
    const { directory, path } = place();
    const socket = open(path);
    writeFileSync(path, 'data');
    expect(() => socket.publish()).toThrow('exists and is not a socket');
    socket[Symbol.dispose]();
    expect(readFileSync(path, 'utf8')).toBe('data');
    expect(readdirSync(directory)).toEqual(['socket']);
  });

  it('does not remove what has taken its place, nor a pid file that is not its own', () => {
    const { directory, path } = place();
    const socket = open(path);
    socket.publish();
    renameSync(path, join(directory, 'moved'));
    renameSync(`${path}.pid`, join(directory, 'moved.pid'));
    after(closing(unixListen(path)));
    writeFileSync(`${path}.pid`, '1\n');
    socket[Symbol.dispose]();
    expect(connects(path)).toBe(true);
    expect(readFileSync(`${path}.pid`, 'utf8')).toBe('1\n');
  });

  it('lets the next daemon be when it is disposed of twice', () => {
    const { path } = place();
    const first = open(path);
    first.publish();
    first[Symbol.dispose]();
    const second = open(path);
    second.publish();
    first[Symbol.dispose]();
    expect(connects(path)).toBe(true);
    expect(existsSync(`${path}.pid`)).toBe(true);
  });

  it('may have the longest path that there is', () => {
    const { directory } = place();
    for (const name of ['s'.repeat(104 - directory.length), 's']) {
      const folder = join(directory, 'd'.repeat(105 - directory.length - name.length));
      mkdirSync(folder, { recursive: true });
      const path = join(folder, name);
      expect(Buffer.byteLength(path)).toBe(107);
      const socket = open(path);
      socket.publish();
      expect(connects(path)).toBe(true);
      expect(readdirSync(folder).sort()).toEqual([name, `${name}.pid`]);
      socket[Symbol.dispose]();
      expect(readdirSync(folder)).toEqual([]);
    }
  });
});

function closing(fd: number): () => void {
  return () => close(fd);
}
