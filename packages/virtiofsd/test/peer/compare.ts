import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/fixture.js';
import type { DaemonKind } from './daemons.js';
import { Guest, LINUX_OFFER } from './guest.js';
import type { Script } from './script.js';
import { differences, type Found, type Transcript } from './transcript.js';

/** Runs a script against both daemons, each on a folder of its own, and tells where they differ. */
export async function compare(script: Script, rust: DaemonKind, ours: DaemonKind): Promise<Found[]> {
  // One after the other: what one does must not show in the times or the free space that the other reports.
  const theirs = await play(script, rust);
  const own = await play(script, ours);
  return differences(script.name, theirs, own);
}

async function play(script: Script, kind: DaemonKind): Promise<Transcript> {
  const base = temporaryDirectory();
  const directory = join(base, 'shared');
  mkdirSync(directory);
  script.prepare?.(directory);
  const guest = new Guest(kind, directory, join(base, 'socket'), script.options ?? []);
  try {
    await guest.start(script.offer === null ? undefined : (script.offer ?? LINUX_OFFER));
    await script.run(guest);
  } finally {
    await guest.stop();
  }
  return guest.transcript;
}
