import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { bash, type Workload } from './workload.js';

const SIZE = 10_000;

async function closeAll(handles: readonly FileHandle[]): Promise<void> {
  for (const handle of handles) await handle.close();
}

/** Files that are open go on to work when their names are gone, taken by others, or elsewhere. */
export const openFiles: Workload = {
  name: 'open files survive unlink and rename',
  async run({ mounted, host }, effort) {
    const count = 300 * effort;
    const folder = join(mounted, 'folder');
    await mkdir(folder);
    const files: { handle: FileHandle; content: Buffer }[] = [];
    // Left open, they would be closed by the collector, which takes a mount that is gone as its own failure.
    await using _ = { [Symbol.asyncDispose]: () => closeAll(files.map(({ handle }) => handle)) };
    for (let i = 0; i < count; i++) {
      const content = randomBytes(SIZE);
      const handle = await open(join(folder, `f${i}`), 'wx+');
      await handle.write(content, 0, SIZE, 0);
      files.push({ handle, content });
    }
    for (let i = 0; i < count; i++) {
      const path = join(folder, `f${i}`);
      if (i % 3 === 0) await unlink(path);
      else if (i % 3 === 1) await rename(path, join(mounted, `moved${i}`));
      // Over another open file, which loses its name.
      else await rename(path, join(mounted, `moved${i - 1}`));
    }
    await rmdir(folder);
    await bash('/', 'sync -f "$1"', mounted);
    for (const [i, { handle, content }] of files.entries()) {
      await handle.datasync();
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(SIZE + 1), 0, SIZE + 1, 0);
      if (bytesRead !== SIZE || !buffer.subarray(0, SIZE).equals(content)) {
        throw new Error(`file ${i} has changed`);
      }
      const { nlink, size } = await handle.stat();
      if (nlink !== (i % 3 === 2 ? 1 : 0) || size !== SIZE) throw new Error(`file ${i}: ${nlink}, ${size}`);
      await handle.truncate(5);
      await handle.write('more', 5);
      if ((await handle.stat()).size !== 9) throw new Error(`file ${i} does not grow`);
      await handle.close();
    }
    // Nobody has them any more: not even under the names that a client gives to what is removed while it is open.
    await bash(host, '[ "$(ls -A | wc -l)" = "$1" ]', Math.floor(count / 3));
    for (let i = 1; i < count; i += 3) await rm(join(mounted, `moved${i}`));
  },
};
