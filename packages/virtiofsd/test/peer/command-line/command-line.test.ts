import { describe, expect, it } from 'vitest';
import { BIN } from '../../support/daemon.js';
import { CASES } from './cases.js';
import { type Outcome, outcomeOf } from './outcome.js';

const PEER = process.env['VFS_PEER_RUST'];

/** What has to be the same. */
function comparable({ kind, status, mode }: Outcome) {
  return { kind, status, mode };
}

describe.skipIf(PEER === undefined)('the daemon written in Rust and this one, started with the same', () => {
  describe.each(Object.entries(CASES))('%s', (_, cases) => {
    it.each(cases)('$args', async ({ args, passed = false, difference }) => {
      const [theirs, ours] = await Promise.all([
        outcomeOf(PEER!, args, passed),
        outcomeOf(BIN, args, passed),
      ]);
      const context = `theirs: ${theirs.stderr}\nours: ${ours.stderr}`;
      if (difference) {
        expect(ours.kind, context).toBe(difference.kind);
        // Else it is none any more.
        expect(theirs.kind, context).not.toBe(difference.kind);
      } else {
        expect(comparable(ours), context).toEqual(comparable(theirs));
      }
      if (ours.kind === 'usage' && args.length > 0) {
        expect(ours.stderr, 'one line that says what to do').toMatch(
          /^virtiofsd: [^\n]+; see virtiofsd --help\n$/,
        );
      }
      if (ours.kind === 'failed') expect(ours.stderr).toMatch(/^virtiofsd: [^\n]+\n$/m);
    });
  });

  it('print the same capabilities, this one possibly more', async () => {
    const [theirs, ours] = await Promise.all(
      [PEER!, BIN].map(async (command) => {
        const { stdout } = await outcomeOf(command, ['--print-capabilities'], false);
        return JSON.parse(stdout) as { type: string; features: string[] };
      }),
    );
    expect(ours!.type).toBe(theirs!.type);
    expect(ours!.features).toEqual(expect.arrayContaining(theirs!.features));
  });

  it('print their name and version', async () => {
    for (const command of [PEER!, BIN]) {
      expect((await outcomeOf(command, ['--version'], false)).stdout).toMatch(
        /^virtiofsd \d+\.\d+\.\d+\S*\n$/,
      );
    }
  });
});
