import { isDeepStrictEqual } from 'node:util';
import { type CheckRequest, parseCheckCommand } from '../../../src/check/check-command.js';
import { COMMANDS } from '../../../src/commands.js';
import { MOUNT, type MountRequest, parseMountCommand } from '../../../src/mount-command.js';
import { parseCommandLine, type Request } from '../../../src/options/command-line.js';
import { flagOf, type OptionEntry } from '../../../src/options/entry.js';
import type { Print } from '../../../src/options/print.js';
import { OPTIONS } from '../../../src/options/table/index.js';
import type { Options } from '../../../src/options.js';
import { StartError } from '../../../src/start-error.js';
import type { Choices } from '../engine/choices.js';
import type { Seen, Target } from '../engine/target.js';
import { gist, promised, undocumented } from './promise.js';
import { argumentsOf } from './spelled-options.js';
import {
  capabilityChanges,
  idRange,
  idRule,
  logSetting,
  numberWord,
  oddWord,
  wordOf,
  xattrRules,
} from './words.js';

export const COMMAND_LINE: Target = {
  name: 'command-line',
  promise:
    'whatever the arguments are, they are understood, and the same when they are written in full, or refused in one line',
  short: 1000,
  steps: 12,
  start: () => ({ run, [Symbol.dispose]: () => {} }),
};

type Entry = Omit<OptionEntry, 'take'>;
type Parser = (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
) => Request | MountRequest | CheckRequest;

const PARSERS: readonly Parser[] = [
  (args, environment) => parseCommandLine(args, { version: '1', commands: COMMANDS, environment, pid: 7 }),
  (args) => parseCheckCommand(args),
  (args, environment) => parseMountCommand(args, environment),
];
const ENTRIES: readonly Entry[] = [
  ...OPTIONS,
  ...MOUNT.options.filter(({ name }) => !OPTIONS.some((each) => each.name === name)),
];
const BEGINNINGS = [
  ['--shared-dir=/srv', '--socket-path=/s'],
  ['--shared-dir', '/srv', '--fd', '3'],
  ['--shared-dir=/srv'],
  [],
  ['/a', '/b'],
];
const LEGACY = [
  'source=/srv',
  'cache=auto',
  'cache=none',
  'cache=never',
  'loglevel=err',
  'sandbox=chroot',
  'timeout=1',
  'timeout=1=2',
  'xattr',
  'no_xattr',
  'readdirplus',
  'no_readdirplus',
  'writeback',
  'no_writeback',
  'allow_direct_io',
  'no_allow_direct_io',
  'announce_submounts',
  'killpriv_v2',
  'no_killpriv_v2',
  'posix_acl',
  'no_posix_acl',
  'security_label',
  'no_security_label',
  'posix_lock',
  'no_posix_lock',
  'flock',
  'no_flock',
  'allow_root',
  'modcaps=+mknod',
  'xattrmap=:map::user.:',
  'fd=3',
];

function run(choices: Choices, seen: Seen): void {
  const parse = choices.pick([PARSERS[0]!, PARSERS[0]!, ...PARSERS]);
  const environment = environmentOf(choices);
  const args = [...choices.pick(BEGINNINGS)];
  while (choices.next()) args.push(...argument(choices));
  const request = answerOf(parse, args, environment, seen);
  if (request === undefined) return;
  seen(request.kind);
  if (request.kind === 'print') checkPrint(request, args, seen);
  if (request.kind === 'run') checkOptions(request.options, args);
}

/** @returns undefined for a mistake that ends the program with status 1 */
function answerOf(
  parse: Parser,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  seen: Seen,
): ReturnType<Parser> | undefined {
  try {
    return parse(args, environment);
  } catch (error) {
    if (!(error instanceof StartError)) throw undocumented(error, JSON.stringify({ args, environment }));
    promised(error.message !== '', 'a mistake has a message');
    seen(gist(error.message));
    return undefined;
  }
}

function checkPrint({ text, status }: Print, args: readonly string[], seen: Seen): void {
  if (status === 0 || args.length === 0) return;
  seen(gist(text));
  promised(
    status === 2 && /^virtiofsd: [^\n\r]+; see virtiofsd( check| mount)? --help\n$/.test(text),
    () => `${JSON.stringify(args)} is refused in one line: ${JSON.stringify(text)}`,
  );
}

/** They can be handed to another process, and written as arguments. */
function checkOptions(options: Options, args: readonly string[]): void {
  const plain: unknown = JSON.parse(JSON.stringify(options));
  promised(isDeepStrictEqual(plain, options), () => `${JSON.stringify(args)} are plain data`);
  const again = argumentsOf(options);
  let request: unknown;
  try {
    request = parseCommandLine(again, { version: '1' });
  } catch (error) {
    request = error;
  }
  const same = isDeepStrictEqual((request as { options?: Options }).options, options);
  promised(
    same,
    () =>
      `${JSON.stringify(args)} means ${JSON.stringify(options)}, which ${JSON.stringify(again)} does not: ${JSON.stringify(request)}`,
  );
}

function environmentOf(choices: Choices): Record<string, string> {
  return {
    ...(choices.oneIn(4) && { RUST_LOG: logSetting(choices) }),
    ...(choices.oneIn(4) && {
      LISTEN_PID: choices.oneIn(4) ? oddWord(choices) : '7',
      LISTEN_FDS: numberWord(choices),
    }),
  };
}

/** One argument, or an option and its value. */
function argument(choices: Choices): string[] {
  if (choices.oneIn(24)) return [oddWord(choices)];
  const entry = choices.pick(ENTRIES);
  const flag = choices.oneIn(24) ? `--${wordOf(choices, [entry.name])}` : flagOf(entry);
  if (entry.value === undefined) return choices.oneIn(24) ? [`${flag}=${oddWord(choices)}`] : [flag];
  const value = valueFor(choices, entry);
  switch (choices.below(8)) {
    case 0:
      return [flag];
    case 1:
    case 2:
      return [flag, value];
    case 3:
      return [`${flag}${value}`];
    default:
      return [entry.name.length > 1 ? `${flag}=${value}` : `${flag}${value}`];
  }
}

function valueFor(choices: Choices, { name, choices: words }: Entry): string {
  if (choices.oneIn(16)) return oddWord(choices);
  if (words !== undefined) return wordOf(choices, words);
  switch (name) {
    case 'xattrmap':
      return xattrRules(choices);
    case 'translate-uid':
    case 'translate-gid':
      return idRule(choices);
    case 'uid-map':
    case 'gid-map':
      return idRange(choices);
    case 'modcaps':
      return capabilityChanges(choices);
    case 'o':
      return Array.from({ length: 1 + choices.below(4) }, () => wordOf(choices, LEGACY)).join(',');
    case 'shared-dir':
    case 'socket-path':
    case 'socket':
    case 'socket-group':
    case 'tag':
      return wordOf(choices, [
        '/srv',
        'share',
        '-x',
        'a b',
        '=',
        'x'.repeat(36),
        'é'.repeat(18),
        'x'.repeat(37),
      ]);
    default:
      return numberWord(choices);
  }
}
