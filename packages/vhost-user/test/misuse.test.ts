import {
  EFD_NONBLOCK,
  memfdCreate,
  OwnedFd,
  raw,
  sendMessage,
  shutdown,
  unixConnect,
  WATCH_READABLE,
} from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import {
  availableLayout,
  type Chain,
  DescriptorFlag,
  type DriverQueue,
  Feature,
  type Frontend,
  FrontendChannel,
  FrontendRequest,
  HeaderFlag,
  memoryTablePayload,
  ProtocolFeature,
  type RegionInput,
  u64Payload,
  vringStatePayload,
  writeDescriptor,
} from '../src/index.js';
import { openDescriptors, type Rig, reverse, rig, settledDescriptors, turn, until } from './support.js';

const F = FrontendRequest;
const NEED = HeaderFlag.NEED_REPLY;
const none = new Uint8Array(0);

/** The rig still serves a well-behaved front-end. */
async function expectAlive(r: Rig): Promise<void> {
  const frontend = await r.connect();
  const queue = await frontend.startQueue(1);
  const buffer = frontend.memory.allocate(4);
  expect(await queue.submit([buffer], [buffer])).toBe(4);
  frontend.close();
}

/** Expects the connection to end for a reason that matches. */
async function expectEnd(r: Rig, cause: RegExp): Promise<void> {
  await until(() => r.ended.length > 0);
  expect(r.ended[0]?.message).toMatch(cause);
  expect(r.log.errors).toMatch(cause);
}

