import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../src/command-line.js';
import { OPTIONS } from '../src/options.js';

const parse = (...args: string[]) => parseCommandLine(args, '1.2.3');
const valid = ['--shared-dir', '/srv', '--socket-path', '/run/s'];

describe('parseCommandLine', () => {
  it('fills in what is given and the defaults', () => {
    expect(parse(...valid)).toEqual({
      kind: 'run',
      options: { sharedDir: '/srv', socketPath: '/run/s', logLevel: 'info' },
    });
    expect(parse('--shared-dir=/srv', '--socket-path=/run/s', '--tag=t', '--log-level=debug')).toEqual({
      kind: 'run',
      options: { sharedDir: '/srv', socketPath: '/run/s', tag: 't', logLevel: 'debug' },
    });
  });

  it('takes the last of a repeated option', () => {
    expect(parse(...valid, '--tag', 'a', '--tag', 'b')).toMatchObject({ options: { tag: 'b' } });
  });

  it('prints the version and the help with status 0', () => {
    expect(parse('--version')).toEqual({ kind: 'print', text: 'virtiofsd 1.2.3\n', status: 0 });
    const help = parse('--help');
    expect(help).toMatchObject({ kind: 'print', status: 0 });
    for (const { name } of Object.values(OPTIONS))
      expect(help).toHaveProperty('text', expect.stringContaining(`--${name}`));
  });

  it('prints the help with status 2 without arguments', () => {
    expect(parse()).toMatchObject({
      kind: 'print',
      status: 2,
      text: expect.stringContaining('--shared-dir'),
    });
  });

  it.each([
    ['an unknown option', [...valid, '--shard-dir', 'x'], "unknown option '--shard-dir'"],
    ['an argument too many', [...valid, 'x'], 'too many arguments'],
    ['a missing value', ['--shared-dir'], "option '--shared-dir <DIR>' argument missing"],
    ['a missing folder', ['--socket-path', 's'], '--shared-dir DIR is missing'],
    ['nothing required', ['--tag', 't'], '--shared-dir DIR and --socket-path SOCK are missing'],
    ['an empty folder', ['--shared-dir', '', '--socket-path', 's'], "--shared-dir '': it is empty"],
    ['a long tag', [...valid, '--tag', 'é'.repeat(19)], 'it is 38 bytes long: give at most 36'],
    ['an empty tag', [...valid, '--tag='], 'it is empty: give 1 to 36 bytes'],
    ['an unknown level', [...valid, '--log-level', 'loud'], "--log-level 'loud': use one of: off, error,"],
  ])('refuses %s in one line with status 2', (_, args, message) => {
    const request = parse(...args);
    expect(request).toMatchObject({ kind: 'print', status: 2, text: expect.stringContaining(message) });
    expect((request as { text: string }).text.match(/\n/g)).toHaveLength(1);
  });
});
