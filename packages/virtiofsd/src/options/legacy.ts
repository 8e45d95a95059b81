import { flagOf, type OptionEntry, UsageError } from './entry.js';
import type { Given } from './given.js';
import { optionNamed } from './table/index.js';

/** The options of today, by the keys that take a value; a value may have had another name. */
const KEYS: Readonly<Record<string, { name: string; values?: Readonly<Record<string, string>> }>> = {
  source: { name: 'shared-dir' },
  cache: { name: 'cache', values: { auto: 'auto', always: 'always', none: 'never', metadata: 'metadata' } },
  loglevel: { name: 'log-level', values: { debug: 'debug', info: 'info', warn: 'warn', err: 'error' } },
  sandbox: { name: 'sandbox', values: { namespace: 'namespace', chroot: 'chroot' } },
  modcaps: { name: 'modcaps' },
  xattrmap: { name: 'xattrmap' },
};

/** Words that stand alone. */
const WORDS: Readonly<Record<string, (given: Given) => void>> = {
  xattr: (given) => set(given, 'xattr', true),
  no_xattr: (given) => set(given, 'xattr', false),
  readdirplus: (given) => set(given, 'readdirplus', true),
  no_readdirplus: (given) => set(given, 'readdirplus', false),
  writeback: (given) => set(given, 'writeback', true),
  no_writeback: (given) => set(given, 'writeback', false),
  allow_direct_io: (given) => set(given, 'allowDirectIo', true),
  no_allow_direct_io: (given) => set(given, 'allowDirectIo', false),
  announce_submounts: (given) => set(given, 'announceSubmounts', true),
  killpriv_v2: (given) => set(given, 'killprivV2', true),
  no_killpriv_v2: (given) => set(given, 'killprivV2', false),
  posix_acl: (given) => set(given, 'posixAcl', 'always'),
  no_posix_acl: (given) => set(given, 'posixAcl', 'never'),
  security_label: (given) => set(given, 'securityLabel', 'always'),
  no_security_label: (given) => set(given, 'securityLabel', 'never'),
  posix_lock: (given) => set(given, 'posixLock', true),
  no_posix_lock: (given) => set(given, 'posixLock', false),
  flock: (given) => set(given, 'flock', true),
  no_flock: (given) => set(given, 'flock', false),
};

/** What the C daemon understood and this one does not: what to do instead. */
const GONE: Readonly<Record<string, string>> = {
  log_level: "write 'loglevel', or --log-level",
  debug: 'use --log-level=debug',
  allow_root: 'leave it out: every user of the guest may use the mount',
  max_idle_threads: 'use --thread-pool-size',
  thread_pool_size: 'use --thread-pool-size',
  vhost_user_socket: 'use --socket-path',
  fd: 'use --fd',
};

/**
 * Reads the value of an option -o.
 *
 * @throws UsageError that says which part is wrong
 */
export function takeLegacy(given: Given, text: string): void {
  // An equals sign between the option and its value belongs to neither.
  for (const part of text.replace(/^=/, '').split(',')) {
    const [key, value, ...rest] = part.split('=') as [string, ...string[]];
    if (rest.length > 0) {
      throw new UsageError(`-o '${part}' has more than one equals sign: ${instead(key)}`);
    }
    if (value === undefined) takeWord(given, key);
    else takeValue(given, key, value);
  }
}

function takeWord(given: Given, word: string): void {
  const take = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (take) take(given);
  else if (Object.hasOwn(KEYS, word)) throw new UsageError(`-o '${word}' needs a value: ${instead(word)}`);
  else throw unknown(word, word);
}

function takeValue(given: Given, key: string, value: string): void {
  if (key === 'timeout') {
    for (const name of ['entry-timeout', 'attr-timeout']) hand(optionNamed(name), given, value, key);
    return;
  }
  const known = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  if (!known) throw unknown(key, `${key}=${value}`);
  const { name, values } = known;
  const translated = values ? (Object.hasOwn(values, value) ? values[value] : undefined) : value;
  if (translated === undefined) {
    throw new UsageError(`-o '${key}=${value}': use one of: ${Object.keys(values!).join(', ')}`);
  }
  hand(optionNamed(name), given, translated, key);
}

function hand(entry: OptionEntry<Given>, given: Given, value: string, key: string): void {
  try {
    entry.take(given, value);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`-o '${key}=${value}': ${error.message}`);
  }
}

function unknown(key: string, part: string): UsageError {
  if (key === '') return new UsageError('-o: a part between commas is empty');
  const advice = Object.hasOwn(GONE, key) ? GONE[key] : 'use the options that --help lists';
  return new UsageError(`-o '${part}' is not understood: ${advice}`);
}

function instead(key: string): string {
  if (key === 'timeout') return 'use --entry-timeout and --attr-timeout';
  return Object.hasOwn(KEYS, key) ? `use ${flagOf(KEYS[key]!)}` : 'use the options that --help lists';
}

function set<Key extends keyof Given>(given: Given, key: Key, value: NonNullable<Given[Key]>): void {
  given[key] = value;
}
