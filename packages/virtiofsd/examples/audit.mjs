// @ts-check
/**
 * A layer upon the shared folder that logs who removes and renames what:
 *
 *     virtiofsd --shared-dir DIR --socket-path SOCK --module audit.mjs
 */

/**
 * @param {import('@vfs/virtiofsd').ModuleContext} context
 * @returns {import('@vfs/fuse-proto').FileSystem}
 */
export function createFileSystem({ inner, log }) {
  if (!inner) throw new Error('this is a layer upon a shared folder: give one with --shared-dir');
  const folder = /** @type {Required<typeof inner>} */ (inner);

  /**
   * @param {import('@vfs/fuse-proto').Context} ctx
   * @param {string} what
   * @param {import('@vfs/fuse-proto').Outcome} outcome
   */
  async function told({ uid, pid }, what, outcome) {
    const result = await outcome;
    log.info(`${what} by user ${uid}, process ${pid}: ${result < 0 ? `error ${-result}` : 'done'}`);
    return result;
  }

  // What is not replaced here is the folder's own.
  return {
    ...folder,
    unlink: (ctx, parent, name) => told(ctx, `unlink ${name}`, folder.unlink(ctx, parent, name)),
    rmdir: (ctx, parent, name) => told(ctx, `rmdir ${name}`, folder.rmdir(ctx, parent, name)),
    rename: (ctx, from, name, to, newName, flags) =>
      told(ctx, `rename ${name} to ${newName}`, folder.rename(ctx, from, name, to, newName, flags)),
  };
}
