import { type FileSystem, readOnly, translateIds } from '@vfs/fuse-proto';
import { idMap, parseIdTranslation } from './id-translation/index.js';
import type { Logger } from './log.js';
import type { ShareChoices } from './options.js';
import { PassthroughFileSystem } from './passthrough/file-system.js';
import { CHANGING_IOCTLS, READING_IOCTLS } from './passthrough/ioctl.js';
import type { Share, ShareOptions } from './passthrough/share.js';
import { type Gap, parseXattrMap } from './xattr-map/index.js';

/** How a folder is served, as far as the command line decides about it. */
export type ServingOptions = Omit<Partial<ShareChoices>, 'rlimitNofile' | 'module'>;

/**
 * Makes what is served in the place of a shared folder, or, where there is one, as a layer upon it.
 *
 * @param inner - the shared folder, if there is one
 */
export type MakeFileSystem = (inner: FileSystem | undefined) => FileSystem;

const itself: MakeFileSystem = (inner) => inner!;

const GAPS: Readonly<Record<Gap, string>> = {
  client: 'some names that the guest may use, which are refused',
  server: 'some names of the host, which are hidden',
};

/**
 * What a {@link Share} has to know of the options.
 *
 * @throws XattrMapError
 */
export function shareOptions(options: ServingOptions, log: Logger): Partial<ShareOptions> {
  const { settings, threadPoolSize, xattrMap } = options;
  const map = xattrMap === undefined ? undefined : parseXattrMap(xattrMap);
  for (const gap of map?.gaps ?? []) {
    log.warn(
      `the rules for extended attributes say nothing about ${GAPS[gap]}: end them with :ok:all::: or :bad:all:::`,
    );
  }
  return {
    ...settings,
    // Nothing is written: a cache for that would be a promise that cannot be kept.
    ...(options.readOnly && { writeback: false }),
    ...(threadPoolSize !== undefined && { threadPoolSize }),
    ...(map && { xattrMap: map }),
  };
}

/**
 * The file system that the guest sees: the folder itself or what `make` makes, with the ids of the guest, and perhaps no way to change it.
 *
 * @throws IdTranslationError
 */
export function servedFileSystem(
  share: Share | undefined,
  options: ServingOptions,
  make: MakeFileSystem = itself,
): FileSystem {
  const { translateUid = [], translateGid = [] } = options;
  let served = make(share && new PassthroughFileSystem(share));
  if (translateUid.length + translateGid.length > 0) {
    const users = parseIdTranslation(translateUid, 'uid');
    const groups = parseIdTranslation(translateGid, 'gid');
    served = translateIds(served, idMap(users, groups));
  }
  if (options.readOnly) {
    served = readOnly(served, { readingIoctls: READING_IOCTLS, changingIoctls: CHANGING_IOCTLS });
  }
  return served;
}
