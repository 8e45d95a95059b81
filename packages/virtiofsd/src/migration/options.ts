/** How the destination is to find the files of the nodes. */
export type MigrationMode =
  /** By their paths: the destination sees the same tree, wherever it is stored. */
  | 'find-paths'
  /**
   * By file handle: the destination has the very same file systems mounted. It opens what the source names, in the share or not, and so
   * has to trust the source, and the front-end between them.
   */
  | 'file-handles';

/** What the destination does about a node or handle that it cannot have. */
export type MigrationOnError =
  /** Refuse the whole state: the guest stays at the source. */
  | 'abort'
  /** Go on; the guest gets an error when it uses it. */
  | 'guest-error';

export interface MigrationOptions {
  /** @default 'find-paths' */
  readonly mode?: MigrationMode;
  /** @default 'abort' */
  readonly onError?: MigrationOnError;
  /** Send each file's handle along, so that the destination can tell whether it has found that very file. @default false */
  readonly verifyHandles?: boolean;
  /** Refuse to save the state when a file that has a name cannot be found by it. @default false */
  readonly confirmPaths?: boolean;
}
