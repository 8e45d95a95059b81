/** Most chains that one call of `raw.splitChains` lays out. */
export const SPLIT_CHAINS_LIMIT = 32;

/**
 * What `raw.splitChains` reads at the place of its order: 32-bit words, by index. A place is two words, the id of a window and an
 * offset in it.
 */
export const SplitChainsOrder = {
  /** Place of the descriptor table; a multiple of 8. */
  descriptors: 0,
  /** Place of the available ring; a multiple of 2. */
  available: 2,
  /** Size of the ring, a power of two up to 32768. */
  size: 4,
  /** 1 when indirect tables were negotiated, else 0. */
  indirect: 5,
  /** Free-running index of the first chain in the available ring. */
  next: 6,
  /** How many chains to lay out, at most {@link SPLIT_CHAINS_LIMIT}; as many are available. */
  count: 7,
  /** Place of the memory table: {@link SplitChainsRow}s, a multiple of 8. */
  rows: 8,
  /** How many rows it has, at most 64. */
  rowCount: 10,
  /** Places of the lanes, one for each chain. */
  lanes: 11,
  /** Size of the whole, in bytes. */
  bytes: (11 + 2 * SPLIT_CHAINS_LIMIT) * 4,
} as const;

/** A piece of guest memory that lies in one window: words by index. */
export const SplitChainsRow = {
  /** Guest-physical address of the first byte, in two halves. */
  startLow: 0,
  startHigh: 1,
  /** In bytes. */
  size: 2,
  window: 3,
  offset: 4,
  /** Size of a row, in bytes. */
  bytes: 24,
} as const;

/**
 * Where one chain is laid out: words by index. The caller sets the places of the two tables of segments (12 bytes each, as preadv2 takes
 * them) and their capacities; the rest is the result.
 */
export const SplitChainsLane = {
  /** Index of the first descriptor. */
  head: 0,
  readableTable: 1,
  readableCapacity: 3,
  readableCount: 4,
  readableBytes: 5,
  writableTable: 6,
  writableCapacity: 8,
  writableCount: 9,
  writableBytes: 10,
  /** How many of the readable bytes were copied to {@link SplitChainsLane.prefix}. */
  prefixBytes: 11,
  /** A private copy of the first bytes of the readable part. */
  prefix: 12,
  prefixCapacity: 128,
  /** Size of a lane, in bytes; it begins at a multiple of 4. */
  bytes: 48 + 128,
} as const;
