import { MappedMemory, type MemoryWindow } from '@vfs/sys';

/** Bytes of one chunk: about a thousand directory entries. */
export const CHUNK_SIZE = 32 * 1024;
/** All chunks together are 8 MiB, and only those ever used take memory. */
const CHUNK_COUNT = 256;

/** Something that borrows a chunk and can go on without it. */
export interface ChunkHolder {
  /** The chunk now belongs to somebody else. */
  chunkTaken(): void;
}

/**
 * Buffers for reading directories, lent for as long as they hold entries that nobody has asked for yet.
 *
 * A guest may keep any number of directories open half read. Their number must not decide how much memory the
 * daemon needs, so when all chunks are lent the longest holder loses its one (and reads those entries again if they are wanted).
 */
export class ChunkPool implements Disposable {
  readonly #memory = MappedMemory.anonymous(CHUNK_SIZE * CHUNK_COUNT);
  readonly window: MemoryWindow = this.#memory.windows[0]!;
  readonly #free: number[] = Array.from({ length: CHUNK_COUNT }, (_, index) => CHUNK_COUNT - 1 - index);
  /** In the order in which they were lent. */
  readonly #holders = new Map<ChunkHolder, number>();

  get lent(): number {
    return this.#holders.size;
  }

  /** Lends a chunk to a holder that has none: its offset in {@link window}. */
  take(holder: ChunkHolder): number {
    const chunk = this.#free.pop() ?? this.#reclaim();
    this.#holders.set(holder, chunk);
    return chunk * CHUNK_SIZE;
  }

  /** Takes back the chunk of a holder that has one. */
  give(holder: ChunkHolder): void {
    this.#free.push(this.#holders.get(holder)!);
    this.#holders.delete(holder);
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }

  #reclaim(): number {
    const [holder, chunk] = this.#holders.entries().next().value!;
    this.#holders.delete(holder);
    holder.chunkTaken();
    return chunk;
  }
}
