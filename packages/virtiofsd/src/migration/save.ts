import { type Connection, FUSE_CREATE_SUPP_GROUP } from '@vfs/fuse-proto';
import { AT_EMPTY_PATH, close, fstatx, nameToHandleAt, O_PATH, SysError, type U64 } from '@vfs/sys';
import { nodeDescriptor } from '../passthrough/node-descriptors.js';
import { ROOT_ID, ROOT_SLOT } from '../passthrough/node-table.js';
import type { Share } from '../passthrough/share.js';
import { bytesOf, locateNodes, openBelow, type Path } from './locate.js';
import { MigrationError } from './migration-error.js';
import type { MigrationOptions } from './options.js';
import type { State, StateFileHandle, StateLocation, StateNode } from './state.js';

/** The mount of the shared folder itself, among the mounts of a state. */
const HERE = Buffer.from('.');

/**
 * Describes what a guest knows of the share and has open, for a destination to go on with. A file that cannot be found there
 * (it was removed while it was open) is described as such: the destination has to decide about it.
 *
 * @throws MigrationError LOST with `confirmPaths`
 * @param connection what the session has agreed on; undefined when the guest has not mounted the share
 */
export function describeShare(
  share: Share,
  connection: Connection | undefined,
  options: MigrationOptions = {},
): State {
  const { nodes, handles, agreed } = share;
  share.forgotten.clear();
  const paths = locateNodes(share);
  if (options.confirmPaths) confirm(share, paths);
  const described =
    options.mode === 'file-handles' ? byHandle(share) : byPath(share, paths, options.verifyHandles ?? false);
  return {
    nodes: connection ? described : [],
    nextNode: nodes.bound,
    handles: [...handles.records()].map(({ id, node, flags }) => ({ id, node, flags })),
    nextHandle: handles.bound,
    agreement: {
      writeback: agreed.writeback,
      announceSubmounts: agreed.submounts,
      posixAcl: agreed.posixAcl,
      supplementaryGroups: connection?.has(FUSE_CREATE_SUPP_GROUP) ?? false,
    },
    mounts: options.mode === 'file-handles' ? mountPaths(share, paths) : new Map(),
  };
}

/** @throws MigrationError LOST */
function confirm(share: Share, paths: ReadonlyMap<number, Path>): void {
  for (const slot of share.nodes.slots()) {
    if (slot === ROOT_SLOT || paths.has(slot)) continue;
    const descriptor = nodeDescriptor(share, slot);
    if (descriptor >= 0 && fstatx(descriptor).stx_nlink === 0) continue;
    throw new MigrationError(
      'LOST',
      `node ${share.nodes.idOf(slot)} has a name, but none that is found in the share`,
    );
  }
}

function byPath(share: Share, paths: ReadonlyMap<number, Path>, verifyHandles: boolean): StateNode[] {
  const { nodes } = share;
  const idByPath = new Map<Path, number>([['', ROOT_ID]]);
  for (const [slot, path] of paths) idByPath.set(path, nodes.idOf(slot));
  const children = new Map<number, number>();
  const located = [...nodes.slots()].map((slot) => {
    const location = locationOf(slot, paths.get(slot), idByPath);
    if (location.kind === 'entry') children.set(location.parent, (children.get(location.parent) ?? 0) + 1);
    return { slot, location };
  });
  return located.map(({ slot, location }) => {
    const id = nodes.idOf(slot);
    return {
      id,
      // In this mode an entry holds its parent, too.
      references: nodes.referencesOf(slot) + (children.get(id) ?? 0),
      location,
      handle: verifyHandles && slot !== ROOT_SLOT ? fileHandleOf(share, slot) : undefined,
    };
  });
}

function locationOf(slot: number, path: Path | undefined, ids: ReadonlyMap<Path, number>): StateLocation {
  if (slot === ROOT_SLOT) return { kind: 'root' };
  if (path === undefined) return { kind: 'invalid' };
  const slash = path.lastIndexOf('/');
  const parent = ids.get(path.slice(0, Math.max(slash, 0)));
  // The guest may know a file without knowing its directory: after a rename on the host, for one.
  if (parent === undefined) return { kind: 'path', path: bytesOf(path) };
  return { kind: 'entry', parent, name: bytesOf(path.slice(slash + 1)) };
}

function byHandle(share: Share): StateNode[] {
  const { nodes } = share;
  return [...nodes.slots()].map((slot) => {
    const handle = slot === ROOT_SLOT ? undefined : fileHandleOf(share, slot);
    const elsewhere: StateLocation = handle ? { kind: 'handle', handle } : { kind: 'invalid' };
    return {
      id: nodes.idOf(slot),
      references: nodes.referencesOf(slot),
      location: slot === ROOT_SLOT ? { kind: 'root' } : elsewhere,
      handle: undefined,
    };
  });
}

function fileHandleOf(share: Share, slot: number): StateFileHandle | undefined {
  const descriptor = nodeDescriptor(share, slot);
  if (descriptor < 0) return undefined;
  try {
    return nameToHandleAt(descriptor, '', AT_EMPTY_PATH);
  } catch (error) {
    // The file system has none.
    if (error instanceof SysError) return undefined;
    throw error;
  }
}

/** Where the mounts of the nodes are, relative to the shared folder: the first directory on the way to a node that lies on its mount. */
function mountPaths(share: Share, paths: ReadonlyMap<number, Path>): Map<number, Uint8Array> {
  const mounts = new Map<number, Uint8Array>([[Number(mountIdOf(nodeDescriptor(share, ROOT_SLOT))), HERE]]);
  for (const [slot, path] of paths) {
    const descriptor = nodeDescriptor(share, slot);
    if (descriptor < 0) continue;
    const mount = mountIdOf(descriptor);
    if (mounts.has(Number(mount))) continue;
    const names = path.split('/');
    const prefixes = names.map((_, i) => names.slice(0, i + 1).join('/'));
    const top = prefixes.find((prefix) => isOnMount(share, prefix, mount));
    if (top !== undefined) mounts.set(Number(mount), bytesOf(top));
  }
  return mounts;
}

function isOnMount(share: Share, path: Path, mount: U64): boolean {
  const descriptor = openBelow(share, path, O_PATH);
  if (descriptor === undefined) return false;
  try {
    return mountIdOf(descriptor) === mount;
  } finally {
    close(descriptor);
  }
}

function mountIdOf(descriptor: number): U64 {
  return fstatx(descriptor).stx_mnt_id;
}
