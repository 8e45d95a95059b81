import { AT_POSITION, close, MappedMemory, raw, readvAt, writevAt } from '@vfs/sys';
import { type DriverQueue, type Frontend, FrontendRequest, ProtocolFeature } from '@vfs/vhost-user';
import { connect, overQueue } from './daemon.js';
import { FuseClient } from './fuse-client.js';

const SAVE = 0;
const LOAD = 1;
const DONE = 0n;
const CHUNK = 65536;

/** A guest's connection to a daemon whose state can be taken away, or given. */
export interface Migratable {
  readonly frontend: Frontend;
  readonly client: FuseClient;
  /** Stops the rings and reads the device's state. */
  save(): Promise<Uint8Array>;
  /** Writes a state to a device whose rings have not been started, and starts them. False: it was refused. */
  load(state: Uint8Array): Promise<boolean>;
  /** Starts the rings. */
  start(): Promise<void>;
}

/** Connects to a daemon; nothing runs yet. */
export async function migratable(socket: string): Promise<Migratable> {
  const { MQ, REPLY_ACK, DEVICE_STATE } = ProtocolFeature;
  const frontend = await connect(socket, { protocolFeatures: MQ | REPLY_ACK | DEVICE_STATE });
  const queues: DriverQueue[] = [];
  const transports: ReturnType<typeof overQueue>[] = [];
  const client = new FuseClient((request, room) => {
    const opcode = request[4];
    return transports[opcode === 2 || opcode === 42 ? 0 : 1]!(request, room);
  });
  const start = async () => {
    for (const index of [0, 1]) {
      queues[index] = await frontend.startQueue(index);
      transports[index] = overQueue(frontend, queues[index]);
    }
  };
  return {
    frontend,
    client,
    start,
    async save() {
      for (const queue of queues) await frontend.stopQueue(queue);
      const [reader, writer] = pipe();
      await begin(frontend, SAVE, writer);
      const state = await readAll(reader);
      close(reader);
      const result = await frontend.call(FrontendRequest.CHECK_DEVICE_STATE, undefined);
      if (result !== DONE) throw new Error('the state was not saved');
      return state;
    },
    async load(state) {
      const [reader, writer] = pipe();
      await begin(frontend, LOAD, reader);
      for (let at = 0; at < state.length; ) {
        at += writevAt(writer, [state.subarray(at, at + CHUNK)], AT_POSITION);
      }
      close(writer);
      const loaded = (await frontend.call(FrontendRequest.CHECK_DEVICE_STATE, undefined)) === DONE;
      if (loaded) await start();
      return loaded;
    },
  };
}

/** Hands one end of a pipe over. */
async function begin(frontend: Frontend, direction: number, fd: number): Promise<void> {
  const reply = await frontend.call(FrontendRequest.SET_DEVICE_STATE_FD, { direction, phase: 0 }, [fd]);
  close(fd);
  if (reply !== 0x100n) throw new Error(`SET_DEVICE_STATE_FD: 0x${reply.toString(16)}`);
}

function pipe(): [reader: number, writer: number] {
  using memory = MappedMemory.anonymous(8);
  const window = memory.windows[0]!;
  const error = raw.pipe2(window.id, 0, 0);
  if (error < 0) throw new Error(`pipe2: ${error}`);
  return [window.i32[0]!, window.i32[1]!];
}

/** Everything until the other end is closed. Blocks: the writer is another process. */
function readAll(fd: number): Uint8Array {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(CHUNK);
    const length = readvAt(fd, [chunk], AT_POSITION);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
  }
}
