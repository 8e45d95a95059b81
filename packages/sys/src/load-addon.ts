import load from 'node-gyp-build';

/** The platform as prebuilt binaries name it: `linux-x64 (glibc)`. */
function platformName(): string {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return name;
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return `${name} (${header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc'})`;
}

/**
 * Loads the addon of the package in `directory`: what was built there, else the bundled binary for this platform.
 *
 * @throws Error with the code `ERR_VFS_SYS_NO_ADDON` when there is none, or it cannot be loaded (`cause` says why)
 */
export function loadAddon(directory: string): unknown {
  try {
    return load(directory);
  } catch (cause) {
    const advice =
      process.platform === 'linux'
        ? `Build it with g++, make and python3: run "npx node-gyp rebuild" in ${directory}`
        : 'It needs Linux';
    const message = `@vfs/sys has no addon that can be loaded on ${platformName()}. ${advice}`;
    throw Object.assign(new Error(message, { cause }), { code: 'ERR_VFS_SYS_NO_ADDON' });
  }
}
