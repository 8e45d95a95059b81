import { describe, expect, it } from 'vitest';
import { parseCommandLine, type Run } from '../../src/options/command-line.js';
import { flagOf } from '../../src/options/entry.js';
import { OPTIONS } from '../../src/options/table/index.js';

const parse = (...args: string[]) => parseCommandLine(args, { version: '1.2.3' });
const required = ['--shared-dir', '/srv', '--socket-path', '/run/s'];
const options = (...args: string[]) => (parse(...required, ...args) as Run).options;
const message = (...args: string[]) => {
  const request = parse(...args);
  expect(request).toMatchObject({
    kind: 'print',
    status: 2,
    text: expect.stringMatching(/^virtiofsd: [^\n]+\n$/),
  });
  return (request as { text: string }).text;
};

describe('a complete command line', () => {
  it('fills in the defaults', () => {
    expect(parse(...required)).toEqual({
      kind: 'run',
      warnings: [],
      options: {
        sharedDir: '/srv',
        socketPath: '/run/s',
        keepAlive: false,
        numRequestQueues: 1,
        threadPoolSize: 0,
        pollUs: 50,
        settings: {},
        readOnly: false,
        translateUid: [],
        translateGid: [],
        sandbox: 'namespace',
        uidMap: [],
        gidMap: [],
        seccomp: 'kill',
        capabilityChanges: [],
        logLevel: 'info',
        syslog: false,
        observation: {},
        migration: { mode: 'find-paths', onError: 'abort', verifyHandles: false, confirmPaths: false },
      },
    });
  });

  it('is plain data, which another process can be given', () => {
    const given = options(
      '--uid-map=:0:1000:1:',
      '--modcaps=+sys_admin',
      '--xattrmap=:map::user.:',
      '--tag=t',
    );
    expect(JSON.parse(JSON.stringify(given))).toEqual(given);
  });

  it('takes the last of a repeated option, and all of a list', () => {
    expect(options('--tag', 'a', '--tag=b').tag).toBe('b');
    expect(options('--translate-uid=map:0:1:1', '--translate-uid', 'map:1:2:1').translateUid).toHaveLength(2);
  });

  it('takes what --no- says over its opposite, in either order, but not for killpriv', () => {
    for (const order of [(x: string[]) => x, (x: string[]) => [...x].reverse()]) {
      const both = order([
        '--announce-submounts',
        '--no-announce-submounts',
        '--killpriv-v2',
        '--no-killpriv-v2',
      ]);
      expect(options(...both).settings).toEqual({ announceSubmounts: false, killprivV2: true });
    }
  });

  it('has extended attributes wherever something needs them', () => {
    for (const flag of ['--posix-acl', '--security-label=auto', '--xattrmap=:map::user.:']) {
      expect(options(flag).settings.xattr).toBe(true);
    }
    expect(options('--posix-acl=never').settings.xattr).toBeUndefined();
  });

  it('has a map that leaves nothing open, or says that it does', () => {
    expect(parse(...required, '--xattrmap=:map::user.virtiofs.:')).toMatchObject({ warnings: [] });
    expect(parse(...required, '--xattrmap=:prefix:all:a:b:')).toMatchObject({
      warnings: [expect.stringContaining('no rule for some names of the guest and the host')],
    });
  });

  it('understands words in any case', () => {
    expect(options('--sandbox=NONE', '--cache=Always')).toMatchObject({
      sandbox: 'none',
      settings: { cache: 'always' },
    });
  });

  it('prefers --socket-path to its old name', () => {
    const request = parse('--shared-dir=/srv', '--socket-path=/new', '--socket=/old') as Run;
    expect(request.options.socketPath).toBe('/new');
    expect(request.warnings).toEqual(['--socket is deprecated: use --socket-path']);
  });

  it('has a level of the log by -d, and above all by the environment', () => {
    expect(options('-d', '--log-level=error').logLevel).toBe('debug');
    const level = (value: string) =>
      (parseCommandLine([...required, '-d'], { version: '', environment: { RUST_LOG: value } }) as Run)
        .options.logLevel;
    expect(['warn', 'TRACE', 'virtiofsd=warn', 'virtiofsd=warn,error', ''].map(level)).toEqual([
      'warn',
      'trace',
      'debug',
      'error',
      'debug',
    ]);
  });
});

describe('a socket of the service manager', () => {
  const activated = (count: string, pid = '7', ...args: string[]) =>
    parseCommandLine(['--shared-dir=/srv', ...args], {
      version: '',
      environment: { LISTEN_FDS: count, LISTEN_PID: pid },
      pid: 7,
    });

  it('is taken where no other one is given', () => {
    expect(activated('1')).toMatchObject({ options: { fd: 3 } });
    expect((activated('1', '7', '--socket-path=/s') as Run).options.fd).toBeUndefined();
    expect(activated('1', '7', '--fd=5')).toMatchObject({ options: { fd: 5 } });
  });

  it('is not taken from another process', () => {
    expect(activated('1', '8')).toMatchObject({ kind: 'print', status: 2 });
  });

  it('has to be the only one', () => {
    expect(() => activated('2')).toThrow('passes 2 sockets');
    expect(activated('2', '7', '--fd=4')).toMatchObject({ options: { fd: 4 } });
  });
});

