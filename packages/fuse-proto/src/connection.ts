/**
 * What INIT has settled, or is settling. A file system's `init` may change every field that is not readonly;
 * what it leaves goes into the reply.
 */
export class Connection {
  /** The peer's minor version; its major version is 7. */
  readonly minor: number;
  /** All flags that the peer offers: FUSE_* of INIT, `flags2` in the upper half. */
  readonly offered: bigint;
  /**
   * The flags agreed on. During `init`: the session's wanted flags as far as they are offered. Bits that are
   * not offered are removed again afterwards.
   */
  flags: bigint;
  /** Bytes the kernel may read ahead; at most what the peer said. */
  max_readahead: number;
  /** Requests the kernel may have in the background, 1..65535. */
  max_background = 65535;
  /** From how many of those on the kernel regards the file system as congested. */
  congestion_threshold = 49149;
  /** Largest WRITE in bytes, at least 4096. */
  max_write = 1 << 20;
  /** Granularity of timestamps in nanoseconds, 1 or a power of ten up to 10^9. */
  time_gran = 1;
  /** Largest request in pages of 4 KiB; counts with FUSE_MAX_PAGES. 0: as `max_write` needs. */
  max_pages = 0;
  /** log2 of the alignment of SETUPMAPPING offsets; counts with FUSE_MAP_ALIGNMENT. */
  map_alignment = 0;
  /** Depth of stacked file systems that may back this one, 1 or 2; counts with FUSE_PASSTHROUGH. */
  max_stack_depth = 0;
  /** Seconds after which the kernel gives up on a request; counts with FUSE_REQUEST_TIMEOUT. */
  request_timeout = 0;

  constructor(minor: number, offered: bigint, wanted: bigint, max_readahead: number) {
    this.minor = minor;
    this.offered = offered;
    this.flags = offered & wanted;
    this.max_readahead = max_readahead;
  }

  /** Whether all of the given flags are agreed on. */
  has(flags: bigint): boolean {
    return (this.flags & flags) === flags;
  }
}
