import { spawn } from 'node:child_process';
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  accept,
  close,
  EAGAIN,
  EMFILE,
  FD_CLOEXEC,
  fstatx,
  ftruncate,
  getDescriptorFlags,
  getrlimit,
  getSocketOption,
  MESSAGE_MAX,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  memfdCreate,
  type PathLike,
  POLLIN,
  peerCredentials,
  poll,
  RLIMIT_NOFILE,
  raw,
  receiveMessage,
  SCM_MAX_FD,
  SHUT_WR,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_PASSCRED,
  SO_SNDBUF,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  sendMessage,
  setrlimit,
  setSocketOption,
  shutdown,
  unixConnect,
  unixListen,
  unixSocket,
  unixSocketPair,
} from '../src/index.js';
import { Arena, descriptorCount, expectSysError, temporaryDirectory, until } from './support.js';

const root = temporaryDirectory();
const arena = new Arena();
const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (data: Uint8Array): string => Buffer.from(data).toString();

function memfds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const fd = memfdCreate(`number-${i}`);
    ftruncate(fd, i);
    return fd;
  });
}

describe('connections', () => {
  test.each<[string, PathLike]>([
    ['a path', join(root, 'listen')],
    ['a path in bytes', Buffer.from(join(root, 'bytes'))],
    ['an abstract address', `\0vfs-sys-${process.pid}`],
    ['an abstract address with NULs and the greatest length', Buffer.alloc(108, `\0a\0${process.pid}`)],
    ['a path of the greatest length', root.padEnd(107, '/').slice(0, 106).concat('x')],
  ])('through %s', (_name, address) => {
    const server = unixListen(address);
    expect(getSocketOption(server, SO_ACCEPTCONN)).toBe(1);
    expect(getDescriptorFlags(server)).toBe(FD_CLOEXEC);
    const client = unixConnect(address);
    const connection = accept(server, SOCK_NONBLOCK);
    expect(getDescriptorFlags(connection)).toBe(FD_CLOEXEC);
    expect(peerCredentials(connection)).toEqual({
      pid: process.pid,
      uid: process.getuid!(),
      gid: process.getgid!(),
    });
    expect(sendMessage(client, bytes('hi'))).toBe(2);
    expect(text(receiveMessage(connection, 100).bytes)).toBe('hi');
    expectSysError(() => receiveMessage(connection, 100), 'EAGAIN');
    shutdown(client, SHUT_WR);
    expect(receiveMessage(connection, 100)).toEqual({ bytes: new Uint8Array(0), fds: [] });
    expectSysError(() => sendMessage(client, bytes('x')), 'EPIPE');
    for (const fd of [server, client, connection]) close(fd);
  });

  test('with Node on the other side', async () => {
    const server = unixListen(join(root, 'node'), { flags: SOCK_NONBLOCK });
    expectSysError(() => accept(server), 'EAGAIN');
    const client = connect(join(root, 'node'));
    await until(() => poll(server, POLLIN, 0) === POLLIN);
    const connection = accept(server);
    client.write('from node');
    await until(() => poll(connection, POLLIN, 0) === POLLIN);
    expect(text(receiveMessage(connection, 100).bytes)).toBe('from node');
    client.destroy();
    close(connection);
    close(server);
  });

  test('with an inherited listening descriptor', async () => {
    const server = unixListen(join(root, 'inherited'));
    const code = `const n = require('node-gyp-build')(${JSON.stringify(join(import.meta.dirname, '..'))});
      const c = n.raw.accept4(3, 0); process.exit(c >= 0 && n.raw.getsockopt(3, 1, 30, 0, 0, 0) < 0 ? 0 : 1);`;
    const child = spawn(process.execPath, ['-e', code], {
      stdio: ['ignore', 'inherit', 'inherit', server],
      cwd: join(import.meta.dirname, '..'),
    });
    const client = unixConnect(join(root, 'inherited'));
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
    close(client);
    close(server);
  });

  test('errors leave no descriptor open', () => {
    const before = descriptorCount();
    writeFileSync(join(root, 'taken'), '');
    expect(expectSysError(() => unixListen(join(root, 'taken')), 'EADDRINUSE').path).toBe(
      join(root, 'taken'),
    );
    expectSysError(() => unixListen(join(root, 'absent', 'x')), 'ENOENT');
    expectSysError(() => unixConnect(join(root, 'absent')), 'ENOENT');
    expectSysError(() => unixConnect(join(root, 'taken')), 'ECONNREFUSED');
    expectSysError(() => unixConnect('\0vfs-sys-nobody'), 'ECONNREFUSED');
    expectSysError(() => unixListen('x'.repeat(108)), 'ENAMETOOLONG');
    expectSysError(() => unixListen(Buffer.alloc(109)), 'ENAMETOOLONG');
    expect(expectSysError(() => unixConnect(`\0${'x'.repeat(108)}`), 'ENAMETOOLONG').path).toMatch(/^@x/);
    expect(() => unixListen('')).toThrow(TypeError);
    expect(() => unixConnect('a\0b')).toThrow(TypeError);
    expect(() => unixListen(join(root, 'b'), { backlog: -1 })).toThrow(RangeError);
    expectSysError(() => unixSocket({ type: 6 }), 'ESOCKTNOSUPPORT');
    expectSysError(() => accept(9999), 'EBADF');
    expect(descriptorCount()).toBe(before);
  });

  test('a full backlog is EAGAIN for a non-blocking socket', () => {
    const server = unixListen(join(root, 'full'), { backlog: 0 });
    const first = unixConnect(join(root, 'full'));
    expectSysError(() => unixConnect(join(root, 'full'), { flags: SOCK_NONBLOCK }), 'EAGAIN');
    close(first);
    close(server);
  });

  test('options', () => {
    const [a, b] = unixSocketPair({ type: SOCK_SEQPACKET });
    expect(getSocketOption(a, SO_TYPE)).toBe(SOCK_SEQPACKET);
    expect(getSocketOption(a, SO_DOMAIN)).toBe(1);
    setSocketOption(a, SO_SNDBUF, 10_000);
    expect(getSocketOption(a, SO_SNDBUF)).toBe(20_000);
    expectSysError(() => setSocketOption(a, 0x7fff, 1), 'ENOPROTOOPT');
    expectSysError(() => getSocketOption(a, 0x7fff), 'ENOPROTOOPT');
    expectSysError(() => peerCredentials(9999), 'EBADF');
    expectSysError(() => shutdown(9999, SHUT_WR), 'EBADF');
    expect(() => shutdown(a, 3)).toThrow(RangeError);
    close(a);
    close(b);
  });
});

