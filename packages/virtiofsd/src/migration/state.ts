import { MigrationError } from './migration-error.js';
import { PostcardReader, PostcardWriter } from './postcard.js';

/** A file handle of name_to_handle_at(2). */
export interface StateFileHandle {
  /** Of the source's mount. */
  readonly mountId: number;
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Where the destination finds the file of a node. */
export type StateLocation =
  | { readonly kind: 'root' }
  /** An entry of another node. */
  | { readonly kind: 'entry'; readonly parent: number; readonly name: Uint8Array }
  /** Nowhere: each use of the node is to fail. */
  | { readonly kind: 'invalid' }
  /** Relative to the shared folder. */
  | { readonly kind: 'path'; readonly path: Uint8Array }
  | { readonly kind: 'handle'; readonly handle: StateFileHandle };

export interface StateNode {
  readonly id: number;
  /** How many lookups the guest has not forgotten. */
  readonly references: number;
  readonly location: StateLocation;
  /** To make sure that the destination has found the same file. */
  readonly handle: StateFileHandle | undefined;
}

export interface StateHandle {
  readonly id: number;
  readonly node: number;
  /** To open the node with. */
  readonly flags: number;
}

/** What the guest and the source have agreed on, as far as the destination must know it. */
export interface StateAgreement {
  readonly writeback: boolean;
  readonly announceSubmounts: boolean;
  readonly posixAcl: boolean;
  readonly supplementaryGroups: boolean;
}

/** Everything a destination needs to go on where the source has stopped. */
export interface State {
  readonly nodes: readonly StateNode[];
  /** Above every node id ever given out. */
  readonly nextNode: number;
  readonly handles: readonly StateHandle[];
  readonly nextHandle: number;
  readonly agreement: StateAgreement;
  /** Paths of the source's mount points relative to the shared folder, by mount id; absent in the older version. */
  readonly mounts: ReadonlyMap<number, Uint8Array>;
}

// The versions, and the kinds of location, by their numbers in the encoding.
const V1 = 0;
const V2 = 1;
const KINDS = ['root', 'entry', 'invalid', 'path', 'handle'] as const;
const OPEN_BY_NODE = 0;

/** The state as the reference daemon writes and reads it, in its version 2. */
export function encodeState(state: State): Uint8Array {
  const out = new PostcardWriter();
  out.unsigned(V2);
  out.unsigned(state.nodes.length);
  for (const node of state.nodes) {
    out.unsigned(node.id);
    out.unsigned(node.references);
    writeLocation(out, node.location);
    out.boolean(node.handle !== undefined);
    if (node.handle) writeFileHandle(out, node.handle);
  }
  out.unsigned(state.nextNode);
  out.unsigned(state.handles.length);
  for (const { id, node, flags } of state.handles) {
    out.unsigned(id);
    out.unsigned(node);
    out.unsigned(OPEN_BY_NODE);
    out.signed32(flags);
  }
  out.unsigned(state.nextHandle);
  const { writeback, announceSubmounts, posixAcl, supplementaryGroups } = state.agreement;
  for (const flag of [writeback, announceSubmounts, posixAcl, supplementaryGroups]) out.boolean(flag);
  out.unsigned(state.mounts.size);
  for (const [id, path] of state.mounts) {
    out.unsigned(id);
    out.byteString(path);
  }
  return out.bytes;
}

/** @throws MigrationError MALFORMED */
export function decodeState(bytes: Uint8Array): State {
  const input = new PostcardReader(bytes);
  const version = input.unsigned();
  if (version !== V1 && version !== V2) {
    throw new MigrationError('MALFORMED', `the device state is of the unknown version ${version + 1}`);
  }
  const nodes = list(input, 4, readNode);
  const nextNode = input.unsigned();
  const handles = list(input, 4, readHandle);
  const nextHandle = input.unsigned();
  const agreement = {
    writeback: input.boolean(),
    announceSubmounts: input.boolean(),
    posixAcl: input.boolean(),
    supplementaryGroups: input.boolean(),
  };
  const mounts = version === V1 ? [] : list(input, 2, readMount);
  input.end();
  return { nodes, nextNode, handles, nextHandle, agreement, mounts: new Map(mounts) };
}

function list<T>(input: PostcardReader, smallest: number, read: (input: PostcardReader) => T): T[] {
  return Array.from({ length: input.count(smallest) }, () => read(input));
}

function readNode(input: PostcardReader): StateNode {
  return {
    id: input.unsigned(),
    references: input.unsigned(),
    location: readLocation(input),
    handle: input.boolean() ? readFileHandle(input) : undefined,
  };
}

function readHandle(input: PostcardReader): StateHandle {
  const id = input.unsigned();
  const node = input.unsigned();
  const source = input.unsigned();
  if (source !== OPEN_BY_NODE) {
    throw new MigrationError('MALFORMED', `the device state has a handle of the unknown kind ${source}`);
  }
  return { id, node, flags: input.signed32() };
}

function readMount(input: PostcardReader): [number, Uint8Array] {
  return [input.unsigned(), input.byteString()];
}

function writeLocation(out: PostcardWriter, location: StateLocation): void {
  out.unsigned(KINDS.indexOf(location.kind));
  switch (location.kind) {
    case 'entry':
      out.unsigned(location.parent);
      out.byteString(location.name);
      break;
    case 'path':
      out.byteString(location.path);
      break;
    case 'handle':
      writeFileHandle(out, location.handle);
      break;
  }
}

function readLocation(input: PostcardReader): StateLocation {
  const number = input.unsigned();
  const kind = KINDS[number];
  switch (kind) {
    case 'root':
    case 'invalid':
      return { kind };
    case 'entry':
      return { kind, parent: input.unsigned(), name: input.byteString() };
    case 'path':
      return { kind, path: input.byteString() };
    case 'handle':
      return { kind, handle: readFileHandle(input) };
    default:
      throw new MigrationError('MALFORMED', `the device state has a location of the unknown kind ${number}`);
  }
}

function writeFileHandle(out: PostcardWriter, { mountId, type, bytes }: StateFileHandle): void {
  out.unsigned(mountId);
  out.signed32(type);
  out.byteString(bytes);
}

function readFileHandle(input: PostcardReader): StateFileHandle {
  return { mountId: input.unsigned(), type: input.signed32(), bytes: input.byteString() };
}
