const TAG_SHIFT = 16;
const MAX_TAG = 0x7fff;

/**
 * Keeps inode numbers of different devices apart for a guest that sees all of the share as one device.
 *
 * The number of the device, counted from the share's own as 0, goes into the uppermost bits, where file systems of less than 2^48
 * inodes have none. A file system that does use them may still collide with another one, but never with itself.
 */
export class InodeTags {
  readonly #tags = new Map<number, number>();
  #lastDevice = -1;
  #lastTag = 0;

  /** What the upper half of an inode number of that device is to be combined with by exclusive or. */
  of(major: number, minor: number): number {
    const device = major * 2 ** 32 + minor;
    if (device === this.#lastDevice) return this.#lastTag;
    let tag = this.#tags.get(device);
    if (tag === undefined) {
      tag = (this.#tags.size & MAX_TAG) << TAG_SHIFT;
      this.#tags.set(device, tag);
    }
    this.#lastDevice = device;
    this.#lastTag = tag;
    return tag;
  }
}
