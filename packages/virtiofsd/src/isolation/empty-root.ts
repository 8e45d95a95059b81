import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode, StartError } from '../start-error.js';

/**
 * The root of a worker that has no folder to serve. It is removed when the worker has it: in a folder that is gone nobody can
 * make anything, whatever the privilege.
 */
export class EmptyRoot implements Disposable {
  readonly path: string;
  readonly #dispose = () => this[Symbol.dispose]();

  /** @throws StartError */
  constructor() {
    try {
      this.path = mkdtempSync(join(tmpdir(), 'virtiofsd-empty-'));
    } catch (error) {
      throw new StartError(
        `no empty folder can be made in '${tmpdir()}' (${errorCode(error)}): name another one in TMPDIR`,
      );
    }
    // A signal may end this process before the worker is ready.
    process.once('exit', this.#dispose);
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#dispose);
    try {
      rmdirSync(this.path);
    } catch (error) {
      // Somebody else has removed it, as those do who tidy up there.
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
}
