import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type DriverQueue, Frontend, type FrontendOptions } from '@vfs/vhost-user';
import { datagrams } from './datagrams.js';
import { after, temporaryDirectory } from './fixture.js';
import { FuseClient, type Transport } from './fuse-client.js';

export const BIN = fileURLToPath(new URL('../../bin/virtiofsd.js', import.meta.url));
/** The same command, run by a user without privilege. */
export const BIN_AS_NOBODY = fileURLToPath(new URL('as-nobody.mjs', import.meta.url));
/** Room for the largest request and reply: 1 MiB of data and its headers. */
const ROOM = (1 << 20) + 4096;
const PAGE = 4096;

/** How a run of the command ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a {@link Running} command gets besides its arguments. */
export interface RunningOptions {
  /** Descriptors of this process that become 3 and so on. */
  readonly fds?: readonly number[];
  /** Variables to add to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The command, running. */
export class Running {
  readonly ended: Promise<Ended>;
  readonly process: ChildProcess;
  #stdout = '';
  #stderr = '';

  constructor(
    args: readonly string[],
    command: readonly string[] = [BIN],
    { fds = [], env }: RunningOptions = {},
  ) {
    const [file, ...rest] = [...command, ...args];
    this.process = spawn(file!, rest, {
      stdio: ['ignore', 'pipe', 'pipe', ...fds],
      ...(env && { env: { ...process.env, ...env } }),
    });
    this.process.stdout!.on('data', (text) => (this.#stdout += text));
    this.process.stderr!.on('data', (text) => (this.#stderr += text));
    this.ended = new Promise((resolve) => {
      this.process.on('close', (status) => resolve({ status, stdout: this.#stdout, stderr: this.#stderr }));
    });
    after(() => this.process.kill('SIGKILL'));
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits for something on stderr. */
  async logged(text: string): Promise<void> {
    for (let i = 0; !this.#stderr.includes(text); i++) {
      if (i > 1000 || this.process.exitCode !== null) throw new Error(`not logged: ${text}\n${this.#stderr}`);
      await setTimeout(10);
    }
  }
}

/** Runs the command to its end. */
export function run(args: readonly string[], command?: readonly string[]): Promise<Ended> {
  return new Running(args, command).ended;
}

/** A daemon that shares a new directory and waits for a connection. */
export async function startDaemon(...given: (string | RunningOptions)[]) {
  const args = given.filter((each) => typeof each === 'string');
  const options = given.find((each) => typeof each === 'object');
  const directory = temporaryDirectory();
  const socket = join(temporaryDirectory(), 'socket');
  // The socket is there before the daemon serves; one that logs little tells a service manager.
  const manager = args.includes('--log-level') ? datagrams() : undefined;
  const env = { ...options?.env, ...(manager && { NOTIFY_SOCKET: manager.path }) };
  const command = ['--shared-dir', directory, '--socket-path', socket, ...args];
  const daemon = new Running(command, [BIN], { ...options, env });
  if (manager) while (!manager.heard().some((text) => text.startsWith('READY=1'))) await setTimeout(10);
  else await daemon.logged('waiting for a connection');
  return { daemon, directory, socket };
}

/** The process that serves, of all that descend from another. */
export function workerOf(outer: number): number {
  const children = (pid: number): number[] =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  let last = outer;
  for (let [next] = children(outer); next !== undefined; [next] = children(next)) last = next;
  return last;
}

/** Connects to a daemon as a VMM would. */
export async function connect(socket: string, options: FrontendOptions = {}): Promise<Frontend> {
  const frontend = await Frontend.connect(socket, { timeout: 5000, ...options });
  after(() => frontend.close());
  return frontend;
}

/** A client whose FORGETs go over the high-priority queue, as in Linux, in front of a session that is initialized. */
export async function clientOf(frontend: Frontend): Promise<FuseClient> {
  const priority = overQueue(frontend, await frontend.startQueue(0));
  const requests = overQueue(frontend, await frontend.startQueue(1));
  const client = new FuseClient((request, room) => {
    const opcode = request[4];
    return (opcode === 2 || opcode === 42 ? priority : requests)(request, room);
  });
  await client.init();
  return client;
}

/** Carries requests over a queue, header and data pages in descriptors of their own, any number at a time. */
export function overQueue(frontend: Frontend, queue: DriverQueue): Transport {
  const free: { question: Buffers; answer: Buffers }[] = [];
  return async (request, room) => {
    const place = free.pop() ?? {
      question: frontend.memory.allocate(ROOM, PAGE),
      answer: frontend.memory.allocate(ROOM, PAGE),
    };
    place.question.u8.set(request);
    const length = await queue.submit(
      pieces(place.question, request.length, 40),
      room > 0 ? pieces(place.answer, room, 16) : [],
    );
    const reply = place.answer.u8.slice(0, length);
    free.push(place);
    return reply;
  };
}

type Buffers = ReturnType<Frontend['memory']['allocate']>;

function pieces({ address }: Buffers, length: number, header: number) {
  const result = [{ address, length: Math.min(header, length) }];
  for (let at = header; at < length; at += PAGE) {
    result.push({ address: address + at, length: Math.min(PAGE, length - at) });
  }
  return result;
}
