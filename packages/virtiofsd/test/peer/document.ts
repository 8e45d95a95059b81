import type { Subject } from './differences/difference.js';

const HEAD = `<!-- Generated from packages/virtiofsd/test/peer/differences: change it there, then run
     pnpm --filter @vfs/virtiofsd generate:differences -->

# Differences from the Rust virtiofsd

The tests make the same requests of this daemon and of the Rust one (version 1.14), each on a folder of its own that was prepared
alike, and compare every reply: about 5,000 of them, with every opcode, every cache policy and the options for extended
attributes, ACLs, labels, translated ids and read-only sharing. What is not listed here is the same. A difference
that nobody has explained fails the tests.

Each difference is *equal* (another way to the same end, which nobody notices), *better* (on purpose, for the reason given), or *not yet*
(the Rust daemon has something that this one lacks).
`;

/** The page for administrators. */
export function differencesDocument(subjects: readonly Subject[]): string {
  return [HEAD, ...subjects.map(section)].join('\n');
}

function section({ title, differences }: Subject): string {
  const entries = differences.map(
    ({ title: heading, verdict, text }) => `### ${heading}\n\n*${capital(verdict)}.* ${text}\n`,
  );
  return [`## ${title}\n`, ...entries].join('\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
