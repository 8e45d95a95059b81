import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { MNT_DETACH, umount2 } from '@vfs/sys';
import { isMounted } from '../fuse-device/support.js';
import { after, temporaryDirectory } from '../support/fixture.js';

const PROGRAM = fileURLToPath(new URL('gated-file-system.mjs', import.meta.url));

export type Held = 'read' | 'write' | 'flush' | 'fsync' | 'truncate';

/**
 * A folder with the files `slow` and `fast`, of 1 MiB each, on a file system whose calls can be held: what takes long, as long as the
 * test wants.
 */
export class GatedFolder {
  readonly path: string;
  readonly #child;
  readonly #lines: string[] = [];
  #changed: () => void = () => {};
  #ended = false;

  private constructor(path: string) {
    this.path = path;
    this.#child = spawn(process.execPath, [PROGRAM, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#lines.push(line);
      this.#changed();
    });
    this.#child.on('exit', () => {
      this.#ended = true;
      this.#changed();
    });
    after(() => {
      this.#child.kill('SIGKILL');
      while (isMounted(path)) umount2(path, MNT_DETACH);
    });
  }

  static async mount(): Promise<GatedFolder> {
    const path = join(temporaryDirectory(), 'gated');
    mkdirSync(path);
    const folder = new GatedFolder(path);
    await folder.#said('mounted');
    return folder;
  }

  /** From now on calls of that kind on `slow` are held. */
  async hold(kind: Held): Promise<void> {
    this.#child.stdin.write(`hold ${kind}\n`);
    await this.#said(`holds ${kind}`);
  }

  /** Waits until so many calls of a kind are held. */
  held(kind: Held, count = 1): Promise<void> {
    return this.#said(`held ${kind}`, count);
  }

  /** Lets everything go on. */
  release(): void {
    this.#child.stdin.write('release\n');
  }

  async #said(what: string, count = 1): Promise<void> {
    while (this.#lines.filter((line) => line === what).length < count) {
      if (this.#ended) throw new Error('the file system has ended');
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}

/** What `slow` and `fast` contain. */
export function contentOf(name: string): Buffer {
  return Buffer.alloc(1 << 20, `${name}: `);
}
