/** fuse_in_header and fuse_out_header, whose ids may be any 64 bits. */

const IN = { len: 0, opcode: 4, unique: 8, nodeid: 16, uid: 24, gid: 28, pid: 32 } as const;
const OUT = { len: 0, error: 4, unique: 8 } as const;

/** A request. */
export class InMessage {
  static readonly SIZE = 40;
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Whether it has a header at all. */
  static fits(bytes: Buffer): boolean {
    return bytes.length >= InMessage.SIZE;
  }

  /** As it says itself. */
  get length(): number {
    return this.bytes.readUInt32LE(IN.len);
  }
  get opcode(): number {
    return this.bytes.readUInt32LE(IN.opcode);
  }
  get unique(): bigint {
    return this.bytes.readBigUInt64LE(IN.unique);
  }
  get nodeid(): bigint {
    return this.bytes.readBigUInt64LE(IN.nodeid);
  }
  set nodeid(value: bigint) {
    this.bytes.writeBigUInt64LE(value, IN.nodeid);
  }
  get uid(): number {
    return this.bytes.readUInt32LE(IN.uid);
  }
  get gid(): number {
    return this.bytes.readUInt32LE(IN.gid);
  }
  get pid(): number {
    return this.bytes.readUInt32LE(IN.pid);
  }
}

/** A reply. */
export class OutMessage {
  static readonly SIZE = 16;
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get length(): number {
    return this.bytes.readUInt32LE(OUT.len);
  }
  /** 0, or −errno. */
  get error(): number {
    return this.bytes.readInt32LE(OUT.error);
  }
  get unique(): bigint {
    return this.bytes.readBigUInt64LE(OUT.unique);
  }
  get payload(): Buffer {
    return this.bytes.subarray(OutMessage.SIZE);
  }
}
