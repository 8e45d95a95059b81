/** What INIT has settled with the guest, of that which the operations must know. */
export interface Agreement {
  /** The guest keeps writes back. */
  writeback: boolean;
  /** Requests say where set-id bits and capabilities have to go. */
  killprivV2: boolean;
  /** Access control lists are in force in the guest. */
  posixAcl: boolean;
  /** Requests that create something carry a security label. */
  securityLabel: boolean;
  /** The guest makes mounts of its own where the share has some. */
  submounts: boolean;
  /** Record locks come here. */
  posixLocks: boolean;
  /** Locks of flock(2) come here. */
  flocks: boolean;
}

/** What holds before INIT. */
export const NOTHING_AGREED: Readonly<Agreement> = {
  writeback: false,
  killprivV2: false,
  posixAcl: false,
  securityLabel: false,
  submounts: false,
  posixLocks: false,
  flocks: false,
};
