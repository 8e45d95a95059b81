import {
  AT_EMPTY_PATH,
  close,
  EINVAL,
  errnoName,
  nameToHandleAt,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_TRUNC,
  openat2,
  openByHandleAt,
  S_IFDIR,
  SysError,
} from '@vfs/sys';
import { makeRoom } from '../passthrough/descriptor-room.js';
import { nodeDescriptor } from '../passthrough/node-descriptors.js';
import { ROOT_ID, ROOT_SLOT } from '../passthrough/node-table.js';
import { adoptNode, forgetNode } from '../passthrough/nodes.js';
import { openDirectory, openFile } from '../passthrough/opening.js';
import type { Share } from '../passthrough/share.js';
import { NO_SLOT } from '../passthrough/slot-ids.js';
import { INSIDE, openBelow } from './locate.js';
import { MigrationError } from './migration-error.js';
import type { MigrationOptions } from './options.js';
import type { State, StateFileHandle, StateHandle, StateLocation, StateNode } from './state.js';

const NAME_MAX = 255;
const NUL = 0;
/** What only the first open was to do. */
const ONCE = O_CREAT | O_EXCL | O_TRUNC;

/**
 * Makes a share in which nothing is known or open yet what the state of another one says: nodes and handles have the ids that the guest knows.
 *
 * With `onError: 'guest-error'`, a file that cannot be had is left out: the guest is told ESTALE or EBADF when it uses it.
 *
 * @throws MigrationError LOST, or MALFORMED for what no source says; the share is then as it was
 */
export function restoreShare(share: Share, state: State, options: MigrationOptions = {}): void {
  new Restoration(share, state, options).run();
}

class Restoration {
  readonly #share: Share;
  readonly #state: State;
  readonly #tolerant: boolean;
  readonly #verify: boolean;
  readonly #takesHandles: boolean;
  /** Descriptors of the mounts, real ones as open_by_handle_at wants them, by the source's mount id. */
  readonly #mounts = new Map<number, number>();

  constructor(share: Share, state: State, options: MigrationOptions) {
    this.#share = share;
    this.#state = state;
    this.#takesHandles = options.mode === 'file-handles';
    this.#tolerant = options.onError === 'guest-error';
    this.#verify = state.nodes.some(({ handle }) => handle !== undefined);
  }

