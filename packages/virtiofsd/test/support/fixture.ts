import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BufferExchange, type Exchange, Session } from '@vfs/fuse-proto';
import { MappedMemory, SegmentList } from '@vfs/sys';
import { afterEach, expect } from 'vitest';
import { Log } from '../../src/log.js';
import { Share, type ShareOptions } from '../../src/passthrough/share.js';
import { type ServingOptions, servedFileSystem, shareOptions } from '../../src/served-file-system.js';
import { FuseClient, type Transport } from './fuse-client.js';

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** Does something after the test, the last registered first. */
export function after(cleanup: () => void): void {
  cleanups.push(cleanup);
}

/** A new directory that is gone after the test. */
export function temporaryDirectory(parent = tmpdir()): string {
  const directory = mkdtempSync(join(parent, 'virtiofsd-test-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A shared directory and a client of it. */
export interface Fixture {
  readonly directory: string;
  readonly share: Share;
  readonly client: FuseClient;
  readonly messages: string[];
  /** A path in the shared directory. */
  path(...names: string[]): string;
}

/** How requests travel: through ordinary memory, or as a virtual machine's do, in pieces of mapped memory. */
export type Memory = 'buffers' | 'segments';

/** Shares a new directory without a socket, and initializes the session. Nothing may be logged as an error. */
export async function sharedDirectory(
  options: { memory?: Memory; parent?: string; share?: Partial<ShareOptions>; serving?: ServingOptions } = {},
): Promise<Fixture> {
  const directory = temporaryDirectory(options.parent);
  const messages: string[] = [];
  const log = new Log('debug', (line) => messages.push(line));
  const own = log.module('passthrough');
  const serving = options.serving ?? {};
  const share = new Share({ ...shareOptions(serving, own), directory, log: own, ...options.share });
  after(() => share[Symbol.dispose]());
  const session = new Session(servedFileSystem(share, serving), { log: log.module('fuse') });
  const client = new FuseClient(
    options.memory === 'segments' ? throughSegments(session) : throughBuffers(session),
  );
  await client.init();
  after(() => expect(messages.filter((line) => line.includes(' ERROR fuse]'))).toEqual([]));
  return { directory, share, client, messages, path: (...names) => join(directory, ...names) };
}

/** A transport that needs no virtual machine. */
export function throughBuffers(session: Session): Transport {
  return (request, room) => {
    const exchange = new BufferExchange(request, room);
    session.dispatch(exchange);
    return exchange.replied;
  };
}

/** Pieces of a page at most, none of them aligned, as the worst guest would lay them out. */
const PIECE = 4001;

function throughSegments(session: Session): Transport {
  return (request, room) =>
    new Promise((resolve) => {
      const memory = MappedMemory.anonymous(request.length + room + 16);
      const readable = pieces(memory, 1, request.length);
      const writable = pieces(memory, 9 + request.length, room);
      readable.copyIn(0, request, 0, request.length);
      const exchange: Exchange = {
        readable,
        writable,
        complete: (length) => {
          const reply = new Uint8Array(length);
          writable.copyOut(0, reply, 0, length);
          memory.unmap();
          resolve(reply);
        },
      };
      session.dispatch(exchange);
    });
}

function pieces(memory: MappedMemory, start: number, length: number): SegmentList {
  const list = new SegmentList(Math.ceil(length / PIECE) + 1);
  for (let at = 0; at < length; at += PIECE) {
    list.add(memory.windows[0]!, start + at, Math.min(PIECE, length - at));
  }
  return list;
}
