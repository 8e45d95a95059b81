import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  check,
  close,
  DATAGRAM_MAX,
  LOG_DAEMON,
  LOG_ERR,
  LOG_INFO,
  MSG_DONTWAIT,
  notifyServiceManager,
  raw,
  receiveMessage,
  SOCK_DGRAM,
  SOCK_STREAM,
  Syslog,
  sendDatagram,
  unixListen,
  unixSocket,
} from '../src/index.js';
import { Arena, descriptorCount, expectSysError, temporaryDirectory } from './support.js';

const root = temporaryDirectory();
const arena = new Arena();

/** A datagram socket that listens at an address. */
function receiver(address: string): number {
  const fd = unixSocket({ type: SOCK_DGRAM });
  const bytes = Buffer.from(address);
  check(raw.bindUnix(fd, arena.id, arena.bytes(bytes), bytes.length), 'bind');
  return fd;
}

function received(fd: number): string {
  return Buffer.from(receiveMessage(fd, 4096, 0, MSG_DONTWAIT).bytes).toString();
}

describe('sendDatagram', () => {
  test('to a path and to an abstract address', () => {
    const sender = unixSocket({ type: SOCK_DGRAM });
    for (const address of [join(root, 'd1'), `\0vfs-sys-${process.pid}`, `\0a\0b-${process.pid}`]) {
      const fd = receiver(address);
      sendDatagram(sender, Buffer.from('hello'), address);
      sendDatagram(sender, new Uint8Array(), Buffer.from(address));
      expect([received(fd), received(fd)]).toEqual(['hello', '']);
      close(fd);
    }
    close(sender);
  });

  test('errors', () => {
    const sender = unixSocket({ type: SOCK_DGRAM });
    const bytes = Buffer.from('x');
    expectSysError(() => sendDatagram(sender, bytes, join(root, 'missing')), 'ENOENT');
    expect(expectSysError(() => sendDatagram(sender, bytes, '\0missing'), 'ECONNREFUSED').path).toBe(
      '@missing',
    );
    const path = join(root, 'd2');
    const fd = receiver(path);
    const full = (): void => {
      for (;;) sendDatagram(sender, bytes, path, MSG_DONTWAIT);
    };
    expectSysError(full, 'EAGAIN');
    expectSysError(() => sendDatagram(sender, new Uint8Array(DATAGRAM_MAX), '\0missing'), 'ECONNREFUSED');
    close(fd);
    expectSysError(() => sendDatagram(sender, bytes, path), 'ECONNREFUSED');
    rmSync(path);
    const stream = unixListen(path, { type: SOCK_STREAM });
    expectSysError(() => sendDatagram(sender, bytes, path), 'EPROTOTYPE');
    close(stream);
    expectSysError(() => sendDatagram(sender, bytes, join(root, 'x'.repeat(108))), 'ENAMETOOLONG');
    expectSysError(() => sendDatagram(sender, bytes, `\0${'x'.repeat(108)}`), 'ENAMETOOLONG');
    close(sender);
    expectSysError(() => sendDatagram(sender, bytes, path), 'EBADF');
  });

  test('arguments', () => {
    const sender = unixSocket({ type: SOCK_DGRAM });
    const bytes = Buffer.from('x');
    expect(() => sendDatagram(sender, bytes, '')).toThrow(TypeError);
    expect(() => sendDatagram(sender, bytes, 'a\0b')).toThrow(TypeError);
    expect(() => sendDatagram(sender, bytes, 7 as never)).toThrow(TypeError);
    expect(() => sendDatagram(sender, 'x' as never, 'a')).toThrow(TypeError);
    expect(() => sendDatagram(sender, new Uint8Array(DATAGRAM_MAX + 1), 'a')).toThrow(RangeError);
    expect(() => sendDatagram(-1, bytes, 'a')).toThrow(RangeError);
    expect(() => sendDatagram(sender, bytes, 'a', -1)).toThrow(RangeError);
    expect(raw.sendtoUnix(sender, 0, 0, 1, arena.id, 0, 1, 0)).toBe(-14);
    expect(raw.sendtoUnix(sender, arena.id, 0, -1, arena.id, 0, 1, 0)).toBe(-14);
    expect(raw.sendtoUnix(sender, arena.id, 0, 1, 0, 0, 1, 0)).toBe(-14);
    expect(raw.sendtoUnix(sender, arena.id, 0, 1, arena.id, 0, 109, 0)).toBe(-36);
    expect(raw.sendtoUnix(sender, arena.id, 0, 1, arena.id, 0, -1, 0)).toBe(-36);
    close(sender);
  });
});

describe('notifyServiceManager', () => {
  test('a path and an abstract address; nobody to tell', () => {
    const before = descriptorCount();
    const path = join(root, 'notify');
    for (const [address, name] of [
      [path, path],
      [`\0notify-${process.pid}`, `@notify-${process.pid}`],
    ] as const) {
      const fd = receiver(address);
      expect(notifyServiceManager('READY=1\nSTATUS=é', name)).toBe(true);
      expect(received(fd)).toBe('READY=1\nSTATUS=é');
      close(fd);
    }
    expect(notifyServiceManager('READY=1', '')).toBe(false);
    expect(notifyServiceManager('READY=1', undefined)).toBe(process.env['NOTIFY_SOCKET'] !== undefined);
    expect(() => notifyServiceManager('READY=1', 'vsock:2:1234')).toThrow(RangeError);
    expectSysError(() => notifyServiceManager('READY=1', '@nobody'), 'ECONNREFUSED');
    expect(descriptorCount()).toBe(before);
  });
});

describe('Syslog', () => {
  test('messages in the form of syslog(3)', () => {
    const address = join(root, 'log');
    const fd = receiver(address);
    using log = new Syslog({ identity: 'name', facility: LOG_DAEMON, address });
    log.write(LOG_ERR, 'it failed');
    expect(received(fd)).toMatch(
      new RegExp(`^<27>[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d name\\[${process.pid}\\]: it failed$`),
    );
    close(fd);
    expectSysError(() => log.write(LOG_INFO, 'x'), 'ECONNREFUSED');
    rmSync(address);
    // A logger that starts again.
    const again = receiver(address);
    for (let i = 0; i < 2000; i++) log.write(LOG_INFO, String(i));
    expect(received(again)).toMatch(/^<30>.*: 0$/);
    close(again);
    expect(() => log.write(8, 'x')).toThrow(RangeError);
    expect(() => new Syslog({ identity: 'x', facility: 7 })).toThrow(RangeError);
  });
});