describe('descriptors in messages', () => {
  test.each([1, 2, 8, SCM_MAX_FD])('%d of them arrive in order, close-on-exec', (count) => {
    const [a, b] = unixSocketPair();
    const sent = memfds(count);
    expect(sendMessage(a, bytes('x'), sent)).toBe(1);
    const { fds } = receiveMessage(b, 100, SCM_MAX_FD);
    expect(fds).toHaveLength(count);
    for (const [i, fd] of fds.entries()) {
      expect(readlinkSync(`/proc/self/fd/${fd}`)).toContain(`memfd:number-${i} `);
      expect(fstatx(fd).stx_ino).toBe(fstatx(sent[i]!).stx_ino);
      expect(getDescriptorFlags(fd)).toBe(FD_CLOEXEC);
    }
    for (const fd of [a, b, ...sent, ...fds]) close(fd);
  });

  test('more than accepted are all closed', () => {
    const [a, b] = unixSocketPair();
    const sent = memfds(5);
    const before = descriptorCount();
    for (const maxFds of [0, 1, 4]) {
      sendMessage(a, bytes('lost'), sent);
      sendMessage(a, bytes('next'));
      expectSysError(() => receiveMessage(b, 100, maxFds), 'EMFILE');
      expect(descriptorCount()).toBe(before);
      // The bytes are gone with them; the next message is whole.
      expect(text(receiveMessage(b, 100).bytes)).toBe('next');
    }
    for (const fd of [a, b, ...sent]) close(fd);
  });

  test('those that cannot be installed fail the message, the others are closed', () => {
    const [a, b] = unixSocketPair();
    const sent = memfds(5);
    sendMessage(a, bytes('x'), sent);
    const before = readdirSync('/proc/self/fd').map(Number);
    const limit = getrlimit(RLIMIT_NOFILE);
    // Room for two more.
    const free: number[] = [];
    for (let fd = 0; free.length < 3; fd++) if (raw.fcntl(fd, 1, 0) < 0) free.push(fd);
    setrlimit(RLIMIT_NOFILE, { soft: free[2]!, hard: limit.hard });
    try {
      expect(raw.recvmsg(b, arena.id, 0, 16, arena.id, 1024, 16, 0)).toBe(-EMFILE);
      expect(arena.window.i32[256]).toBe(0);
    } finally {
      setrlimit(RLIMIT_NOFILE, limit);
    }
    expect(readdirSync('/proc/self/fd').map(Number)).toEqual(before);
    for (const fd of [a, b, ...sent]) close(fd);
  });

  test('those of a message that nobody reads are closed with the socket', () => {
    const before = descriptorCount();
    const [a, b] = unixSocketPair();
    const [fd] = memfds(1);
    sendMessage(a, bytes('x'), [fd!]);
    for (const each of [a, b, fd!]) close(each);
    expect(descriptorCount()).toBe(before);
  });

  test('a stream stops at the message that carries descriptors', () => {
    const [a, b] = unixSocketPair();
    const [fd] = memfds(1);
    sendMessage(a, bytes('one'));
    sendMessage(a, bytes('two'), [fd!]);
    sendMessage(a, bytes('three'));
    // What precedes may come with it, what follows may not.
    const messages = [receiveMessage(b, 100, 1)];
    while (messages.at(-1)!.fds.length === 0) messages.push(receiveMessage(b, 100, 1, MSG_DONTWAIT));
    expect(text(receiveMessage(b, 100, 1, MSG_DONTWAIT).bytes)).toBe('three');
    for (const each of [a, b, fd!, ...messages.flatMap((m) => m.fds)]) close(each);
  });

  test('credentials on the socket do not get in the way', () => {
    const [a, b] = unixSocketPair();
    setSocketOption(b, SO_PASSCRED, 1);
    const sent = memfds(SCM_MAX_FD);
    sendMessage(a, bytes('x'), sent);
    const { fds } = receiveMessage(b, 10, SCM_MAX_FD);
    expect(fds).toHaveLength(SCM_MAX_FD);
    for (const each of [a, b, ...sent, ...fds]) close(each);
  });

  test('errors', () => {
    const [a, b] = unixSocketPair();
    expectSysError(() => sendMessage(a, bytes('x'), [9999]), 'EBADF');
    expect(() => sendMessage(a, bytes('x'), [-1])).toThrow(RangeError);
    expect(() => sendMessage(a, bytes('x'), Array(254).fill(a))).toThrow(RangeError);
    expect(() => sendMessage(a, new Uint8Array(MESSAGE_MAX + 1))).toThrow(RangeError);
    expect(() => receiveMessage(a, MESSAGE_MAX + 1)).toThrow(RangeError);
    expect(() => receiveMessage(a, 1, 254)).toThrow(RangeError);
    expect(() => receiveMessage(a, -1)).toThrow(RangeError);
    expectSysError(() => receiveMessage(a, 10, 0, MSG_DONTWAIT), 'EAGAIN');
    expect(raw.recvmsg(a, arena.id, 0, 10, arena.id, 1024, 0, MSG_DONTWAIT)).toBe(-EAGAIN);
    expectSysError(() => receiveMessage(9999, 10), 'EBADF');
    expectSysError(() => sendMessage(9999, bytes('x')), 'EBADF');
    const file = memfdCreate('x');
    expectSysError(() => receiveMessage(file, 10), 'ENOTSOCK');
    for (const each of [a, b, file]) close(each);
    expectSysError(() => sendMessage(a, bytes('x')), 'EBADF');
  });
});

