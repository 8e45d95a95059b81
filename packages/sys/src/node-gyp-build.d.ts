declare module 'node-gyp-build' {
  /** Loads the addon of the package in `directory`: a local build, else the bundled binary for this platform. */
  const load: (directory: string) => unknown;
  export = load;
}
