import type { U64 } from '@vfs/fuse-proto';

/** What is numbered by a daemon or by the host as it likes: only which are the same can be compared. */
export type Numbering = 'node' | 'handle' | 'inode' | 'listed inode' | 'cookie';

const HOUR = 3600;

/**
 * Names numbers after where they appeared first, so that two runs can be compared, even if one of them came to know
 * something that the other did not.
 */
export class Symbols {
  readonly #known = new Map<string, string>();
  readonly #names = new Set<string>();
  readonly #start = Math.floor(Date.now() / 1000);

  /**
   * @param where where it appears now
   * @param owner whose number it is, if others may have had the same before, as with inodes that are gone
   */
  name(numbering: Numbering, value: U64, where: string, owner: U64 = 0): string {
    const key = `${numbering} ${owner} ${value}`;
    let name = this.#known.get(key);
    if (name === undefined) {
      name = this.#unused(`${numbering} of '${where}'`);
      this.#known.set(key, name);
    }
    return name;
  }

  /** A time that a script has set is compared; one that the clock has set is not. */
  time(seconds: U64, nanoseconds: U64): string {
    const distance = Number(seconds) - this.#start;
    return Math.abs(distance) < HOUR ? 'now' : `${seconds}.${String(nanoseconds).padStart(9, '0')}`;
  }

  #unused(name: string): string {
    let unused = name;
    for (let count = 2; this.#names.has(unused); count++) unused = `${name} (${count})`;
    this.#names.add(unused);
    return unused;
  }
}
