import { describe, expect, it, vi } from 'vitest';
import { Log } from '../src/log.js';

function lines(level: ConstructorParameters<typeof Log>[0], use: (log: Log) => void): string[] {
  const written: string[] = [];
  use(new Log(level, (line) => written.push(line)));
  return written;
}

describe('Log', () => {
  it('writes time, level and module', () => {
    const [line] = lines('info', (log) => log.module('daemon').warn('low on descriptors'));
    expect(line).toMatch(/^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARN daemon\] low on descriptors\n$/);
  });

  it('leaves out what is below the level', () => {
    const all = (log: Log) => {
      const logger = log.module('m');
      logger.error('e');
      logger.warn('w');
      logger.info('i');
      logger.debug('d');
    };
    expect(lines('off', all)).toHaveLength(0);
    expect(lines('error', all)).toHaveLength(1);
    expect(lines('info', all)).toHaveLength(3);
    expect(lines('trace', all)).toHaveLength(4);
  });

  it('makes one line of a message that a guest could have shaped', () => {
    const [line] = lines('info', (log) => log.module('m').info('a\nb\u001b[2Jc\0'));
    expect(line).toMatch(/ a\\nb\\x1b\[2Jc\\x00\n$/);
    // Control characters beyond ASCII, other ends of lines, and what turns the direction of text around.
    const [other] = lines('info', (log) =>
      log.module('m').info('a\u009b2Jb\u2028c\u202ed\u0085e\u2067f\ufeffg'),
    );
    expect(other).toMatch(/ a\\x9b2Jb\\u2028c\\u202ed\\x85e\\u2067f\\ufeffg\n$/);
    const [plain] = lines('info', (log) => log.module('m').info('grün 日本 🙂'));
    expect(plain).toMatch(/ grün 日本 🙂\n$/);
  });

  it('does not let a guest fill the disk: what repeats too fast is counted, not written', async () => {
    vi.useFakeTimers();
    try {
      const log: string[] = [];
      const logger = new Log('info', (line) => log.push(line)).module('fuse');
      for (let i = 0; i < 100_000; i++) logger.warn('INIT refused');
      expect(log.length).toBeGreaterThan(10);
      expect(log.length).toBeLessThan(1000);
      const written = log.length;
      vi.advanceTimersByTime(60_000);
      logger.info('front-end disconnected');
      expect(log.slice(written)).toEqual([
        expect.stringContaining(`WARN log] ${100_000 - written} lines left out`),
        expect.stringContaining('front-end disconnected'),
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('writes everything for somebody who wants to see everything', () => {
    const all = (log: Log) => {
      const logger = log.module('m');
      for (let i = 0; i < 5000; i++) logger.debug('request');
    };
    expect(lines('debug', all)).toHaveLength(5000);
  });
});
