import type { FileSystem, Outcome } from '../file-system.js';
import type { Slot } from '../slot.js';

/** What the operations that concern the session itself ask of it. */
export interface SessionControl {
  init(slot: Slot): Outcome;
  /** Ends the session, as DESTROY does. */
  reset(): void;
  /** Has the file system take back lookups; a failure, for which there is no reply, is logged. */
  forget(operation: string, nodeid: number, nlookup: number): void;
  /** Cancels a waiting request, named by the halves of its id. */
  interrupt(uniqueLo: number, uniqueHi: number): void;
  /** The flags of INIT that change how requests are read. */
  readonly traits: Traits;
}

/** What was agreed on at INIT and changes the layout of requests. */
export interface Traits {
  /** SETXATTR has 16 bytes of arguments, not 8. */
  readonly longSetxattr: boolean;
  /** Creations may carry extensions after their names. */
  readonly extensions: boolean;
  /** LOOKUP may ask for "." and "..". */
  readonly dots: boolean;
}

/** What the names behind the fixed part are, and so how they are checked. */
export const ENTRY = 1;
export const TARGET = 2;
export const XATTR = 3;
export const ANYTHING = 4;
export type NameKind = typeof ENTRY | typeof TARGET | typeof XATTR | typeof ANYTHING;

/** Largest listing, attribute or ioctl argument served, in bytes. */
export const MAX_VARIABLE_SIZE = 1 << 20;
/** Outcome of an operation that is not to be answered. */
export const NO_REPLY = -0x10000;

/**
 * One row of the table: what a request has to look like, how the file system is called, what the reply is.
 * Everything that can be said by a number is said by one; the session checks it before it calls `serve`.
 */
export interface OperationSpec {
  /** As in FUSE_<name>. */
  readonly name: string;
  /** The method that has to exist; without one the session serves the operation itself. */
  readonly method?: keyof FileSystem;
  /** Bytes of the fixed arguments. */
  readonly input?: number;
  /** The names that follow them. */
  readonly names?: readonly NameKind[];
  /** Bytes that the reply has at least: zeroed beforehand, and the writable part must have room for them. */
  readonly output?: number;
  /** What follows the arguments is bulk data, to be left where it is. */
  readonly bulk?: boolean;
  /** Something else than names follows the arguments, to be copied. */
  readonly more?: boolean;
  /** The payload is put into the writable part by the file system itself. */
  readonly inPlace?: boolean;
  /** Extensions may follow the names, if so agreed. */
  readonly extended?: boolean;
  /** There is never a reply. */
  readonly silent?: boolean;
  /** The header's nodeid means nothing. */
  readonly anyNode?: boolean;
  /** Calls the method. The request has been checked as far as this table describes it. */
  serve(fs: FileSystem, slot: Slot, session: SessionControl): Outcome;
  /** Turns the method's result (≥ 0) into the length of the payload; by default that is `output`. */
  finish?(slot: Slot, result: number): number;
}

/** Rows by opcode. */
export interface OperationTable {
  readonly [opcode: number]: OperationSpec;
}

/** A row with everything filled in: one shape for all, so that the session's accesses stay monomorphic. */
export class Operation {
  readonly opcode: number;
  readonly name: string;
  readonly method: keyof FileSystem | undefined;
  readonly input: number;
  readonly firstName: NameKind | 0;
  readonly secondName: NameKind | 0;
  readonly output: number;
  readonly bulk: boolean;
  /** Something follows the arguments that is to be copied. */
  readonly more: boolean;
  readonly inPlace: boolean;
  readonly extended: boolean;
  readonly silent: boolean;
  readonly anyNode: boolean;
  readonly serve: (fs: FileSystem, slot: Slot, session: SessionControl) => Outcome;
  readonly finish: ((slot: Slot, result: number) => number) | undefined;

  constructor(opcode: number, spec: OperationSpec) {
    this.opcode = opcode;
    this.name = spec.name;
    this.method = spec.method;
    this.input = spec.input ?? 0;
    this.firstName = spec.names?.[0] ?? 0;
    this.secondName = spec.names?.[1] ?? 0;
    this.output = spec.output ?? 0;
    this.bulk = spec.bulk ?? false;
    this.more = spec.more ?? spec.names !== undefined;
    this.inPlace = spec.inPlace ?? false;
    this.extended = spec.extended ?? false;
    this.silent = spec.silent ?? false;
    this.anyNode = spec.anyNode ?? false;
    this.serve = spec.serve;
    this.finish = spec.finish;
  }
}
