import type { Session } from '@vfs/fuse-proto';
import type { Share } from '../passthrough/share.js';
import { agreeAgain } from './agreement.js';
import { restoreShare } from './load.js';
import type { MigrationOptions } from './options.js';
import { describeShare } from './save.js';
import { decodeState, encodeState } from './state.js';

/** Moves what one guest knows of a share, and has open, between daemons: this one, another of its kind, or the reference daemon. */
export class ShareMigration {
  readonly #share: Share;
  readonly #session: Session;
  readonly #options: MigrationOptions;

  constructor(share: Share, session: Session, options: MigrationOptions = {}) {
    this.#share = share;
    this.#session = session;
    this.#options = options;
  }

  /** The state, while no request is being served. Nothing changes: the guest may go on here. */
  save(): Uint8Array {
    return encodeState(describeShare(this.#share, this.#session.connection, this.#options));
  }

  /**
   * Takes a state over, instead of what the share and the session had.
   *
   * @throws MigrationError; the session then waits for an INIT
   */
  load(bytes: Uint8Array): void {
    const state = decodeState(bytes);
    this.#session.reset();
    // A guest that has not mounted the share has no nodes, not even the root.
    if (state.nodes.length === 0) return;
    try {
      const connection = agreeAgain(this.#share, state.agreement);
      restoreShare(this.#share, state, this.#options);
      this.#session.resume(connection);
    } catch (error) {
      this.#share.reset();
      throw error;
    }
  }
}
