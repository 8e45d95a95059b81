import { describe, expect, it } from 'vitest';
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
  });
});
