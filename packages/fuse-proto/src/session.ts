import type { FileSystem } from './file-system.js';
import type { Logger } from './logger.js';
import type { Exchange } from './segments.js';

export interface SessionOptions {
  /**
   * INIT flags wanted whenever the peer offers them; `FileSystem.init` can refine the choice.
   * @default DEFAULT_FLAGS
   */
  flags?: bigint;
  /** @default nothing is logged */
  log?: Logger;
}

export class Session {
  constructor(fs: FileSystem, options: SessionOptions = {}) {
    void fs;
    void options;
  }
  get initialized(): boolean {
    return false;
  }
  get inFlight(): number {
    return 0;
  }
  dispatch(exchange: Exchange): void {
    exchange.complete(0);
  }
  reset(): void {}
  abandon(): void {}
  destroy(): void {}
}
