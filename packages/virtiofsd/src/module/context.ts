import type { FileSystem } from '@vfs/fuse-proto';
import type { Logger } from '../log.js';

/** What {@link CreateFileSystem} is given. */
export interface ModuleContext {
  /** What `--module-option` says: text by key; of a key that was given several times, the last. */
  readonly options: Readonly<Record<string, string>>;
  /**
   * The shared folder, where there is one (`--shared-dir`), as a file system to put a layer upon. It can be called from
   * `init` on: before that, the folder is not open yet.
   */
  readonly inner?: FileSystem;
  /** The log of the daemon; `console` reaches nobody once the daemon is confined. */
  readonly log: Logger;
}

/**
 * What a module exports under the name `createFileSystem`: called once, when the daemon starts.
 *
 * Until its promise is fulfilled the files of the host can be read, as far as the daemon's user can. Afterwards nothing but the
 * shared folder is left of them, and nothing more can be imported.
 */
export type CreateFileSystem = (context: ModuleContext) => FileSystem | Promise<FileSystem>;
