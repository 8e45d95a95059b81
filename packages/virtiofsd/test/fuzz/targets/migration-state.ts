import { isDeepStrictEqual } from 'node:util';
import * as fuse from '@vfs/fuse-proto';
import type { Log } from '../../../src/log.js';
import { MigrationError } from '../../../src/migration/migration-error.js';
import { ShareMigration } from '../../../src/migration/share-migration.js';
import {
  decodeState,
  encodeState,
  type State,
  type StateFileHandle,
  type StateLocation,
} from '../../../src/migration/state.js';
import { PassthroughFileSystem } from '../../../src/passthrough/file-system.js';
import { Share } from '../../../src/passthrough/share.js';
import type { Choices } from '../engine/choices.js';
import type { Source } from '../engine/source.js';
import type { Body, Seen, Target } from '../engine/target.js';
import { Place } from './place.js';
import { gist, promised, undocumented } from './promise.js';

export const MIGRATION_STATE: Target = {
  name: 'migration-state',
  promise:
    'whatever a source says of a guest, a destination takes it over or refuses it, and gets nowhere but the share',
  short: 300,
  steps: 24,
  needsRoot: true,
  start: () => new Destination(),
};

const NAMES = [
  'a',
  'dir',
  'link',
  'escape',
  'secret',
  '',
  '.',
  '..',
  '/',
  'dir/..',
  'escape/secret',
  '../outside/secret',
  'a\0b',
  'x'.repeat(255),
  'x'.repeat(256),
].map((name) => new TextEncoder().encode(name));
const IDS = [0, 1, 2, 3, 4, 5, 0xffff, 0xffff_ffff, 2 ** 32, 2 ** 52, Number.MAX_SAFE_INTEGER];
const FLAGS = [
  0, 1, 2, 0o100, 0o1000, 0o2000, 0o4000, 0o40000, 0o200000, 0o400000, 0o10000000, 0o20200000, -1,
  0x7fff_ffff, -0x8000_0000,
];

class Destination implements Body {
  readonly #place = new Place();

  async run(choices: Choices, seen: Seen): Promise<void> {
    const bytes = damaged(choices, stateOf(choices));
    checkCodec(bytes, seen);
    await this.#place.keeps((directory, log) => this.#load(directory, log, bytes, choices, seen));
  }

  [Symbol.dispose](): void {
    this.#place[Symbol.dispose]();
  }

  #load(directory: string, log: Log, bytes: Uint8Array, choices: Choices, seen: Seen): void {
    // File handles of a source that is not trusted are opened only where the administrator has said so: not here.
    using share = new Share({
      directory,
      log: log.module('passthrough'),
      writeback: choices.oneIn(2),
      xattr: true,
      posixAcl: choices.pick(['never', 'auto', 'always']),
      inodeFileHandles: choices.pick(['never', 'prefer']),
      descriptorBudget: choices.pick([10, 4000]),
    });
    const session = new fuse.Session(new PassthroughFileSystem(share), { log: log.module('fuse') });
    const onError = choices.pick(['abort', 'guest-error'] as const);
    const migration = new ShareMigration(share, session, { onError, mode: 'find-paths' });
    if (takesOver(() => migration.load(bytes), seen)) {
      seen(`loaded ${Math.min(4, share.nodes.size)} ${Math.min(4, share.handles.size)}`);
      ask(session, seen);
      takesOver(() => void decodeState(migration.save()), seen);
      session.reset();
    }
    const left = [share.nodes.size - 1, share.handles.size];
    promised(
      left.every((count) => count === 0),
      () => `no node or handle is left: ${left}`,
    );
  }
}

/** @returns false when it is refused as it may be */
function takesOver(action: () => void, seen: Seen): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (!(error instanceof MigrationError)) throw undocumented(error, 'moving a guest');
    seen(`${error.code} ${gist(error.message)}`);
    return false;
  }
}

