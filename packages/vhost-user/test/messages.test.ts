import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Codec,
  configPayload,
  decodeHeader,
  deviceStatePayload,
  emptyPayload,
  encodeHeader,
  Feature,
  FrontendRequest,
  featureNames,
  frontendRequests,
  HeaderFlag,
  inflightPayload,
  iotlbPayload,
  logPayload,
  MAX_BODY_SIZE,
  memoryTablePayload,
  opaquePayload,
  ProtocolError,
  requestName,
  sharedObjectPayload,
  shmemConfigPayload,
  shmemMapPayload,
  singleRegionPayload,
  u64Payload,
  vringAddressPayload,
  vringAreaPayload,
  vringStatePayload,
} from '../src/index.js';

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const u64 = fc.bigInt(0n, 2n ** 64n - 1n);
const region = fc.record({ guestAddress: u64, size: u64, userAddress: u64, mmapOffset: u64 });

function roundTrip<T>(name: string, codec: Codec<T, T>, values: fc.Arbitrary<T>): void {
  it(`${name} decodes to what was encoded`, () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = codec.encode(value);
        if (!codec.variable) expect(bytes.length).toBe(codec.size);
        expect(codec.decode(new DataView(bytes.buffer))).toEqual(value);
      }),
    );
  });
  if (codec.variable) return;
  it(`${name} of another length is refused`, () => {
    for (const length of [0, codec.size - 1, codec.size + 1, MAX_BODY_SIZE]) {
      if (length < 0 || length === codec.size) continue;
      expect(() => codec.decode(new DataView(new ArrayBuffer(length)))).toThrow(ProtocolError);
    }
  });
}

describe('payloads', () => {
  roundTrip('nothing', emptyPayload as Codec<undefined>, fc.constant(undefined));
  roundTrip('u64', u64Payload as Codec<bigint>, u64);
  roundTrip('vring state', vringStatePayload, fc.record({ index: u32, num: u32 }));
  roundTrip(
    'vring address',
    vringAddressPayload,
    fc.record({ index: u32, flags: u32, descriptor: u64, used: u64, available: u64, log: u64 }),
  );
  roundTrip(
    'memory table',
    memoryTablePayload as Codec<readonly { guestAddress: bigint }[]>,
    fc.array(region, { maxLength: 32 }),
  );
  roundTrip('single region', singleRegionPayload, region);
  roundTrip('log', logPayload, fc.record({ logSize: u64, logOffset: u64 }));
  roundTrip(
    'IOTLB message',
    iotlbPayload,
    fc.record({ iova: u64, size: u64, userAddress: u64, permissions: u8, type: u8 }),
  );
  roundTrip('vring area', vringAreaPayload, fc.record({ u64, size: u64, offset: u64 }));
  roundTrip(
    'inflight',
    inflightPayload,
    fc.record({ mmapSize: u64, mmapOffset: u64, numQueues: u16, queueSize: u16 }),
  );
  roundTrip('device state', deviceStatePayload, fc.record({ direction: u32, phase: u32 }));
  roundTrip('shared object', sharedObjectPayload, fc.uint8Array({ minLength: 16, maxLength: 16 }));
  roundTrip(
    'shared memory mapping',
    shmemMapPayload,
    fc.record({ shmid: u8, fdOffset: u64, shmOffset: u64, length: u64, flags: u64 }),
  );
  roundTrip(
    'shared memory configuration',
    shmemConfigPayload as Codec<bigint[]>,
    fc.array(u64, { minLength: 256, maxLength: 256 }),
  );
  roundTrip('opaque bytes', opaquePayload, fc.uint8Array({ maxLength: 64 }));
  roundTrip(
    'config space',
    configPayload,
    fc.uint8Array({ maxLength: 256 }).chain((payload) =>
      fc.record({
        offset: u32,
        size: fc.constant(payload.length),
        flags: u32,
        payload: fc.constant(payload),
      }),
    ),
  );

  it('a config request may come without room for the answer', () => {
    const bytes = configPayload.encode({ offset: 4, size: 8, flags: 0, payload: new Uint8Array(0) });
    expect(configPayload.decode(new DataView(bytes.buffer)).size).toBe(8);
  });

  it('a config space that is cut short is refused', () => {
    const bytes = configPayload.encode({ offset: 0, size: 8, flags: 0, payload: new Uint8Array(7) });
    expect(() => configPayload.decode(new DataView(bytes.buffer))).toThrow(/carries 7/);
    expect(() => configPayload.decode(new DataView(new ArrayBuffer(11)))).toThrow(ProtocolError);
  });

  it('a memory table may be padded, but not cut short', () => {
    const one = memoryTablePayload.encode([{ guestAddress: 1, size: 2, userAddress: 3, mmapOffset: 4 }]);
    const padded = new Uint8Array(8 + 8 * 32);
    padded.set(one);
    expect(memoryTablePayload.decode(new DataView(padded.buffer))).toHaveLength(1);
    expect(() => memoryTablePayload.decode(new DataView(one.buffer, 0, 39))).toThrow(ProtocolError);
    expect(() => memoryTablePayload.decode(new DataView(new ArrayBuffer(7)))).toThrow(ProtocolError);
    const huge = new DataView(new ArrayBuffer(40));
    huge.setUint32(0, 0xffff_ffff, true);
    expect(() => memoryTablePayload.decode(huge)).toThrow(ProtocolError);
  });

  it('refuses to encode what does not fit', () => {
    expect(() => vringStatePayload.encode({ index: 2 ** 32, num: 0 })).toThrow(RangeError);
    expect(() => vringStatePayload.encode({ index: -1, num: 0 })).toThrow(RangeError);
    expect(() => u64Payload.encode(2 ** 53)).toThrow(/not exact/);
    expect(() => u64Payload.encode(1n << 64n)).toThrow(RangeError);
    expect(() => u64Payload.encode(-1)).toThrow(RangeError);
  });
});