describe('messages that break the protocol end the connection, with the cause', () => {
  const fds = (count: number) => Array.from({ length: count }, () => memfdCreate('test'));
  const state = (index: number, num: number) => vringStatePayload.encode({ index, num });
  const u64 = (value: bigint | number) => u64Payload.encode(value);
  const cases: [string, RegExp, (channel: FrontendChannel) => void | Promise<void>][] = [
    ['an unknown request', /request 99 is unknown/, (c) => c.sendRaw(99, 0, none)],
    ['request 0', /request 0 is unknown/, (c) => c.sendRaw(0, 0, none)],
    [
      'a reply',
      /GET_FEATURES is marked as a reply/,
      (c) => c.sendRaw(F.GET_FEATURES, HeaderFlag.REPLY, none),
    ],
    ['another version', /message version 3/, (c) => c.sendRaw(F.GET_FEATURES, 2, none)],
    [
      'a body where none belongs',
      /an empty body of 8 bytes/,
      (c) => c.sendRaw(F.GET_FEATURES, 0, new Uint8Array(8)),
    ],
    [
      'a body too short',
      /u64 of 4 bytes, expected 8/,
      (c) => c.sendRaw(F.SET_FEATURES, 0, new Uint8Array(4)),
    ],
    ['a body too long', /vring state of 9 bytes/, (c) => c.sendRaw(F.SET_VRING_NUM, 0, new Uint8Array(9))],
    [
      'a feature not offered',
      /feature bit 5 was not offered/,
      (c) => c.sendRaw(F.SET_FEATURES, 0, u64(1n << 5n)),
    ],
    [
      'a protocol feature not offered',
      /protocol feature CONFIG was not/,
      (c) => c.sendRaw(F.SET_PROTOCOL_FEATURES, 0, u64(ProtocolFeature.CONFIG)),
    ],
    [
      'CONFIG not negotiated',
      /GET_CONFIG without the protocol feature CONFIG/,
      (c) => c.sendRaw(F.GET_CONFIG, 0, new Uint8Array(12)),
    ],
    [
      'ENABLE not negotiated',
      /without the feature PROTOCOL_FEATURES/,
      (c) => c.sendRaw(F.SET_VRING_ENABLE, 0, state(0, 1)),
    ],
    [
      'SET_OWNER twice',
      /SET_OWNER for a second time/,
      (c) => {
        c.sendRaw(F.SET_OWNER, 0, none);
        c.sendRaw(F.SET_OWNER, 0, none);
      },
    ],
    [
      'descriptors where none belong',
      /GET_FEATURES with 3 descriptors/,
      (c) => sendWith(c, F.GET_FEATURES, none, fds(3)),
    ],
    [
      'two kick descriptors',
      /SET_VRING_KICK with 2 descriptors/,
      (c) => sendWith(c, F.SET_VRING_KICK, u64(0), fds(2)),
    ],
    [
      'no kick descriptor',
      /kick descriptor of queue 0 is missing/,
      (c) => c.sendRaw(F.SET_VRING_KICK, 0, u64(0)),
    ],
    [
      'a kick descriptor denied',
      /call descriptor of queue 0 came unannounced/,
      (c) => sendWith(c, F.SET_VRING_CALL, u64(0x100), fds(1)),
    ],
    [
      'a file for an eventfd',
      /error descriptor of queue 1 is no eventfd/,
      (c) => sendWith(c, F.SET_VRING_ERR, u64(1), fds(1)),
    ],
    [
      'unknown bits with a descriptor',
      /unknown bits/,
      (c) => sendWith(c, F.SET_VRING_ERR, u64(0x200), fds(1)),
    ],
    [
      'a ring that is not there',
      /queue 2 of a device with 2/,
      (c) => c.sendRaw(F.SET_VRING_NUM, 0, state(2, 8)),
    ],
    ['a ring far away', /queue 4294967295 of/, (c) => c.sendRaw(F.SET_VRING_BASE, 0, state(0xffff_ffff, 8))],
    ['ring size 0', /size of 0 is not a power of two/, (c) => c.sendRaw(F.SET_VRING_NUM, 0, state(0, 0))],
    ['ring size 24', /size of 24/, (c) => c.sendRaw(F.SET_VRING_NUM, 0, state(0, 24))],
    [
      'ring size 2048',
      /size of 2048 is not a power of two of at most 1024/,
      (c) => c.sendRaw(F.SET_VRING_NUM, 0, state(0, 2048)),
    ],
    ['ring size 2^31', /size of 2147483648/, (c) => c.sendRaw(F.SET_VRING_NUM, 0, state(0, 2 ** 31))],
    ['ring position 65536', /ring position 65536/, (c) => c.sendRaw(F.SET_VRING_BASE, 0, state(0, 65536))],
    [
      'addresses before a size',
      /addresses before a size/,
      (c) => c.sendRaw(F.SET_VRING_ADDR, 0, new Uint8Array(40)),
    ],
    [
      'addresses before memory',
      /addresses before a memory table/,
      (c) => {
        c.sendRaw(F.SET_VRING_NUM, 0, state(0, 8));
        c.sendRaw(F.SET_VRING_ADDR, 0, new Uint8Array(40));
      },
    ],
    [
      'a request not supported',
      /POSTCOPY_ADVISE without the protocol feature PAGEFAULT/,
      (c) => c.sendRaw(F.POSTCOPY_ADVISE, 0, none),
    ],
    [
      'another not supported',
      /GPU_SET_SOCKET is not supported/,
      (c) => sendWith(c, F.GPU_SET_SOCKET, none, fds(1)),
    ],
  ];
  for (const [name, cause, send] of cases) {
    it(name, async () => {
      using r = rig();
      const before = await settledDescriptors();
      const channel = await FrontendChannel.connect(r.path);
      await send(channel);
      await expectEnd(r, cause);
      await channel.closed;
      await turn(5);
      await until(() => openDescriptors() === before);
      await expectAlive(r);
    });
  }

  function sendWith(
    channel: FrontendChannel,
    request: number,
    body: Uint8Array,
    descriptors: number[],
  ): void {
    channel.sendRaw(request, 0, body, descriptors);
    for (const fd of descriptors) raw.close(fd);
  }

  it('more descriptors than a message may have', async () => {
    using r = rig();
    const before = await settledDescriptors();
    using socket = new OwnedFd(unixConnect(r.path));
    const header = new Uint8Array(12);
    header.set([F.GET_FEATURES, 0, 0, 0, 1]);
    const many = fds(33);
    sendMessage(socket, header, many);
    for (const fd of many) raw.close(fd);
    await expectEnd(r, /more than 32 descriptors/);
    socket.close();
    await until(() => openDescriptors() === before);
  });

  it('a body beyond the limit', async () => {
    using r = rig();
    using socket = new OwnedFd(unixConnect(r.path));
    const header = new DataView(new ArrayBuffer(12));
    header.setUint32(0, F.SET_FEATURES, true);
    header.setUint32(4, 1, true);
    header.setUint32(8, 4097, true);
    sendMessage(socket, new Uint8Array(header.buffer));
    await expectEnd(r, /body of 4097 bytes/);
  });

  for (const [name, bytes] of [
    ['in the header', [1, 0, 0, 0, 1]],
    ['in the body', [F.SET_FEATURES, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 5]],
  ] as const) {
    it(`a message cut off ${name}`, async () => {
      using r = rig();
      const before = await settledDescriptors();
      using socket = new OwnedFd(unixConnect(r.path));
      using file = new OwnedFd(memfdCreate('test'));
      sendMessage(socket, Uint8Array.from(bytes), [file.fd]);
      shutdown(socket, 1);
      await expectEnd(r, /left after \d+ bytes of a message/);
      socket.close();
      file.close();
      await until(() => openDescriptors() === before);
      await expectAlive(r);
    });
  }

  it('but a message may come byte by byte', async () => {
    using r = rig();
    const fd = unixConnect(r.path);
    const message = [F.GET_FEATURES, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    for (const byte of message.slice(0, -1)) {
      sendMessage(fd, Uint8Array.of(byte));
      await turn(2);
    }
    // The reply arrives through a channel over the same socket.
    const channel = new FrontendChannel(fd);
    sendMessage(fd, Uint8Array.of(0));
    await channel.closed.then((reason) => expect(reason?.message).toMatch(/answered unasked/));
    await expectAlive(r);
  });

  it('says so first where an acknowledgement is wanted', async () => {
    using r = rig();
    const frontend = await r.connect();
    await expect(frontend.call(F.SET_VRING_NUM, { index: 0, num: 3 })).rejects.toMatchObject({
      code: 'REFUSED',
    });
    await expectEnd(r, /size of 3/);
    const other = await r.connect();
    // An unknown request, with its acknowledgement.
    const answered = other.channel.closed;
    other.channel.sendRaw(99, NEED, none);
    expect((await answered)?.message).toMatch(/request 99 was answered unasked/);
  });

  it('what waits for an answer fails when the connection ends', async () => {
    using r = rig();
    const frontend = await r.connect();
    const answer = frontend.call(F.GET_VRING_BASE, { index: 7, num: 0 });
    await expect(answer).rejects.toMatchObject({ code: 'DISCONNECTED' });
  });
});

describe('memory tables that cannot be used', () => {
  const MiB = 2 ** 20;
  const region = (given: Partial<RegionInput>): RegionInput => ({
    guestAddress: 0,
    size: MiB,
    userAddress: 0x10_0000_0000,
    mmapOffset: 0,
    ...given,
  });
  const cases: [string, RegExp, RegionInput[], number?][] = [
    ['no region', /memory table of 0 regions/, []],
    [
      'too many regions',
      /memory table of 33 regions/,
      Array.from({ length: 33 }, (_, i) => region({ guestAddress: i * MiB, userAddress: i * MiB })),
      32,
    ],
    [
      'fewer descriptors than regions',
      /2 regions with 1 descriptors/,
      [region({}), region({ guestAddress: MiB })],
      1,
    ],
    ['more descriptors than regions', /1 regions with 2 descriptors/, [region({})], 2],
    ['an empty region', /is empty/, [region({ size: 0 })]],
    [
      'overlapping guest addresses',
      /overlap/,
      [region({}), region({ guestAddress: MiB - 4096, userAddress: 0 })],
    ],
    [
      'overlapping front-end addresses',
      /overlap/,
      [region({}), region({ guestAddress: MiB, userAddress: 0x10_0000_0000 - 1 })],
    ],
    ['a region that overflows', /above 2\^53/, [region({ guestAddress: 2n ** 64n - 4096n })]],
    ['a region that overflows at the front-end', /overflows/, [region({ userAddress: 2n ** 64n - 4096n })]],
    ['an offset that overflows', /above 2\^53/, [region({ mmapOffset: 2n ** 64n - 4096n })]],
    ['a file that is too short', /cannot be mapped/, [region({ mmapOffset: 4096 })]],
  ];
  for (const [name, cause, regions, count = regions.length] of cases) {
    it(name, async () => {
      using r = rig();
      const before = await settledDescriptors();
      const channel = await FrontendChannel.connect(r.path);
      const files = Array.from({ length: count }, () => {
        const file = new OwnedFd(memfdCreate('test'));
        raw.ftruncate(file.fd, MiB, 0);
        return file;
      });
      channel.sendRaw(
        F.SET_MEM_TABLE,
        0,
        memoryTablePayload.encode(regions),
        files.map(({ fd }) => fd),
      );
      for (const file of files) file.close();
      await expectEnd(r, cause);
      await channel.closed;
      await until(() => openDescriptors() === before);
      await expectAlive(r);
    });
  }

  it('a table too small for a running ring stops that ring', async () => {
    using r = rig();
    const frontend = await r.connect({ memory: [{ size: 2 ** 20 }, { size: 2 ** 20 }] });
    const queue = await frontend.startQueue(0);
    const [, second] = frontend.memory.regions;
    await frontend.call(
      F.SET_MEM_TABLE,
      [
        {
          guestAddress: second!.guestAddress,
          size: second!.size,
          userAddress: second!.userAddress,
          mmapOffset: 0,
        },
      ],
      [second!.fd],
    );
    await queue.failed;
    expect(r.log.errors).toMatch(/queue 0 stopped: descriptor table .* is outside the memory table/);
    await expectAliveAfter(r, frontend);
  });
});

describe('ring set-up that cannot be', () => {
  const setUp = async (r: Rig) => {
    const frontend = await r.connect();
    const queue = frontend.createQueue(0, { size: 8 });
    await frontend.call(F.SET_VRING_NUM, { index: 0, num: 8 });
    return { frontend, queue };
  };
  const wrong: [
    string,
    RegExp,
    (queue: DriverQueue) => Partial<Record<'descriptor' | 'available' | 'used', bigint>>,
  ][] = [
    ['outside memory', /used ring at user address 0x0 is outside/, () => ({ used: 0n })],
    ['at the top of the address space', /outside the memory table/, () => ({ available: 2n ** 64n - 2n })],
    [
      'misaligned descriptors',
      /descriptor table .* not aligned to 16/,
      (q) => ({ descriptor: q.vringAddress.descriptor + 8n }),
    ],
    [
      'a misaligned available ring',
      /available ring .* not aligned to 2/,
      (q) => ({ available: q.vringAddress.available + 1n }),
    ],
    ['a misaligned used ring', /used ring .* not aligned to 4/, (q) => ({ used: q.vringAddress.used + 2n })],
    [
      'beyond the end of memory',
      /goes beyond its memory region/,
      (q) => ({ used: q.vringAddress.descriptor + 0x400_0000n - 4n }),
    ],
  ];
  for (const [name, cause, change] of wrong) {
    it(name, async () => {
      using r = rig();
      const { frontend, queue } = await setUp(r);
      await expect(
        frontend.call(F.SET_VRING_ADDR, { ...queue.vringAddress, ...change(queue) }),
      ).rejects.toMatchObject({ code: 'REFUSED' });
      await expectEnd(r, cause);
      await expectAlive(r);
    });
  }

  it('a kick before addresses is reported on the ring', async () => {
    using r = rig();
    const { frontend, queue } = await setUp(r);
    await frontend.call(F.SET_VRING_ERR, 0, [queue.errorFd]);
    await frontend.call(F.SET_VRING_KICK, 0, [queue.kickFd]);
    await frontend.call(F.SET_VRING_ENABLE, { index: 0, num: 1 });
    queue.kick();
    await queue.failed;
    expect(r.log.errors).toMatch(/queue 0 stopped: a kick before the ring has addresses/);
    await expectAliveAfter(r, frontend);
  });

  it('a kick before there is memory is, too', async () => {
    using r = rig();
    const channel = await FrontendChannel.connect(r.path);
    await channel.call(F.SET_FEATURES, Feature.VERSION_1);
    using kick = new OwnedFd(raw.eventfd(1, 0));
    using error = new OwnedFd(raw.eventfd(0, EFD_NONBLOCK));
    await channel.call(F.SET_VRING_ERR, 0, [error.fd]);
    await channel.call(F.SET_VRING_KICK, 0, [kick.fd]);
    await until(() => raw.poll(error.fd, WATCH_READABLE, 0) !== 0);
    expect(r.log.errors).toMatch(/queue 0 stopped: a kick before the ring has addresses/);
    // The connection goes on.
    await channel.call(F.GET_FEATURES, undefined);
    channel.close();
    await until(() => r.ended.length === 1);
    expect(r.ended).toEqual([undefined]);
    await expectAlive(r);
  });

  it('size, position and features do not change under a running ring', async () => {
    for (const request of [
      (f: Frontend) => f.call(F.SET_VRING_NUM, { index: 0, num: 16 }),
      (f: Frontend) => f.call(F.SET_VRING_BASE, { index: 0, num: 16 }),
      (f: Frontend) => f.call(F.SET_FEATURES, Feature.VERSION_1 | Feature.PROTOCOL_FEATURES),
    ]) {
      using r = rig();
      const frontend = await r.connect();
      await frontend.startQueue(0);
      await expect(request(frontend)).rejects.toMatchObject({ code: 'REFUSED' });
      await expectEnd(r, /while the ring runs/);
    }
  });

  it('a position of a packed ring is forgotten when the ring becomes a split one', async () => {
    using r = rig();
    const { frontend, queue } = await setUp(r);
    await frontend.call(F.SET_FEATURES, frontend.features | Feature.RING_PACKED);
    await frontend.call(F.SET_VRING_NUM, { index: 0, num: 100 });
    await frontend.call(F.SET_VRING_BASE, { index: 0, num: 0x80008000 });
    await frontend.call(F.SET_FEATURES, frontend.features);
    await frontend.call(F.SET_VRING_NUM, { index: 0, num: queue.size });
    await frontend.call(F.SET_VRING_ADDR, queue.vringAddress);
    await frontend.call(F.SET_VRING_CALL, 0, [queue.callFd]);
    await frontend.call(F.SET_VRING_KICK, 0, [queue.kickFd]);
    await frontend.call(F.SET_VRING_ENABLE, { index: 0, num: 1 });
    const buffer = frontend.memory.allocate(4);
    expect(await queue.submit([buffer], [buffer])).toBe(4);
  });

  it('nor may a split ring keep the size of a packed one', async () => {
    using r = rig();
    const { frontend, queue } = await setUp(r);
    await frontend.call(F.SET_FEATURES, frontend.features | Feature.RING_PACKED);
    await frontend.call(F.SET_VRING_NUM, { index: 0, num: 100 });
    await frontend.call(F.SET_FEATURES, frontend.features);
    await expect(frontend.call(F.SET_VRING_ADDR, queue.vringAddress)).rejects.toMatchObject({
      code: 'REFUSED',
    });
    await expectEnd(r, /addresses before a size/);
  });

  it('SET_VRING_ENABLE with 2', async () => {
    using r = rig();
    const frontend = await r.connect();
    await expect(frontend.call(F.SET_VRING_ENABLE, { index: 0, num: 2 })).rejects.toThrow();
    await expectEnd(r, /SET_VRING_ENABLE with 2/);
  });
});

describe('a driver that breaks its ring stops that ring only', () => {
  const size = 8;
  /** Fills the ring by hand: the descriptors, then the heads. */
  interface Bad {
    descriptors: [index: number, address: bigint | number, length: number, flags: number, next: number][];
    heads?: number[];
    index?: number;
  }
  const { NEXT, WRITE, INDIRECT } = DescriptorFlag;
  const at = (frontend: Frontend) => frontend.memory.allocate(4096, 4096);
  const cases: [string, RegExp, (buffer: ReturnType<typeof at>) => Bad, bigint?][] = [
    [
      'a head outside the table',
      /available ring names descriptor 8 of 8/,
      () => ({ descriptors: [], heads: [8] }),
    ],
    ['an index that jumps', /available index 9 is 9 ahead of 0/, () => ({ descriptors: [], index: 9 })],
    ['an index that goes back', /65535 ahead/, () => ({ descriptors: [], index: 0xffff })],
    [
      'next outside the table',
      /descriptor 8 of a table of 8/,
      (b) => ({ descriptors: [[0, b.address, 4, NEXT, 8]] }),
    ],
    [
      'a chain that loops',
      /more than 8 descriptors/,
      (b) => ({
        descriptors: [
          [0, b.address, 4, NEXT, 1],
          [1, b.address, 4, NEXT, 0],
        ],
      }),
    ],
    [
      'a chain that is its own next',
      /more than 8 descriptors/,
      (b) => ({ descriptors: [[0, b.address, 4, NEXT, 0]] }),
    ],
    [
      'an address outside memory',
      /4 bytes at 0x0 are not in guest memory/,
      () => ({ descriptors: [[0, 0, 4, 0, 0]] }),
    ],
    [
      'an address above 2^53',
      /0xfffffffffffffff0 are not/,
      () => ({ descriptors: [[0, 2n ** 64n - 16n, 4, 0, 0]] }),
    ],
    [
      'a buffer that ends outside',
      /are not in guest memory/,
      (b) => ({ descriptors: [[0, b.address, 0x7fff_ffff, 0, 0]] }),
    ],
    [
      'an overflowing buffer',
      /are not in guest memory/,
      () => ({ descriptors: [[0, 2n ** 64n - 1n, 0xffff_ffff, WRITE, 0]] }),
    ],
    [
      'readable after writable',
      /a readable descriptor follows a writable one/,
      (b) => ({
        descriptors: [
          [0, b.address, 4, WRITE | NEXT, 1],
          [1, b.address, 4, 0, 0],
        ],
      }),
    ],
    [
      'the same chain twice',
      /chain 0 is made available while it is in flight/,
      (b) => ({ descriptors: [[0, b.address, 4, 0, 0]], heads: [0, 0] }),
    ],
    [
      'indirect, not negotiated',
      /was not negotiated/,
      (b) => ({ descriptors: [[0, b.address, 16, INDIRECT, 0]] }),
      Feature.VERSION_1 | Feature.PROTOCOL_FEATURES,
    ],
    [
      'an indirect table that continues',
      /indirect descriptor that continues/,
      (b) => ({ descriptors: [[0, b.address, 16, INDIRECT | NEXT, 1]] }),
    ],
    [
      'an empty indirect table',
      /indirect table of 0 bytes/,
      (b) => ({ descriptors: [[0, b.address, 0, INDIRECT, 0]] }),
    ],
    [
      'an odd indirect table',
      /indirect table of 24 bytes/,
      (b) => ({ descriptors: [[0, b.address, 24, INDIRECT, 0]] }),
    ],
    [
      'an enormous indirect table',
      /indirect table of 65537 descriptors/,
      (b) => ({ descriptors: [[0, b.address, 16 * 65537, INDIRECT, 0]] }),
    ],
    [
      'an indirect table outside memory',
      /indirect table at 0x10 is not in guest memory/,
      () => ({ descriptors: [[0, 16, 16, INDIRECT, 0]] }),
    ],
    [
      'a nested indirect table',
      /inside an indirect table/,
      (b) => {
        write(b, 0, b.address, 16, INDIRECT, 0);
        return { descriptors: [[0, b.address, 16, INDIRECT, 0]] };
      },
    ],
    [
      'an indirect table whose next is outside',
      /descriptor 7 of a table of 2/,
      (b) => {
        write(b, 0, b.address, 16, NEXT, 7);
        return { descriptors: [[0, b.address, 32, INDIRECT, 0]] };
      },
    ],
    [
      'an indirect table that loops',
      /more than 1024 descriptors/,
      (b) => {
        write(b, 0, b.address, 16, NEXT, 1);
        write(b, 1, b.address, 16, NEXT, 0);
        return { descriptors: [[0, b.address, 32, INDIRECT, 0]] };
      },
    ],
    [
      'more than 4 GiB in a chain',
      /more than 2\^32-1 bytes/,
      (b) => {
        for (let i = 0; i < 200; i++) write(b, i, b.address & ~0x3fff_ffff, 0x200_0000, NEXT, i + 1);
        return { descriptors: [[0, b.address, 4096, INDIRECT, 0]] };
      },
    ],
  ];
  const write = (b: { u8: Uint8Array }, ...args: [number, bigint | number, number, number, number]) =>
    writeDescriptor(new DataView(b.u8.buffer, b.u8.byteOffset, b.u8.length), ...args);

  for (const [name, cause, make, features] of cases) {
    it(name, async () => {
      const held: Chain[] = [];
      using r = rig({ handle: (chain) => (chain.queueIndex === 0 ? void held.push(chain) : reverse(chain)) });
      const frontend = await r.connect(features === undefined ? {} : { features });
      const { descriptors, heads = [0], index = heads.length } = make(at(frontend));
      // The driver's side has submitted nothing: it must not look at what comes back.
      const queue = await frontend.startQueue(0, { size, call: false });
      for (const descriptor of descriptors) write(queue.parts.descriptor, ...descriptor);
      const { u8 } = queue.parts.available;
      const available = new Uint16Array(u8.buffer, u8.byteOffset, u8.length >> 1);
      for (const [i, head] of heads.entries()) available[(availableLayout.ring >> 1) + i] = head;
      Atomics.store(available, availableLayout.idx >> 1, index);
      queue.kick();
      await queue.failed;
      expect(r.log.errors).toMatch(cause);
      expect(r.log.errors).toMatch(/^error: queue 0 stopped: /);
      for (const chain of held.splice(0)) chain.complete(0);
      await expectAliveAfter(r, frontend);
    });
  }

  it('and the ring works again after it was set up anew', async () => {
    using r = rig();
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0, { size });
    const { u8 } = queue.parts.available;
    const available = new Uint16Array(u8.buffer, u8.byteOffset, u8.length >> 1);
    Atomics.store(available, 1, 4711);
    queue.kick();
    await queue.failed;
    expect(await frontend.stopQueue(queue)).toBe(0);
    Atomics.store(available, 1, 0);
    await frontend.resumeQueue(queue, 0);
    const buffer = frontend.memory.allocate(4);
    expect(await queue.submit([buffer], [buffer])).toBe(4);
  });
});

/** The connection goes on, and so does the other ring. */
async function expectAliveAfter(r: Rig, frontend: Frontend): Promise<void> {
  expect(r.ended).toEqual([]);
  if (r.log.errors.includes('descriptor table')) return;
  const queue = await frontend.startQueue(1);
  const buffer = frontend.memory.allocate(4);
  expect(await queue.submit([buffer], [buffer])).toBe(4);
}
