import { describe, expect, it } from 'vitest';
import { parseCommandLine, type Run } from '../../src/options/command-line.js';

const parse = (...args: string[]) => parseCommandLine(['--socket-path=/s', ...args], { version: '' });
const options = (...args: string[]) => (parse('-o', 'source=/srv', ...args) as Run).options;

describe('an option -o', () => {
  it('says what the option of today says', () => {
    expect(options('-o', 'cache=none,loglevel=err,sandbox=chroot,modcaps=+sys_admin')).toMatchObject({
      sharedDir: '/srv',
      settings: { cache: 'never' },
      logLevel: 'error',
      sandbox: 'chroot',
      capabilityChanges: [{ add: true, capability: 'CAP_SYS_ADMIN' }],
    });
    expect(
      options('-oxattr,no_readdirplus,writeback,allow_direct_io,killpriv_v2,posix_acl,no_security_label')
        .settings,
    ).toEqual({
      xattr: true,
      readdirplus: false,
      writeback: true,
      allowDirectIo: true,
      killprivV2: true,
      posixAcl: 'always',
      securityLabel: 'never',
    });
  });

  it('says what only the C daemon could do, where it can be done', () => {
    expect(options('-o', 'posix_lock,flock,timeout=0.5').settings).toEqual({
      posixLock: true,
      flock: true,
      entryTimeout: 0.5,
      attrTimeout: 0.5,
    });
    expect(options('-o', 'no_posix_lock,no_flock').settings).toEqual({ posixLock: false, flock: false });
  });

  it('wins over an option of today, wherever it stands, and the last one over those before', () => {
    expect(options('-o', 'cache=always', '--cache=never', '-o', 'writeback,no_writeback').settings).toEqual({
      cache: 'always',
      writeback: false,
    });
  });

  it('is deprecated, and the log says so once', () => {
    expect((parse('-o', 'source=/srv', '-o', 'xattr', '-f', '-d') as Run).warnings).toEqual([
      '-o is deprecated: use the options that --help lists',
      '-f is deprecated: leave it out',
      '-d is deprecated: use --log-level=debug',
    ]);
  });

  it.each([
    ['log_level=debug', "write 'loglevel', or --log-level"],
    ['debug', 'use --log-level=debug'],
    ['allow_root', 'leave it out'],
    ['max_idle_threads=3', 'use --thread-pool-size'],
    ['xattrmap=:a=b:', 'has more than one equals sign: use --xattrmap'],
    ['cache=never', 'use one of: auto, always, none, metadata'],
    ['cache=toString', 'use one of'],
    ['constructor', 'is not understood'],
    ['cache', 'needs a value: use --cache'],
    ['xattr=1', 'is not understood'],
    ['sandbox=none', 'use one of: namespace, chroot'],
    ['timeout=x', 'give a number of seconds'],
    ['xattr,,flock', 'is empty'],
  ])('is refused in one line with status 2: %s', (text, reason) => {
    expect(parse('-o', text)).toMatchObject({
      kind: 'print',
      status: 2,
      text: expect.stringMatching(/^virtiofsd: -o[^\n]+\n$/),
    });
    expect(parse('-o', text)).toHaveProperty('text', expect.stringContaining(reason));
  });
});
