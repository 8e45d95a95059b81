import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadAddon } from '../src/load-addon.js';
import { temporaryDirectory } from './support.js';

const root = temporaryDirectory();
const ownPackage = fileURLToPath(new URL('..', import.meta.url));

/** What loading from a directory fails with. */
function failure(directory: string): Error & { code?: string } {
  try {
    loadAddon(directory);
  } catch (error) {
    return error as Error;
  }
  expect.fail('it was loaded');
}

test('without a binary for this platform the error names it, and says how to build one', () => {
  const error = failure(root);
  expect(error.code).toBe('ERR_VFS_SYS_NO_ADDON');
  expect(error.message).toMatch(
    new RegExp(`on linux-${process.arch} \\((glibc|musl)\\)\\. .*"npx node-gyp rebuild" in ${root}$`),
  );
  expect((error.cause as Error).message).toContain('No native build was found');
});

test('a binary that cannot be loaded is the same error, with its cause', () => {
  const directory = join(root, 'broken');
  mkdirSync(join(directory, 'build/Release'), { recursive: true });
  writeFileSync(join(directory, 'build/Release/sys.node'), 'no ELF file');
  const error = failure(directory);
  expect(error.code).toBe('ERR_VFS_SYS_NO_ADDON');
  expect((error.cause as { code: string }).code).toBe('ERR_DLOPEN_FAILED');
});

test.each(['index.js', 'index.cjs'])('dist/%s beside no binary throws that error on import', (entry) => {
  const directory = join(root, entry);
  mkdirSync(join(directory, 'node_modules'), { recursive: true });
  cpSync(join(ownPackage, 'dist'), join(directory, 'dist'), { recursive: true });
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: '@vfs/sys', type: 'module' }));
  symlinkSync(
    join(ownPackage, 'node_modules/node-gyp-build'),
    join(directory, 'node_modules/node-gyp-build'),
  );
  // What the run with sanitizers sets leads to a binary.
  const { '@VFS/SYS_PREBUILD': _, ...env } = process.env;
  const code = `import(${JSON.stringify(join(directory, 'dist', entry))}).then(
    () => console.log('loaded'), (error) => console.log(error.code, error.message))`;
  const output = execFileSync(process.execPath, ['-e', code], { encoding: 'utf8', env });
  expect(output).toContain(`ERR_VFS_SYS_NO_ADDON @vfs/sys has no addon`);
  expect(output).toContain(`"npx node-gyp rebuild" in ${directory}`);
});
