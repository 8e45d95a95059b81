import { ProtocolError } from '../errors.js';
import { toBigInt, type U64 } from '../u64.js';
import { type Codec, expectLength, Struct, type StructInput, type StructValue } from './struct.js';

/** No body. */
export const emptyPayload: Codec<void> = {
  size: 0,
  variable: false,
  decode: (body) => expectLength('an empty body', body, 0),
  encode: () => new Uint8Array(0),
};

/** A single 64-bit integer. */
export const u64Payload: Codec<bigint, U64> = {
  size: 8,
  variable: false,
  decode(body) {
    expectLength('u64', body, 8);
    return body.getBigUint64(0, true);
  },
  encode(value) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, toBigInt(value), true);
    return bytes;
  },
};

/** Bytes that this package carries without interpreting them. */
export const opaquePayload: Codec<Uint8Array> = {
  size: 0,
  variable: true,
  decode: (body) => new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice(),
  encode: (value) => Uint8Array.from(value),
};

/** A vring state description. */
export const vringStatePayload = new Struct('vring state', { index: 'u32', num: 'u32' });
/** A ring, and a number that is about it. */
export type VringState = StructValue<typeof vringStatePayload.layout>;

/** A vring address description; the addresses are the front-end's own (user) addresses. */
export const vringAddressPayload = new Struct('vring address', {
  index: 'u32',
  flags: 'u32',
  descriptor: 'u64',
  used: 'u64',
  available: 'u64',
  log: 'u64',
});
/** Where the parts of a ring are. */
export type VringAddress = StructValue<typeof vringAddressPayload.layout>;
/** VHOST_VRING_F_LOG in {@link VringAddress}'s flags: writes to the used ring are logged at `log`. */
export const VRING_F_LOG = 1;

/** One region of a memory table. */
export const regionStruct = new Struct('memory region', {
  guestAddress: 'u64',
  size: 'u64',
  userAddress: 'u64',
  mmapOffset: 'u64',
});
/** A region as it was received. */
export type RegionDescription = StructValue<typeof regionStruct.layout>;
/** A region as it can be given to be sent. */
export type RegionInput = StructInput<typeof regionStruct.layout>;

const REGION_TABLE_HEADER = 8;

/** Memory regions description: the number of regions, padding, the regions. */
export const memoryTablePayload: Codec<RegionDescription[], readonly RegionInput[]> = {
  size: REGION_TABLE_HEADER,
  variable: true,
  decode(body) {
    if (body.byteLength < REGION_TABLE_HEADER) {
      throw new ProtocolError(
        'BAD_LENGTH',
        `memory table of ${body.byteLength} bytes, shorter than its header`,
      );
    }
    const count = body.getUint32(0, true);
    // Older front-ends always send room for eight regions: bytes after the last region are legal.
    if (REGION_TABLE_HEADER + count * regionStruct.size > body.byteLength) {
      throw new ProtocolError('BAD_LENGTH', `memory table of ${count} regions in ${body.byteLength} bytes`);
    }
    return Array.from({ length: count }, (_, i) =>
      regionStruct.read(body, REGION_TABLE_HEADER + i * regionStruct.size),
    );
  },
  encode(regions) {
    const bytes = new Uint8Array(REGION_TABLE_HEADER + regions.length * regionStruct.size);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, regions.length, true);
    for (const [i, region] of regions.entries()) {
      regionStruct.write(view, REGION_TABLE_HEADER + i * regionStruct.size, region);
    }
    return bytes;
  },
};

/** Single memory region description: padding, then the region. */
export const singleRegionPayload = new Struct('single memory region', {
  padding: [8],
  ...regionStruct.layout,
});

/** Log description: a part of the descriptor's file, with one bit per 4096-byte page from guest address 0 on. */
export const logPayload = new Struct('log', { logSize: 'u64', logOffset: 'u64' });