describe('header', () => {
  const decode = (request: number, flags: number, size: number) => {
    const view = new DataView(new ArrayBuffer(12));
    view.setUint32(0, request, true);
    view.setUint32(4, flags, true);
    view.setUint32(8, size, true);
    return decodeHeader(view);
  };

  it('round trip', () => {
    const view = new DataView(new ArrayBuffer(12));
    encodeHeader(view, 0, 17, HeaderFlag.NEED_REPLY, 99);
    expect(decodeHeader(view)).toEqual({ request: 17, flags: 9, size: 99 });
  });

  it('refuses other versions and long bodies', () => {
    for (const version of [0, 2, 3]) expect(() => decode(1, version, 0)).toThrow(/version/);
    expect(decode(1, 1, MAX_BODY_SIZE).size).toBe(MAX_BODY_SIZE);
    expect(() => decode(1, 1, MAX_BODY_SIZE + 1)).toThrow(/4097 bytes/);
    expect(() => decode(1, 1, 0xffff_ffff)).toThrow(ProtocolError);
  });
});

describe('catalog', () => {
  it('knows every request by a rule and a name', () => {
    const ids = Object.values(FrontendRequest).filter((id) => typeof id === 'number');
    expect(ids).toEqual(Array.from({ length: 44 }, (_, i) => i + 1));
    for (const id of ids) expect(frontendRequests[id]).toBeDefined();
    expect(requestName(18)).toBe('VHOST_USER_SET_VRING_ENABLE');
    expect(requestName(4711)).toBe('request 4711');
  });

  it('names feature bits', () => {
    expect(featureNames(Feature.EVENT_IDX | Feature.VERSION_1 | 1n, Feature)).toBe(
      'bit 0|EVENT_IDX|VERSION_1',
    );
    expect(featureNames(0n, Feature)).toBe('none');
  });
});
