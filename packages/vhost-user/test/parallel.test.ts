import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Chain, Feature } from '../src/index.js';
import { Random, rig, until } from './support.js';

/** How long each combination is hammered, in milliseconds. VFS_PARALLEL_MS makes it longer. */
const MILLISECONDS = Number(process.env['VFS_PARALLEL_MS'] ?? 800);
const driver = fileURLToPath(new URL('parallel/driver.mjs', import.meta.url));

interface Report {
  readonly completed: number;
  readonly kicks: number;
  readonly calls: number;
}

/** A driver in a process of its own. */
function drive(socket: string, features: bigint, seed: number): Promise<Report> {
  const options = JSON.stringify({ features: `${features}`, milliseconds: MILLISECONDS, seed });
  const child = spawn(process.execPath, [driver, socket, options], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    child.once('close', (status) => {
      if (status === 0) resolve(JSON.parse(output) as Report);
      else reject(new Error(`the driver ended with status ${status}: ${errors}`));
    });
  });
}

/** Answers with the bytes inverted; at once, or later and in another order. */
class Inverter {
  executed = 0;
  readonly #random: Random;
  readonly #bytes = new Uint8Array(4096);
  readonly #later: Chain[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  readonly handle = (chain: Chain): void => {
    this.executed++;
    if (this.#random.chance(70)) {
      this.#answer(chain);
      return;
    }
    this.#later.push(chain);
    if (this.#later.length > 1) return;
    setImmediate(() => {
      while (this.#later.length > 0) {
        const [one] = this.#later.splice(this.#random.below(this.#later.length), 1);
        this.#answer(one!);
      }
    });
  };

  #answer(chain: Chain): void {
    const bytes = this.#bytes;
    const length = chain.readable.byteLength;
    chain.readable.copyOut(0, bytes, 0, length);
    for (let i = 0; i < length; i++) bytes[i]! ^= 0xff;
    // The length stays as it is.
    for (let i = 4; i < 8; i++) bytes[i]! ^= 0xff;
    chain.writable.copyIn(0, bytes, 0, length);
    chain.complete(length);
  }
}

describe('driver and device in two processes', () => {
  const always = Feature.VERSION_1 | Feature.PROTOCOL_FEATURES;
  let seed = 0;
  for (const packed of [false, true]) {
    for (const eventIndex of [false, true]) {
      for (const indirect of [false, true]) {
        for (const pollMicroseconds of [0, 50]) {
          const kind = packed ? 'packed' : 'split';
          const name = `${kind}, ${eventIndex ? 'event index' : 'flags'}, ${indirect ? 'indirect' : 'direct'}`;
          it(
            `lose, double and tear nothing: ${name}, polling ${pollMicroseconds} µs`,
            async () => {
              const inverter = new Inverter(++seed);
              using r = rig({ handle: inverter.handle }, { pollMicroseconds });
              const features =
                always |
                (packed ? Feature.RING_PACKED : 0n) |
                (eventIndex ? Feature.EVENT_IDX : 0n) |
                (indirect ? Feature.INDIRECT_DESC : 0n);
              const report = await drive(r.path, features, seed);
              expect(report.completed).toBe(inverter.executed);
              expect(report.completed).toBeGreaterThan(MILLISECONDS / 10);
              expect(r.log.errors).toBe('');
              await until(() => r.ended.length === 1);
            },
            60_000 + 2 * MILLISECONDS,
          );
        }
      }
    }
  }
});
