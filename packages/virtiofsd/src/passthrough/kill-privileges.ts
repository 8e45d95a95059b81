import type { Context } from '@vfs/fuse-proto';
import { CAP_FSETID, MappedMemory, type Raw, raw, S_ISGID, S_ISUID, S_IXGRP } from '@vfs/sys';
import { type CallOutcome, offload } from './offload.js';
import { dropRemappedCapabilityOfOpen } from './remapped-capability.js';
import type { Share } from './share.js';
import { STATX_MASK, STATX_WORD } from './statx.js';
import { mustReturn } from './way-home.js';

/*
 * Whoever changes a file without CAP_FSETID takes its set-user-ID and set-group-ID bits away: the kernel sees to that, and to
 * the root that the daemon mostly is it does not apply. Who has to see to it instead:
 *
 * - The guest's kernel, by SETATTR before the change, where nothing else is agreed on.
 * - With FUSE_HANDLE_KILLPRIV_V2 the daemon: SETATTR, WRITE and OPEN say so where the caller lacks the capability. FALLOCATE and
 *   COPY_FILE_RANGE have no room for saying it.
 * - The daemon, too, for writes past the guest's page cache: they say so whatever was agreed on.
 *
 * Then the daemon makes the change as somebody without the capability, and the host's kernel does the rest under its own locks. That
 * holds for the calling thread alone, so such a change never goes to the pool; it comes once per file, as afterwards the file has no
 * such bits. File capabilities (security.capability) are removed by whoever changes a file, root or not: by the host's kernel,
 * unless a map keeps them under another name.
 */

/** The caller's id where the guest does not tell it: where mounts can be id-mapped, all but creations. */
const UNKNOWN_ID = 0xffff_ffff;

/**
 * Whether the caller of a request that has no flag for it is to be taken for somebody without CAP_FSETID. A caller that is not known may
 * be root and lose the bits of a file for nothing; where that can only be a caller whose kernel has cleared them already, it is not.
 */
export function lacksPrivilege({ agreed }: Share, { uid }: Pick<Context, 'uid'>): boolean {
  return uid === UNKNOWN_ID ? agreed.killprivV2 : uid !== 0;
}

/** Whether a file has bits that somebody without CAP_FSETID takes away by changing it; if that cannot be told, it may have some. */
export function hasSetId(share: Share, descriptor: number): boolean {
  const { window, statx } = share.scratch;
  if (raw.statxFd(descriptor, STATX_MASK, window.id, statx) < 0) return true;
  const mode = window.u32[(statx >> 2) + STATX_WORD.mode]!;
  // Without execution for the group, the bit of the group stands for something else, and stays.
  return (mode & S_ISUID) !== 0 || (mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP);
}

/** The result of a change to the file of a descriptor; with `kills`, made as by somebody without CAP_FSETID. */
export function change(share: Share, descriptor: number, kills: boolean, act: () => number): number {
  return kills && hasSetId(share, descriptor) ? share.setId.renounce(act) : act();
}

/** As {@link offload} for a call that changes the file of a descriptor; where {@link change} makes a difference, as that. */
export function offloadChange<K extends keyof Raw>(
  share: Share,
  descriptor: number,
  kills: boolean,
  call: K,
  ...args: Parameters<Raw[K]>
): CallOutcome {
  const error = dropRemappedCapabilityOfOpen(share, descriptor);
  if (error < 0) return error;
  if (!kills || !hasSetId(share, descriptor)) return offload(share, descriptor, call, ...args);
  return share.setId.renounce(() => (raw[call] as (...args: number[]) => number)(...args));
}

/** Bytes of struct __user_cap_data_struct[2]. */
const SETS = 24;

/** The calling thread's privilege to leave set-id bits alone, as far as it has it. */
export class SetIdPrivilege implements Disposable {
  readonly #memory = MappedMemory.anonymous(2 * SETS);
  readonly #window = this.#memory.windows[0]!;
  /** Not known before it is first needed: a daemon settles its capabilities after it has opened its share. */
  #held: boolean | undefined;

  /** Does something without the privilege: its result, or −errno when that cannot be. */
  renounce(act: () => number): number {
    const { id } = this.#window;
    const error = this.#prepare();
    if (error < 0) return error;
    if (!this.#held) return act();
    const refused = raw.capset(id, SETS);
    if (refused < 0) return refused;
    try {
      return act();
    } finally {
      mustReturn('capset', () => raw.capset(id, 0));
    }
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }

  /** Places the sets to go back to, and those without the privilege: 0 or −errno. */
  #prepare(): number {
    if (this.#held !== undefined) return 0;
    const { id, u32 } = this.#window;
    const error = raw.capget(0, id, 0);
    if (error < 0) return error;
    u32.copyWithin(SETS / 4, 0, SETS / 4);
    // The effective set comes first.
    u32[SETS / 4]! &= ~(1 << CAP_FSETID);
    this.#held = u32[SETS / 4] !== u32[0];
    return 0;
  }
}
