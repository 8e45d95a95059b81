import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseMountCommand } from '../../src/mount-command.js';
import { parseCommandLine, type Request } from '../../src/options/command-line.js';
import { flagOf } from '../../src/options/entry.js';
import { OPTIONS } from '../../src/options/table/index.js';
import { StartError } from '../../src/start-error.js';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('a', ':', '\n', '\r', '\u2028', '=', ' ', ',') }),
  fc.constantFrom(
    'never',
    'auto',
    '-',
    '--',
    '0',
    '-1',
    '1e3',
    ':0:1:1:',
    'map:0:1:1',
    '__proto__',
    'constructor',
  ),
  fc.constantFrom(
    'source=/srv,cache=none',
    'posix_acl,,x',
    'timeout=1=2',
    '+sys_admin:-chown',
    ':map::user.:',
  ),
);
const option = fc
  .tuple(
    fc.constantFrom(...OPTIONS.map(flagOf), '--bogus', '-od', '-h', '-V'),
    text,
    fc.constantFrom('=', ' ', ''),
  )
  .map(([flag, value, how]) => (how === ' ' ? [flag, value] : [how === '' ? flag : `${flag}=${value}`]));
const args = fc
  .array(
    fc.oneof(
      option,
      text.map((each) => [each]),
    ),
    { maxLength: 8 },
  )
  .map((each) => each.flat());

/** What a parser says; a mistake of status 1 counts as an answer. */
function answer(parse: () => { readonly kind: string }): string {
  try {
    return parse().kind;
  } catch (error) {
    if (error instanceof StartError) return 'failed';
    throw error;
  }
}

it('whatever the arguments are, they are understood or refused', () => {
  fc.assert(
    fc.property(args, (given) => {
      expect(['run', 'print', 'failed']).toContain(answer(() => parseCommandLine(given, { version: '1' })));
      expect(['mount', 'print', 'failed']).toContain(answer(() => parseMountCommand(given)));
    }),
    { numRuns: 300 },
  );
});

it('a refusal is one line, whatever the arguments are', () => {
  fc.assert(
    fc.property(args, (given) => {
      let request: Request;
      try {
        request = parseCommandLine(given, { version: '1' });
      } catch {
        return;
      }
      if (request.kind !== 'print' || request.status === 0 || given.length === 0) return;
      expect(request.status).toBe(2);
      expect(request.text).toMatch(/^virtiofsd: [^\n]*; see virtiofsd --help\n$/);
    }),
    { numRuns: 300 },
  );
});

it('what is understood is plain data, whatever it is', () => {
  fc.assert(
    fc.property(args, (given) => {
      try {
        const request = parseCommandLine(['--shared-dir=/a', '--socket-path=/b', ...given], { version: '1' });
        if (request.kind !== 'run') return;
        expect(JSON.parse(JSON.stringify(request.options))).toEqual(request.options);
      } catch (error) {
        if (!(error instanceof StartError)) throw error;
      }
    }),
    { numRuns: 300 },
  );
});