function checkCodec(bytes: Uint8Array, seen: Seen): void {
  let state: State;
  try {
    state = decodeState(bytes);
  } catch (error) {
    if (!(error instanceof MigrationError && error.code === 'MALFORMED'))
      throw undocumented(error, 'decoding a state');
    seen(gist(error.message));
    return;
  }
  promised(
    isDeepStrictEqual(decodeState(encodeState(state)), state),
    'a state that is written is read as it was',
  );
}

/** What a guest does next. */
function ask(session: fuse.Session, seen: Seen): void {
  for (const nodeid of [1, 2, 3, 4, 5]) {
    const exchange = new fuse.BufferExchange(
      fuse.encodeRequest(fuse.FUSE_GETATTR, { unique: 9, nodeid }, fuse.encode(fuse.GetattrIn, {})),
    );
    session.dispatch(exchange);
    const { error } = fuse.decodeReply(exchange.reply);
    seen(`node ${nodeid} ${error}`);
    for (const fh of [0, 1, 2]) {
      const reading = new fuse.BufferExchange(
        fuse.encodeRequest(
          fuse.FUSE_READ,
          { unique: 9, nodeid },
          fuse.encode(fuse.ReadIn, { fh, size: 100 }),
        ),
      );
      session.dispatch(reading);
    }
  }
}

function stateOf(choices: Choices): Uint8Array {
  const nodes = [
    {
      id: 1,
      references: 2,
      location: { kind: 'root' } as StateLocation,
      handle: undefined as StateFileHandle | undefined,
    },
  ];
  const handles: { id: number; node: number; flags: number }[] = [];
  const mounts = new Map<number, Uint8Array>();
  if (choices.oneIn(16)) nodes.pop();
  const next = () => (choices.oneIn(8) ? choices.pick(IDS) : 100);
  const [nextNode, nextHandle] = [next(), next()];
  const agreement = {
    writeback: choices.oneIn(4),
    announceSubmounts: !choices.oneIn(4),
    posixAcl: choices.oneIn(4),
    supplementaryGroups: choices.oneIn(2),
  };
  while (choices.next()) {
    switch (choices.below(8)) {
      case 0:
      case 1:
        handles.push({
          id: choices.oneIn(8) ? choices.pick(IDS) : handles.length,
          node: choices.oneIn(8) ? choices.pick(IDS) : 1 + choices.below(nodes.length || 1),
          flags: choices.oneIn(4) ? choices.u32() | 0 : choices.pick(FLAGS) | choices.pick(FLAGS),
        });
        break;
      case 2:
        mounts.set(choices.pick(IDS), choices.pick(NAMES));
        break;
      default:
        nodes.push({
          id: choices.oneIn(8) ? choices.pick(IDS) : nodes.length + 1,
          references: choices.oneIn(8) ? choices.pick(IDS) : 1 + choices.below(3),
          location: locationOf(choices, nodes.length),
          handle: choices.oneIn(8) ? handleOf(choices) : undefined,
        });
    }
  }
  return encodeState({ nodes, nextNode, handles, nextHandle, agreement, mounts }).slice();
}

function locationOf(random: Source, count: number): StateLocation {
  switch (random.below(12)) {
    case 0:
      return { kind: 'root' };
    case 1:
      return { kind: 'invalid' };
    case 2:
      return { kind: 'path', path: random.pick(NAMES) };
    case 3:
      return { kind: 'handle', handle: handleOf(random) };
    default:
      return {
        kind: 'entry',
        parent: random.oneIn(4) ? 1 + random.below(count + 2) : 1,
        name: random.pick(NAMES),
      };
  }
}

function handleOf(random: Source): StateFileHandle {
  return {
    mountId: random.pick(IDS),
    type: random.u32() | 0,
    bytes: random.bytes(random.pick([0, 1, 8, 12, 128, 200])),
  };
}

function damaged(choices: Choices, bytes: Uint8Array): Uint8Array {
  if (!choices.oneIn(8)) return bytes;
  if (choices.oneIn(2)) return bytes.slice(0, choices.below(bytes.length + 1));
  for (let i = choices.below(4); i >= 0; i--) bytes[choices.below(bytes.length)] = choices.u32();
  return bytes;
}
