import * as fuse from '@vfs/fuse-proto';
import type { Log } from '../../../src/log.js';
import { Share, type ShareOptions } from '../../../src/passthrough/share.js';
import { type ServingOptions, servedFileSystem, shareOptions } from '../../../src/served-file-system.js';
import type { Choices } from '../engine/choices.js';
import type { Source } from '../engine/source.js';
import type { Body, Seen, Target } from '../engine/target.js';
import { Guest } from './guest.js';
import { Place } from './place.js';
import { promised } from './promise.js';

export const PASSTHROUGH: Target = {
  name: 'passthrough',
  promise:
    'whatever a guest asks of a shared folder, it is answered, gets nowhere else, and leaves nothing behind',
  short: 150,
  steps: 200,
  needsRoot: true,
  start: () => new SharedFolder(),
};

class SharedFolder implements Body {
  readonly #place = new Place();

  run(choices: Choices, seen: Seen): Promise<void> {
    return this.#place.keeps((directory, log) => serve(directory, log, choices, seen));
  }

  [Symbol.dispose](): void {
    this.#place[Symbol.dispose]();
  }
}

async function serve(directory: string, log: Log, choices: Choices, seen: Seen): Promise<void> {
  const serving = servingOf(choices);
  const own = log.module('passthrough');
  const options = { ...shareOptions(serving, own), ...settingsOf(choices) };
  using share = new Share({ directory, log: own, ...options });
  const session = new fuse.Session(servedFileSystem(share, serving), { log: log.module('fuse') });
  const guest = new Guest(session, choices, seen);
  await guest.run();
  session.cancelWaits();
  await guest.end();
  const everything = choices.oneIn(2);
  if (everything) giveBack(share, guest);
  else session.reset();
  const { nodes, handles, locks } = share;
  const left = [nodes.size - 1, handles.size, locks.size, locks.queue.size];
  promised(
    left.every((count) => count === 0),
    () => `no node, handle or lock is left: ${left}`,
  );
}

/** What a guest does that unmounts the share and is not asked to say DESTROY: so what keeps a node for itself shows. */
function giveBack({ handles, nodes }: Share, guest: Guest): void {
  for (const { id, node } of [...handles.records()]) guest.release(node, id);
  for (const slot of [...nodes.slots()]) guest.forget(nodes.idOf(slot));
}

function settingsOf(random: Source): Partial<ShareOptions> {
  return {
    cache: random.pick(['auto', 'always', 'never', 'metadata']),
    writeback: random.oneIn(2),
    xattr: random.oneIn(2),
    posixAcl: random.pick(['never', 'auto']),
    securityLabel: random.pick(['never', 'auto']),
    killprivV2: random.oneIn(2),
    posixLock: random.oneIn(2),
    flock: random.oneIn(2),
    allowDirectIo: random.oneIn(2),
    inodeFileHandles: random.pick(['never', 'prefer']),
    negativeTimeout: random.pick([0, 1]),
    threadPoolSize: random.pick([0, 0, 0, 2]),
    descriptorBudget: random.pick([40, 4000]),
  };
}

function servingOf(random: Source): ServingOptions {
  const map = random.pick([
    undefined,
    undefined,
    undefined,
    ':map::user.vm.:',
    ':prefix:all:user.:user.vm.::bad:all:::',
  ]);
  return {
    readOnly: random.oneIn(8),
    ...(map !== undefined && { xattrMap: map }),
    translateUid: random.pick([
      [],
      [],
      [],
      ['map:0:1000:500'],
      ['squash-guest:0:1000:65536', 'forbid-guest:70000:9'],
    ]),
    translateGid: random.pick([[], [], [], ['map:0:1000:500']]),
  };
}