  run(): void {
    try {
      this.#expectIds();
      this.#restoreNodes();
      for (const handle of this.#state.handles)
        this.#attempt(`handle ${handle.id}`, () => this.#open(handle));
    } catch (error) {
      this.#share.reset();
      throw error;
    } finally {
      for (const descriptor of this.#mounts.values()) close(descriptor);
    }
  }

  /** Prepares for the ids that the source has given out. */
  #expectIds(): void {
    try {
      this.#share.nodes.expectForeign(this.#state.nextNode);
      this.#share.handles.expectForeign(this.#state.nextHandle);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new MigrationError('MALFORMED', `the source has used up its ids: ${error.message}`);
    }
  }

  /** Parents come before what lies in them, in whatever order the state has them. */
  #restoreNodes(): void {
    const lookups = this.#lookups();
    let waiting: readonly StateNode[] = this.#state.nodes;
    while (waiting.length > 0) {
      const later = waiting.filter((node) => this.#waitsForParent(node.location));
      if (later.length === waiting.length) break;
      for (const node of waiting) {
        if (!this.#waitsForParent(node.location))
          this.#attempt(`node ${node.id}`, () => this.#restoreNode(node));
      }
      waiting = later.filter(({ id }) => !this.#knows(id));
    }
    for (const { id } of waiting) this.#attempt(`node ${id}`, () => lost('its directory is not there'));
    // Only now: until here a parent stays for what lies in it, though the guest may have forgotten it.
    for (const [id, count] of lookups) this.#setLookups(id, count);
  }

  /** How many lookups the guest has: an entry's hold on its parent, counted in `references`, is none. */
  #lookups(): Map<number, number> {
    const lookups = new Map(this.#state.nodes.map(({ id, references }) => [id, references]));
    for (const { location } of this.#state.nodes) {
      if (location.kind !== 'entry') continue;
      lookups.set(location.parent, (lookups.get(location.parent) ?? 0) - 1);
    }
    return lookups;
  }

  #setLookups(id: number, count: number): void {
    const slot = this.#share.nodes.slotOf(id);
    if (slot === NO_SLOT || slot === ROOT_SLOT) return;
    if (count > 0) this.#share.nodes.setReferences(slot, count);
    else forgetNode(this.#share, id, 1);
  }

  #waitsForParent(location: StateLocation): boolean {
    return location.kind === 'entry' && !this.#knows(location.parent);
  }

  #knows(id: number): boolean {
    return this.#share.nodes.slotOf(id) !== NO_SLOT;
  }

  #restoreNode({ id, location, handle }: StateNode): void {
    const { nodes } = this.#share;
    if (location.kind === 'root') {
      if (id !== ROOT_ID) throw new MigrationError('MALFORMED', `the root is said to be node ${id}`);
      return;
    }
    const descriptor = this.#find(location);
    try {
      if (this.#verify && handle) checkSame(descriptor, handle);
      if (!makeRoom(this.#share)) lost('there are not enough descriptors');
    } catch (error) {
      close(descriptor);
      throw error;
    }
    const { scratch } = this.#share;
    const parent = location.kind === 'entry' ? nodes.slotOf(location.parent) : NO_SLOT;
    const slot = adoptNode(this.#share, descriptor, parent, scratch.window.id, scratch.name, id);
    if (slot < 0) lost(errnoName(-slot));
    if (nodes.idOf(slot) === id) return;
    forgetNode(this.#share, nodes.idOf(slot), 1);
    lost(`node ${nodes.idOf(slot)} is the same file`);
  }

  /** An O_PATH descriptor of what is there; the name of an entry is then in the scratch memory. */
  #find(location: StateLocation): number {
    const { nodes, scratch } = this.#share;
    switch (location.kind) {
      case 'entry': {
        const parent = nodeDescriptor(this.#share, nodes.slotOf(location.parent));
        if (parent < 0) return lost(`its directory: ${errnoName(-parent)}`);
        const { name } = location;
        const error =
          name.length > 0 && name.length <= NAME_MAX
            ? scratch.putBytes(scratch.name, name, 0, name.length)
            : -EINVAL;
        if (error < 0) return lost('its name is none');
        return openat2(parent, location.name, O_PATH | O_NOFOLLOW, 0, INSIDE);
      }
      case 'path':
        if (location.path.includes(NUL)) return lost('its path is none');
        return openat2(nodeDescriptor(this.#share, ROOT_SLOT), location.path, O_PATH | O_NOFOLLOW, 0, INSIDE);
      case 'handle':
        // A handle can name any file of the file system, not only those of the share: the administrator has to want that.
        if (!this.#takesHandles)
          lost('it comes as a file handle, and --migration-mode=file-handles is not given here');
        return openByHandleAt(this.#mountOf(location.handle), location.handle, O_PATH | O_NOFOLLOW);
      default:
        return lost('the source could not say where it is');
    }
  }

  #mountOf({ mountId }: StateFileHandle): number {
    let descriptor = this.#mounts.get(mountId);
    if (descriptor !== undefined) return descriptor;
    const path = this.#state.mounts.get(mountId);
    if (path === undefined || path.includes(NUL))
      return lost(`nobody knows where mount ${mountId} of the source is`);
    const text = Buffer.from(path).toString('latin1');
    descriptor = openBelow(this.#share, text === '.' ? '' : text, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor === undefined) return lost(`'${text}', a mount at the source, is not there`);
    this.#mounts.set(mountId, descriptor);
    return descriptor;
  }

  #open({ id, node, flags }: StateHandle): void {
    const share = this.#share;
    const slot = share.nodes.slotOf(node);
    if (slot === NO_SLOT) lost(`node ${node} is not there`);
    const handle =
      share.nodes.typeOf(slot) === S_IFDIR
        ? openDirectory(share, slot, id)
        : openFile(share, slot, flags & ~ONCE, false, id);
    if (handle < 0) lost(errnoName(-handle));
  }

  #attempt(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      const isKnown = error instanceof SysError || (error instanceof MigrationError && error.code === 'LOST');
      if (!isKnown) throw error;
      const message = `${what} of the source cannot be had: ${error.message}`;
      if (!this.#tolerant) throw new MigrationError('LOST', message);
      this.#share.log.warn(`${message}; the guest gets an error when it uses it`);
    }
  }
}

function checkSame(descriptor: number, wanted: StateFileHandle): void {
  const found = nameToHandleAt(descriptor, '', AT_EMPTY_PATH);
  if (found.type !== wanted.type || !Buffer.from(found.bytes).equals(wanted.bytes))
    lost('another file is there');
}

function lost(why: string): never {
  throw new MigrationError('LOST', why);
}
