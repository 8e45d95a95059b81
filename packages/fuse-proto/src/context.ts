import type { U64 } from './abi/u64.js';
import type { InHeader } from './abi/views.js';

/** A label to give to a new file: an attribute's name and value. */
export interface SecurityContext {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * Who asks for what: the part of the request header that file systems use. One per request slot; valid, like
 * everything that belongs to a request, until its result has settled.
 */
export class Context {
  readonly #header: InHeader;
  /**
   * Supplementary groups of the caller, on creations where FUSE_CREATE_SUPP_GROUP was agreed on and the peer
   * sent any. (Linux sends at most one: the group of the parent directory, if the caller is a member.)
   */
  groups: readonly number[] | undefined;
  /** Labels for the new file, on creations where FUSE_SECURITY_CTX was agreed on. */
  security: readonly SecurityContext[] | undefined;
  /** True once the peer has asked to interrupt this request. */
  canceled = false;
  /**
   * Called once when the peer asks to interrupt this request; set it while waiting. The request still has to
   * settle: as −EINTR if it was cut short, or with its result if that came first.
   */
  onCancel: (() => void) | undefined;

  constructor(header: InHeader) {
    this.#header = header;
  }

  /** The request's id, as INTERRUPT and the reply name it. */
  get unique(): U64 {
    return this.#header.unique;
  }

  get opcode(): number {
    return this.#header.opcode;
  }

  /** User id of the caller, as the peer's kernel numbers users; a layer may change it. */
  get uid(): number {
    return this.#header.uid;
  }

  set uid(uid: number) {
    this.#header.uid = uid;
  }

  get gid(): number {
    return this.#header.gid;
  }

  set gid(gid: number) {
    this.#header.gid = gid;
  }

  /** Process id of the caller in the peer's initial namespace; 0 for requests of the kernel itself. */
  get pid(): number {
    return this.#header.pid;
  }

  /** Makes the context fit for the next request. */
  reset(): void {
    this.groups = undefined;
    this.security = undefined;
    this.canceled = false;
    this.onCancel = undefined;
  }
}
