// @ts-check

/**
 * What an HTML comment before a block of code says about it:
 *
 *     <!-- run -->                                   on this machine, by bash; in a `console` block the output is compared
 *     <!-- run: as root -->                          the same, where the tests are run by root
 *     <!-- run: in the guest -->                     in the guest that the document has booted
 *     <!-- run: in the background until READY -->    READY: `PATH is there`, `PATH is a mount`, or `the guest is up`
 *     <!-- run on a fresh machine -->                like run, but only by scripts/fresh-machine.mjs; after a colon the same words, and
 *     <!-- run on a fresh machine: as a plain user -->    before these, or in their place, who runs it
 *     <!-- run by PATH -->                           a test, or another program of the repository, does it
 *     <!-- as in PATH -->                            the same block is run in that document
 *     <!-- not run: REASON -->
 *
 * @typedef {{ kind: 'run', where: 'host' | 'guest', asRoot: boolean, fresh: boolean, asUser: boolean,
 *   until: Readiness | null }} Run
 * @typedef {{ kind: 'path', path: string } | { kind: 'mount', path: string } | { kind: 'guest' }} Readiness
 * @typedef {Run | { kind: 'elsewhere', path: string } | { kind: 'same', path: string } | { kind: 'never' }} Directive
 */

/** What people type. Programs in the READMEs of packages are compiled and run by the tests of these. */
const TYPED = new Set(['sh', 'bash', 'console']);

/**
 * @param {import('./markdown.mjs').Fence} fence
 * @returns {Directive | null} null: there is nothing to be run in it
 */
export function directiveOf({ language, note }) {
  const directive = note === null ? null : parse(note);
  if (directive === null) {
    if (!TYPED.has(language)) return null;
    throw new Error(
      `say in a comment right before this '${language}' block how it is run: ` +
        '<!-- run -->, <!-- run by PATH -->, <!-- as in PATH --> or <!-- not run: REASON -->',
    );
  }
  if (directive.kind === 'run' && language !== 'sh' && language !== 'console') {
    throw new Error(
      `'${language}' cannot be run, only sh and console can: name who runs it, <!-- run by PATH -->`,
    );
  }
  return directive;
}

/**
 * @param {string} note
 * @returns {Directive | null}
 */
function parse(note) {
  if (/^not run: \S/.test(note)) return { kind: 'never' };
  const [, relation, path = ''] = /^(run by|as in) (\S+)$/.exec(note) ?? [];
  if (relation === 'run by') return { kind: 'elsewhere', path };
  if (relation === 'as in') return { kind: 'same', path };
  const how = /^run( on a fresh machine)?(?:: (.*))?$/.exec(note);
  if (!how) return null;
  const fresh = how[1] !== undefined;
  // Who else than the one who runs the tests: only a fresh machine has somebody.
  const asUser = fresh && /^as a plain user\b/.test(how[2] ?? '');
  const words = (asUser ? how[2]?.replace(/^as a plain user(, )?/, '') : how[2]) || 'here';
  const readiness = /^in the background until (.*)$/.exec(words);
  if (!readiness && !['here', 'as root', 'in the guest'].includes(words))
    throw new Error(`unknown: 'run: ${words}'`);
  return {
    kind: 'run',
    where: words === 'in the guest' ? 'guest' : 'host',
    asRoot: words === 'as root',
    fresh,
    asUser,
    until: readiness ? readinessOf(readiness[1] ?? '') : null,
  };
}

/**
 * @param {string} text
 * @returns {Readiness}
 */
function readinessOf(text) {
  if (text === 'the guest is up') return { kind: 'guest' };
  const [, path, what] = /^(\/\S+) is (there|a mount)$/.exec(text) ?? [];
  if (path === undefined) throw new Error(`unknown: 'until ${text}'`);
  return { kind: what === 'there' ? 'path' : 'mount', path };
}

/**
 * What of a document is to be run by the tests. A block that does not say so properly is none: that is for a test to find.
 * @param {import('./markdown.mjs').Document} document
 * @returns {Run[]}
 */
export function runsOf({ fences }) {
  return fences.flatMap((fence) => {
    try {
      const directive = directiveOf(fence);
      return directive?.kind === 'run' && !directive.fresh ? [directive] : [];
    } catch {
      return [];
    }
  });
}

/**
 * Whether a document can only be followed with a guest.
 * @param {import('./markdown.mjs').Document} document
 */
export function needsGuest(document) {
  return runsOf(document).some(({ where, until }) => where === 'guest' || until?.kind === 'guest');
}
