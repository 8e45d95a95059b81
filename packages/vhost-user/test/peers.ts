import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type DriverQueue, Frontend, ProtocolFeature } from '../src/index.js';

interface Peer {
  readonly name: string;
  /** Where it may be; the first that is there is taken. */
  readonly places: readonly (string | undefined)[];
  readonly arguments: (socket: string, share: string) => string[];
  /** It has a configuration space. */
  readonly config: boolean;
  readonly needsRoot: boolean;
}

const peers: readonly Peer[] = [
  {
    name: 'Rust',
    places: [
      process.env['VFS_PEER_RUST'],
      fileURLToPath(new URL('../../../.cache/peers/rust-virtiofsd', import.meta.url)),
      '/usr/libexec/virtiofsd',
    ],
    arguments: (socket, share) => [
      ...['--socket-path', socket, '--shared-dir', share],
      ...['--tag', 'peer', '--sandbox', 'none'],
    ],
    config: true,
    needsRoot: false,
  },
  {
    name: 'C',
    places: [process.env['VFS_PEER_C'], '/usr/lib/qemu/virtiofsd'],
    arguments: (socket, share) => [`--socket-path=${socket}`, '-o', `source=${share}`],
    config: false,
    needsRoot: true,
  },
];

const FUSE = { INIT: 26, GETATTR: 3, LOOKUP: 1 } as const;
const IN_HEADER = 40;
const OUT_HEADER = 16;

/** Just enough of FUSE to see that requests arrive and replies come back. */
class FuseClient {
  readonly #frontend: Frontend;
  readonly #queue: DriverQueue;
  #unique = 2n;

  constructor(frontend: Frontend, queue: DriverQueue) {
    this.#frontend = frontend;
    this.#queue = queue;
  }

  /** @returns error and the reply's body */
  async call(
    opcode: number,
    nodeid: bigint,
    body: Uint8Array,
    room: number,
  ): Promise<{ error: number; body: DataView }> {
    const { memory } = this.#frontend;
    const header = memory.allocate(IN_HEADER);
    const argument = memory.allocate(Math.max(body.length, 1));
    const reply = memory.allocate(OUT_HEADER);
    const result = memory.allocate(room);
    const view = new DataView(header.u8.buffer, header.u8.byteOffset, IN_HEADER);
    view.setUint32(0, IN_HEADER + body.length, true);
    view.setUint32(4, opcode, true);
    this.#unique += 2n;
    const unique = this.#unique;
    view.setBigUint64(8, unique, true);
    view.setBigUint64(16, nodeid, true);
    argument.u8.set(body);
    const length = await this.#queue.submit([header, argument], [reply, result]);
    const answer = new DataView(reply.u8.buffer, reply.u8.byteOffset, OUT_HEADER);
    expect(answer.getUint32(0, true)).toBe(length);
    expect(answer.getBigUint64(8, true)).toBe(unique);
    return {
      error: answer.getInt32(4, true),
      body: new DataView(result.u8.buffer, result.u8.byteOffset, length - OUT_HEADER),
    };
  }
}

/**
 * Tests of other people's daemons, driven by our front-end: what it says is what they understand. Where one is not to be had
 * there is no test of it; `node scripts/peers.mjs` brings them.
 */
export function testPeers(): void {
  for (const peer of peers) {
    const program = peer.places.find((place) => place !== undefined && existsSync(place));
    if (program === undefined) console.info(`no ${peer.name} virtiofsd here: not tested with it`);
    else if (peer.needsRoot && process.getuid?.() !== 0)
      console.info(`the ${peer.name} virtiofsd wants root: not tested with it`);
    else testPeer(peer, program);
  }
}

function testPeer(peer: Peer, program: string): void {
  const processes: ChildProcess[] = [];
  const directories: string[] = [];

  describe(`the ${peer.name} virtiofsd`, () => {
    afterEach(() => {
      for (const child of processes.splice(0)) child.kill('SIGKILL');
      for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
    });

    it('understands INIT, GETATTR, LOOKUP over two queues', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'peer-'));
      directories.push(directory);
      writeFileSync(join(directory, 'file'), 'hello');
      const socket = join(directory, 'sock');
      const child = spawn(program, peer.arguments(socket, directory), { stdio: 'ignore' });
      processes.push(child);
      const exited = new Promise((resolve) => child.once('exit', resolve));

      using frontend = await Frontend.connect(socket, { timeout: 10_000 });
      // The C daemon has as many queues as it is asked for; the Rust one says two.
      if (frontend.queueCount !== undefined) expect(frontend.queueCount).toBeGreaterThanOrEqual(2);
      if (peer.config) {
        expect(frontend.protocolFeatures & ProtocolFeature.CONFIG).not.toBe(0n);
        const config = await frontend.getConfig(0, 40);
        expect(Buffer.from(config.subarray(0, 5)).toString()).toBe('peer\0');
      }
      await frontend.startQueue(0, { size: 128 });
      const queue = await frontend.startQueue(1, { size: 128 });
      const client = new FuseClient(frontend, queue);

      const init = new DataView(new ArrayBuffer(64));
      init.setUint32(0, 7, true);
      init.setUint32(4, 31, true);
      init.setUint32(8, 131072, true);
      const initialized = await client.call(FUSE.INIT, 0n, new Uint8Array(init.buffer), 64);
      expect(initialized.error).toBe(0);
      expect(initialized.body.getUint32(0, true)).toBe(7);

      const root = await client.call(FUSE.GETATTR, 1n, new Uint8Array(16), 104);
      expect(root.error).toBe(0);
      expect(root.body.getBigUint64(16, true)).toBe(statSync(directory, { bigint: true }).ino);

      const found = await client.call(FUSE.LOOKUP, 1n, Buffer.from('file\0'), 128);
      expect(found.error).toBe(0);
      expect(found.body.getBigUint64(40, true)).toBe(statSync(join(directory, 'file'), { bigint: true }).ino);
      expect(found.body.getBigUint64(48, true)).toBe(5n);
      expect((await client.call(FUSE.LOOKUP, 1n, Buffer.from('none\0'), 128)).error).toBe(-2);

      const many = Array.from({ length: 500 }, () => client.call(FUSE.GETATTR, 1n, new Uint8Array(16), 104));
      for (const { error } of await Promise.all(many)) expect(error).toBe(0);

      expect(await frontend.stopQueue(queue)).toBe(504);
      frontend.close();
      await exited;
    });
  });
}