describe('what is printed', () => {
  it('is the version or the help, with status 0', () => {
    expect(parse('--version')).toEqual({ kind: 'print', text: 'virtiofsd 1.2.3\n', status: 0 });
    const help = parse('--help');
    expect(help).toMatchObject({ kind: 'print', status: 0 });
    for (const entry of OPTIONS) expect(help).toHaveProperty('text', expect.stringContaining(flagOf(entry)));
  });

  it('is the help with status 2 without arguments', () => {
    expect(parse()).toMatchObject({
      kind: 'print',
      status: 2,
      text: expect.stringContaining('--shared-dir'),
    });
  });

  it('is what the daemon can do, whatever else is missing', () => {
    const print = parse('--print-capabilities') as { text: string };
    expect(print).toMatchObject({ kind: 'print', status: 0 });
    expect(JSON.parse(print.text)).toEqual({
      type: 'fs',
      features: [
        'migrate-precopy',
        'posix-acl-negotiation-mode',
        'security-label-negotiation-mode',
        'separate-options',
      ],
    });
  });
});

describe('a mistake', () => {
  it.each([
    ['an unknown option', [...required, '--shard-dir', 'x'], "unknown option '--shard-dir'"],
    ['an argument too many', [...required, 'x'], 'too many arguments'],
    ['a missing value', ['--shared-dir'], "option '--shared-dir <DIR>' argument missing"],
    [
      'a forgotten value',
      ['--tag', '--xattr'],
      "--tag: its value is missing; if '--xattr' is meant to be that",
    ],
    ['a value of a flag', [...required, '--xattr=yes'], '--xattr takes no value'],
    ['a value that needs =', [...required, '--posix-acl', 'auto'], 'too many arguments'],
    ['a value that needs = too', ['--inode-file-handles', 'never'], 'write it behind an equals sign'],
    ['a missing folder', ['--socket-path', 's'], '--shared-dir DIR is missing'],
    ['nothing required', ['--tag', 't'], '--shared-dir DIR and --socket-path SOCK (or --fd FD) are missing'],
    ['two sockets', [...required, '--fd=3'], '--socket-path and --fd exclude each other'],
    ['a group of a descriptor', ['--shared-dir=/', '--fd=3', '--socket-group=g'], 'is of no use with --fd'],
    ['a group to print', ['--print-capabilities', '--socket-group=g'], 'exclude each other'],
    ['an empty folder', ['--shared-dir', '', '--socket-path', 's'], "--shared-dir '': it is empty"],
    ['a path that is not UTF-8', ['--shared-dir', 'a\u{fffd}', '--socket-path', 's'], 'it is not UTF-8'],
    ['a long tag', [...required, '--tag', 'é'.repeat(19)], 'it is 38 bytes long: give at most 36'],
    ['an empty tag', [...required, '--tag='], 'it is empty: give 1 to 36 bytes'],
    ['an unknown level', [...required, '--log-level', 'loud'], "--log-level 'loud': use one of: off, error,"],
    ['a policy of the C daemon', [...required, '--cache=none'], "--cache 'none': use 'never'"],
    ['no number', [...required, '--thread-pool-size=x'], 'give a whole number from 0'],
    ['too many threads', [...required, '--thread-pool-size=99999999999'], 'give a number from 0 to'],
    ['no queue', [...required, '--num-request-queues=0'], 'give a number from 1 to'],
    [
      'a wrong translation',
      [...required, '--translate-uid=map:0:1'],
      "--translate-uid 'map:0:1': write it as",
    ],
    ['a wrong map', [...required, '--xattrmap=:ok:all::: :bid:all:::'], "rule 2: there is no type 'bid'"],
    ['no time', [...required, '--entry-timeout=1h'], 'give a number of seconds'],
  ])('is refused in one line with status 2: %s', (_, args, text) => {
    expect(message(...args)).toContain(text);
  });

  it.each([
    [['--translate-uid=map:0:1:1', '--posix-acl'], '--translate-uid and --posix-acl exclude each other'],
    [['--translate-gid=map:0:9:2', '--translate-gid=guest:1:5:1'], '--translate-gid: '],
    [['--migration-mode=file-handles', '--migration-verify-handles'], 'only for --migration-mode=find-paths'],
    [['--modcaps=sys_admin'], "part 1, 'sys_admin', begins with neither + nor -"],
    [['--modcaps=+chown::-kill'], 'part 2 is empty'],
    [['--modcaps=+chown:-fly'], "part 2: there is no capability 'fly'"],
    [['--modcaps=-dac_read_search'], 'add --inode-file-handles=never'],
    [['--uid-map=:0:1:5:', '--uid-map=:4:9:1:'], 'two ranges contain the id 4'],
  ])('is one of status 1 where it was for the reference: %j', (args, text) => {
    expect(() => parse(...required, ...args)).toThrow(text);
  });
});

describe('a range of ids', () => {
  it('has any delimiter', () => {
    expect(options('--uid-map=|0|100000|65536|').uidMap).toEqual([
      { inside: 0, outside: 100000, count: 65536 },
    ]);
    expect(options('--gid-map', ':0:5:1:', '--gid-map', '/1/7/2/').gidMap).toHaveLength(2);
  });

  it.each([
    ['0:1:2', 'it does not end with a delimiter'],
    ['0:1:2:', "it ends with ':' but does not begin with it"],
    [':', 'it has 0 fields and not 3'],
    [':0:1:', 'it has 2 fields and not 3'],
    [':0:x:1:', "its field 2, 'x', is not a whole number"],
    [':0:0:0:', 'count'],
    [':0:4294967295:1:', 'outside'],
  ])('is refused: %s', (text, reason) => {
    expect(message(...required, `--uid-map=${text}`)).toContain(reason);
  });
});