/** An IOTLB message. */
export const iotlbPayload = new Struct('IOTLB message', {
  iova: 'u64',
  size: 'u64',
  userAddress: 'u64',
  permissions: 'u8',
  type: 'u8',
  // The C structure is not packed: it ends at a multiple of 8 bytes.
  padding: [6],
});

/** A part of the device's configuration space. */
export interface ConfigSpace {
  /** Bytes from the beginning of the configuration space. */
  readonly offset: number;
  /** Bytes asked for or given. An error reply has none. */
  readonly size: number;
  /** 0: writable fields; 1: live migration. */
  readonly flags: number;
  /** `size` bytes; a request to read carries room for the answer. */
  readonly payload: Uint8Array;
}

/** Largest configuration space the protocol's users accept, in bytes. */
export const MAX_CONFIG_SIZE = 256;

const configHeader = new Struct('config space', { offset: 'u32', size: 'u32', flags: 'u32' });

/** Virtio device config space. */
export const configPayload: Codec<ConfigSpace> = {
  size: configHeader.size,
  variable: true,
  decode(body) {
    if (body.byteLength < configHeader.size) {
      throw new ProtocolError('BAD_LENGTH', `config space message of ${body.byteLength} bytes`);
    }
    const header = configHeader.read(body, 0);
    const length = body.byteLength - configHeader.size;
    if (length !== 0 && length !== header.size) {
      throw new ProtocolError('BAD_LENGTH', `config space message of ${header.size} bytes carries ${length}`);
    }
    const payload = new Uint8Array(body.buffer, body.byteOffset + configHeader.size, length).slice();
    return { ...header, payload };
  },
  encode(value) {
    const bytes = new Uint8Array(configHeader.size + value.payload.length);
    configHeader.write(new DataView(bytes.buffer), 0, value);
    bytes.set(value.payload, configHeader.size);
    return bytes;
  },
};

/** Vring area description (host notifier). */
export const vringAreaPayload = new Struct('vring area', { u64: 'u64', size: 'u64', offset: 'u64' });

/** Inflight description. */
export const inflightPayload = new Struct('inflight', {
  mmapSize: 'u64',
  mmapOffset: 'u64',
  numQueues: 'u16',
  queueSize: 'u16',
  // The C structure is not packed: it ends at a multiple of 8 bytes.
  padding: [4],
});
/** Where the requests in flight are tracked. */
export type InflightDescription = StructValue<typeof inflightPayload.layout>;

/** Device state transfer parameters. */
export const deviceStatePayload = new Struct('device state transfer', { direction: 'u32', phase: 'u32' });

/** A UUID that names a shared object. */
export const sharedObjectPayload: Codec<Uint8Array> = {
  size: 16,
  variable: false,
  decode(body) {
    expectLength('shared object', body, 16);
    return opaquePayload.decode(body);
  },
  encode: (value) => Uint8Array.from(value),
};

/** A mapping of a file's range into a shared memory region of the device. */
export const shmemMapPayload = new Struct('shared memory mapping', {
  shmid: 'u8',
  padding: [7],
  fdOffset: 'u64',
  shmOffset: 'u64',
  length: 'u64',
  flags: 'u64',
});

/** Most shared memory regions a virtio device can have: their ids are 8 bits wide. */
export const MAX_SHMEM_REGIONS = 256;

/** Sizes of the device's shared memory regions by id, 0 where there is none. */
export const shmemConfigPayload: Codec<bigint[], readonly U64[]> = {
  size: 8 + 8 * MAX_SHMEM_REGIONS,
  variable: false,
  decode(body) {
    expectLength('shared memory configuration', body, this.size);
    return Array.from({ length: MAX_SHMEM_REGIONS }, (_, id) => body.getBigUint64(8 + 8 * id, true));
  },
  encode(sizes) {
    const view = new DataView(new ArrayBuffer(this.size));
    view.setUint32(0, sizes.filter((size) => BigInt(size) !== 0n).length, true);
    for (const [id, size] of sizes.entries()) view.setBigUint64(8 + 8 * id, toBigInt(size), true);
    return new Uint8Array(view.buffer);
  },
};