describe('messages', () => {
  test('a full stream takes a part', () => {
    const [a, b] = unixSocketPair({ flags: SOCK_NONBLOCK });
    const block = new Uint8Array(MESSAGE_MAX).fill(7);
    let total = 0;
    expectSysError(() => {
      for (;;) total += sendMessage(a, block);
    }, 'EAGAIN');
    let received = 0;
    while (received < total) received += receiveMessage(b, MESSAGE_MAX).bytes.length;
    expect(received).toBe(total);
    close(a);
    close(b);
  });

  test('datagrams keep their edges; MSG_TRUNC tells the length, MSG_PEEK leaves it', () => {
    const [a, b] = unixSocketPair({ type: SOCK_DGRAM });
    sendMessage(a, bytes('first'));
    sendMessage(a, bytes('second'));
    expect(text(receiveMessage(b, 100, 0, MSG_PEEK).bytes)).toBe('first');
    expect(text(receiveMessage(b, 3).bytes)).toBe('fir');
    expect(text(receiveMessage(b, 3, 0, MSG_TRUNC).bytes)).toBe('sec');
    sendMessage(a, bytes('third'));
    expect(raw.recvmsg(b, arena.id, 0, 3, arena.id, 1024, 0, MSG_TRUNC)).toBe(5);
    sendMessage(a, new Uint8Array(0));
    expect(receiveMessage(b, 100).bytes).toHaveLength(0);
    close(a);
    close(b);
  });

  test('a stream socket is SOCK_STREAM by default', () => {
    const fd = unixSocket();
    expect(getSocketOption(fd, SO_TYPE)).toBe(SOCK_STREAM);
    close(fd);
  });
});
