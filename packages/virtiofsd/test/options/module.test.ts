import { describe, expect, it } from 'vitest';
import { parseMountCommand } from '../../src/mount-command.js';
import { parseCommandLine, type Run } from '../../src/options/command-line.js';

const parse = (...args: string[]) =>
  parseCommandLine([...args, '--socket-path', '/run/s'], { version: '1.2.3' });

describe('--module', () => {
  it('takes the place of a shared folder, with options of its own', () => {
    const { options } = parse(
      ...['--module', 'fs.mjs', '--module-option=a=1', '--module-option', 'b=x=y', '--module-option', 'a=2'],
    ) as Run;
    expect(options.module).toEqual({ path: 'fs.mjs', options: { a: '2', b: 'x=y' } });
    expect(options).not.toHaveProperty('sharedDir');
  });

  it('is a layer upon a shared folder, whose options then count', () => {
    const { options } = parse(
      '--module',
      'fs.mjs',
      '--shared-dir',
      '/srv',
      '--cache=never',
      '--readonly',
    ) as Run;
    expect(options).toMatchObject({ sharedDir: '/srv', settings: { cache: 'never' }, readOnly: true });
  });

  it.each([
    [['--cache=always'], '--cache is about a shared folder'],
    [['--no-announce-submounts'], '--no-announce-submounts is about a shared folder'],
    [['--posix-acl'], '--posix-acl is about a shared folder'],
    [['--xattrmap', ':ok:all:::'], '--xattrmap is about a shared folder'],
    [['--thread-pool-size', '2'], '--thread-pool-size is about a shared folder'],
    [['--migration-mode', 'find-paths'], '--migration-mode is of no use with --module'],
    [['--migration-confirm-paths'], '--migration-confirm-paths is of no use with --module'],
  ])('does not go together with %j where there is none', (args, message) => {
    expect(() => parse('--module', 'fs.mjs', ...args)).toThrow(message);
  });

  it.each([['=1'], ['a'], ['']])('--module-option %j is refused', (text) => {
    expect(parse('--module', 'fs.mjs', '--module-option', text)).toMatchObject({
      status: 2,
      text: expect.stringContaining('give KEY=VALUE'),
    });
  });

  it('is needed for its options', () => {
    expect(() => parse('--shared-dir', '/srv', '--module-option', 'a=1')).toThrow('give the module, too');
  });

  it('lets the folder of a mount be left out', () => {
    const mount = (...args: string[]) => parseMountCommand(['--module', 'fs.mjs', ...args]);
    expect(mount('/mnt')).toMatchObject({ options: { mountpoint: '/mnt', module: { path: 'fs.mjs' } } });
    expect(mount('/srv', '/mnt')).toMatchObject({ options: { directory: '/srv', mountpoint: '/mnt' } });
    expect(mount()).toMatchObject({ status: 2, text: expect.stringContaining("argument 'mountpoint'") });
    expect(mount('--cache=never', '/srv', '/mnt')).toMatchObject({ kind: 'mount' });
    expect(() => mount('--cache=never', '/mnt')).toThrow('--cache is about a shared folder');
  });
});
