import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { decodeReply, encodeRequest, FUSE_GETATTR } from '@vfs/fuse-proto';
import { errnoName, O_CREAT, O_RDWR } from '@vfs/sys';
import { FrontendRequest } from '@vfs/vhost-user';
import { overQueue, workerOf } from '../support/daemon.js';
import { FuseClient } from '../support/fuse-client.js';
import { GatedFolder } from '../thread-pool/support.js';
import type { Kind, Subject } from './subject.js';

/** Something that happens to a daemon, and what each makes of it. */
export interface Case {
  readonly title: string;
  /** Tries it: what was seen, in words. */
  readonly run: (subject: Subject) => Promise<string>;
  readonly expected: Readonly<Record<Kind, string>>;
}

const NOWHERE = 0x7fff_0000_0000;
const RECORD = 4096;

function record(n: number): Buffer {
  return Buffer.alloc(RECORD, `record ${n} `);
}

/** Writes records until the daemon does not answer any more: the numbers of those that were acknowledged. */
async function writer(
  client: FuseClient,
  sync: boolean,
  acknowledged: (count: number) => void,
): Promise<number[]> {
  const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
  const numbers: number[] = [];
  let next = 0;
  const work = async () => {
    for (;;) {
      const n = next++;
      try {
        await client.write(nodeid, fh, n * RECORD, record(n));
        if (sync) await client.fsync(nodeid, fh);
      } catch {
        return;
      }
      numbers.push(n);
      acknowledged(numbers.length);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  return numbers;
}

function lost(path: string, numbers: readonly number[]): string {
  const content = readFileSync(path);
  const missing = numbers.filter((n) => !content.subarray(n * RECORD, (n + 1) * RECORD).equals(record(n)));
  return missing.length === 0 ? 'nothing lost' : `${missing.length} of ${numbers.length} lost`;
}

function left(subject: Subject): string {
  const files = [subject.socket, `${subject.socket}.pid`].filter((path) => existsSync(path));
  return files.length === 0
    ? 'no files left'
    : `leaves ${files.map((path) => (path.endsWith('.pid') ? 'pid file' : 'socket')).join(' and ')}`;
}

async function chain(
  subject: Subject,
  descriptors: (address: number) => { address: number; length: number }[],
): Promise<string> {
  await subject.start();
  const frontend = await subject.connect();
  const queue = await frontend.startQueue(1);
  const client = new FuseClient(overQueue(frontend, queue));
  await client.init();
  const buffer = frontend.memory.allocate(4096);
  queue.submit(descriptors(buffer.address), [{ address: buffer.address, length: 4096 }]).catch(() => {});
  const answer = await subject.answer(client.getattr(1));
  if (answer !== 'no answer') return answer;
  // As the driver of a guest does at a reset.
  await frontend.stopQueue(queue);
  const again = new FuseClient(overQueue(frontend, await frontend.startQueue(1)));
  await again.init();
  await again.getattr(1);
  return 'that ring stops; after a reset of the device: answers';
}

async function hung(subject: Subject, ...args: string[]) {
  const folder = await GatedFolder.mount();
  await subject.start(`--shared-dir=${folder.path}`, ...args);
  const frontend = await subject.connect();
  const client = new FuseClient(overQueue(frontend, await frontend.startQueue(1)));
  await client.init();
  const open = async (name: string) => {
    const { nodeid } = await client.lookup(1, name);
    return { nodeid, fh: (await client.open(nodeid, O_RDWR)).fh };
  };
  const [slow, fast] = [await open('slow'), await open('fast')];
  await folder.hold('fsync');
  client.fsync(slow.nodeid, slow.fh).catch(() => {});
  await folder.held('fsync');
  return { folder, client, frontend, slow, fast };
}

export const CASES: readonly Case[] = [
  {
    title: 'A request whose header says more bytes than it has',
    run: async (subject) => {
      const frontend = await (await subject.start()).connect();
      const send = overQueue(frontend, await frontend.startQueue(1));
      const client = new FuseClient(send);
      await client.init();
      const request = encodeRequest(FUSE_GETATTR, { nodeid: 1, unique: 2 }, new Uint8Array(16));
      new DataView(request.buffer, request.byteOffset).setUint32(0, request.length + 1000, true);
      const answer = send(request, 200).then((reply) => {
        const { error } = decodeReply(reply, 2);
        if (error !== 0) throw new Error(errnoName(-error));
      });
      return `${await subject.answer(answer)}, then ${await subject.answer(client.getattr(1))}`;
    },
    expected: { rust: 'answers, then answers', ours: 'EINVAL, then answers' },
  },
  {
    title: 'A request that leaves no room for the reply',
    run: async (subject) => {
      const client = await (await subject.start()).client();
      await subject.answer(client.call(FUSE_GETATTR, 1, [new Uint8Array(16)], 4));
      return `then ${await subject.answer(client.getattr(1))}`;
    },
    expected: { rust: 'then ends (status 1)', ours: 'then answers' },
  },
  {
    title: 'A request with an unknown opcode',
    run: async (subject) => {
      const client = await (await subject.start()).client();
      return `${await subject.answer(client.call(3000, 1, []))}, then ${await subject.answer(client.getattr(1))}`;
    },
    expected: { rust: 'ENOSYS, then answers', ours: 'ENOSYS, then answers' },
  },
  {
    title: "A descriptor that points outside of the guest's memory",
    run: (subject) => chain(subject, () => [{ address: NOWHERE, length: 64 }]),
    expected: { rust: 'ends (status 1)', ours: 'that ring stops; after a reset of the device: answers' },
  },
  {
    title: 'A descriptor that is too short for a header',
    run: (subject) => chain(subject, (address) => [{ address, length: 3 }]),
    expected: { rust: 'ends (status 1)', ours: 'answers' },
  },
  {
    title: 'A message of vhost-user that breaks the protocol',
    run: async (subject) => {
      await subject.start();
      const frontend = await subject.connect();
      await frontend.call(FrontendRequest.SET_VRING_NUM, { index: 77, num: 3 }).catch(() => {});
      return subject.ending();
    },
    expected: { rust: 'ends (status 0)', ours: 'ends (status 1)' },
  },
  {
    title: 'The machine disconnects with requests in flight',
    run: async (subject) => {
      const frontend = await (await subject.start()).connect();
      const client = new FuseClient(overQueue(frontend, await frontend.startQueue(1)));
      await client.init();
      const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
      const writes = [0, 1, 2].map((n) => client.write(nodeid, fh, n * RECORD, record(n)));
      frontend.close();
      await Promise.allSettled(writes);
      return `${await subject.ending()}, ${left(subject)}`;
    },
    expected: { rust: 'ends (status 0), leaves pid file', ours: 'ends (status 0), no files left' },
  },
  ...(['SIGTERM', 'SIGINT'] as const).map(
    (signal): Case => ({
      title: `${signal} while the guest writes`,
      run: async (subject) => {
        const client = await (await subject.start()).client();
        const numbers = await writer(client, false, (count) => {
          if (count === 100) subject.kill(signal);
        });
        return `${await subject.ending()}, ${lost(join(subject.directory, 'file'), numbers)}, ${left(subject)}`;
      },
      expected: {
        rust: `ends (${signal === 'SIGINT' ? signal : 'status 1'}), nothing lost, leaves socket and pid file`,
        ours: 'ends (status 0), nothing lost, no files left',
      },
    }),
  ),
  ...[true, false].map(
    (sync): Case => ({
      title: `\`kill -9\` of the process that serves, while the guest writes ${sync ? 'with' : 'without'} fsync`,
      run: async (subject) => {
        const client = await (await subject.start('--sandbox=namespace')).client();
        const numbers = await writer(client, sync, (count) => {
          if (count === 50) process.kill(workerOf(subject.pid), 'SIGKILL');
        });
        return `${await subject.ending()}, ${lost(join(subject.directory, 'file'), numbers)}, ${left(subject)}`;
      },
      expected: {
        rust: 'ends (status 247), nothing lost, leaves socket and pid file',
        ours: 'ends (status 137), nothing lost, no files left',
      },
    }),
  ),
  {
    title: '`kill -9` of the process that was started',
    run: async (subject) => {
      const client = await (await subject.start('--sandbox=namespace')).client();
      const worker = workerOf(subject.pid);
      const numbers = await writer(client, true, (count) => {
        if (count === 50) process.kill(subject.pid, 'SIGKILL');
      });
      await subject.ending();
      for (let i = 0; i < 1000 && existsSync(`/proc/${worker}`); i++) await setTimeout(20);
      const serving = existsSync(`/proc/${worker}`) ? 'the other goes on' : 'the other ends, too';
      return `${serving}, ${lost(join(subject.directory, 'file'), numbers)}, ${left(subject)}`;
    },
    expected: {
      rust: 'the other ends, too, nothing lost, leaves socket and pid file',
      ours: 'the other ends, too, nothing lost, leaves socket and pid file',
    },
  },
  {
    title: 'A guest that opens files until the limit of descriptors',
    run: async (subject) => {
      for (let i = 0; i < 3; i++) writeFileSync(join(subject.directory, `f${i}`), 'content');
      const client = await (await subject.start('--rlimit-nofile=1024')).client();
      const node = await client.walk('f0');
      let answer = 'answers';
      for (let i = 0; i < 1100 && answer === 'answers'; i++)
        answer = await subject.answer(client.open(node, O_RDWR));
      return `${answer}, then another file ${await subject.answer(client.lookup(1, 'f1'))}`;
    },
    expected: { rust: 'ENFILE, then another file answers', ours: 'ENFILE, then another file answers' },
  },
  ...[[], ['--thread-pool-size=2']].map(
    (args): Case => ({
      title: `A slow fsync, ${args.length === 0 ? 'without a pool of threads' : 'with a pool of threads'}: a read of another file meanwhile`,
      run: async (subject) => {
        const { folder, client, fast } = await hung(subject, ...args);
        const answer = await subject.answer(client.read(fast.nodeid, fast.fh, 0, 4));
        folder.release();
        return answer;
      },
      expected:
        args.length === 0 ? { rust: 'no answer', ours: 'no answer' } : { rust: 'answers', ours: 'answers' },
    }),
  ),
  {
    title: 'A file system that never answers, and SIGTERM',
    run: async (subject) => {
      const { folder } = await hung(subject, '--thread-pool-size=2');
      subject.kill('SIGTERM');
      const ending = await subject.ending(16_000);
      const files = left(subject);
      folder.release();
      return `${ending}, ${files}`;
    },
    expected: { rust: 'goes on, leaves socket and pid file', ours: 'ends (status 1), no files left' },
  },
  {
    title: 'Names that lead out of the share, with `--sandbox=none`: MKDIR `../new`, UNLINK `../old`',
    run: async (subject) => {
      const [made, removed] = ['new', 'old'].map((name) => join(subject.base, name)) as [string, string];
      writeFileSync(removed, 'of the host');
      const client = await (await subject.start()).client();
      await subject.answer(client.mkdir(1, '../new'));
      const answer = await subject.answer(client.unlink(1, '../old'));
      const done = [existsSync(made) && 'makes', !existsSync(removed) && 'deletes'].filter(Boolean);
      return done.length === 0 ? answer : `${done.join(' and ')} what is outside`;
    },
    expected: { rust: 'makes and deletes what is outside', ours: 'EINVAL' },
  },
  {
    title: 'A file of the share that has the path of the socket, when the daemon ends',
    run: async (subject) => {
      const twin = join(subject.directory, subject.socket);
      mkdirSync(dirname(twin), { recursive: true });
      writeFileSync(twin, 'of the guest');
      writeFileSync(`${twin}.pid`, 'of the guest');
      (await (await subject.start('--sandbox=namespace')).connect()).close();
      await subject.ending();
      const gone = [twin, `${twin}.pid`].filter((path) => !existsSync(path));
      return gone.length === 0 ? 'stays' : `loses ${gone.map((path) => basename(path)).join(', ')}`;
    },
    expected: { rust: 'loses socket', ours: 'stays' },
  },
  {
    title: 'A file that is no socket, at the path of the socket, at the start',
    run: async (subject) => {
      writeFileSync(subject.socket, 'precious');
      await subject.start();
      const ending = await subject.ending();
      const kept = isFile(subject.socket);
      return `${ending}, the file ${kept ? 'stays' : 'is deleted'}`;
    },
    expected: { rust: 'goes on, the file is deleted', ours: 'ends (status 1), the file stays' },
  },
];

function isFile(path: string): boolean {
  try {
    return readFileSync(path, 'utf8') === 'precious';
  } catch {
    return false;
  }
}
