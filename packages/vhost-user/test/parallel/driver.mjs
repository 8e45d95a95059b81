/**
 * The driver of parallel.test.ts, in a process of its own: it fills two rings with requests in batches of any size, for a
 * while, and checks what comes back. One ring is told about completions, the other is looked at all the time.
 *
 *     node driver.mjs SOCKET '{"features": "BIGINT", "milliseconds": N, "seed": N}'
 *
 * It prints `{"completed": N, "kicks": N, "calls": N}`, or ends with an error: for a wrong answer, or for requests that are not
 * answered although nothing else happens.
 */
import { Frontend } from '../../dist/index.js';

const [socket, text] = process.argv.slice(2);
const { features, milliseconds, seed } = JSON.parse(text);
const SLOT = 8192;
const HEADER = 8;
/** Without a completion for so long, one was missed; in milliseconds. */
const PATIENCE = 20_000;

let state = seed * 2654435761 || 1;
/** 0 to limit−1 (xorshift32). */
function random(limit) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % limit;
}

class Hammer {
  completed = 0;
  #id = 0;
  #slots;
  #stopping = false;

  constructor(queue, memory) {
    this.queue = queue;
    this.#slots = Array.from({ length: 2 * queue.size }, () => memory.allocate(SLOT, 64));
  }

  get idle() {
    return this.queue.outstanding === 0;
  }

  stop() {
    this.#stopping = true;
  }

  /** One request after the other, each shown about when the device falls asleep: right after the answer to the one before. */
  chase(rounds) {
    for (let round = 0; round < rounds && !this.#stopping && this.#slots.length > 0; round++) {
      // Prepared while the device works on the one before, so that showing it takes no time.
      this.#submit(this.#slots.pop());
      for (let looks = 0; looks < 5000 && this.queue.outstanding > 1; looks++) this.queue.reap();
      for (let pause = random(64); pause > 0; pause--);
      this.queue.flush();
      if (this.queue.outstanding > 1) return;
    }
  }

  /** Submits a batch; requests that find no room wait in the queue. */
  batch() {
    if (this.#stopping) return;
    for (let left = 1 + random(random(4) === 0 ? this.queue.size : 4); left > 0; left--) {
      const slot = this.#slots.pop();
      if (slot === undefined) break;
      this.#submit(slot);
    }
    this.queue.flush();
  }

  #submit(slot) {
    const id = this.#id++;
    const length = random(8) === 0 ? random(3000) : random(32);
    const view = new DataView(slot.u8.buffer, slot.u8.byteOffset, SLOT);
    view.setUint32(0, id, true);
    view.setUint32(4, length, true);
    for (let i = 0; i < length; i++) slot.u8[HEADER + i] = id + i;
    const half = SLOT / 2;
    slot.u8.fill(0, half, half + HEADER + length);
    const readable = pieces(slot.address, HEADER + length);
    const writable = pieces(slot.address + half, HEADER + length);
    this.queue.add(readable, writable, (written) => {
      if (written !== HEADER + length) throw new Error(`request ${id}: ${written} of ${length} bytes`);
      if (view.getUint32(half, true) !== ~id >>> 0 || view.getUint32(half + 4, true) !== length) {
        throw new Error(`request ${id} has the answer to another`);
      }
      for (let i = 0; i < length; i++) {
        if (slot.u8[half + HEADER + i] !== (((id + i) & 0xff) ^ 0xff))
          throw new Error(`request ${id} is torn`);
      }
      this.completed++;
      this.#slots.push(slot);
    });
  }
}

/** A range of memory in one to four parts, empty ones among them. */
function pieces(address, length) {
  const parts = [];
  let done = 0;
  for (let left = random(4); left > 0; left--) {
    const take = random(length - done + 1);
    parts.push({ address: address + done, length: take });
    done += take;
  }
  parts.push({ address: address + done, length: length - done });
  return parts;
}

const frontend = await Frontend.connect(socket, { features: BigInt(features), timeout: 10_000 });
const told = new Hammer(await frontend.startQueue(0, { size: 64 }), frontend.memory);
const looked = new Hammer(await frontend.startQueue(1, { size: 32, call: false }), frontend.memory);
const hammers = [told, looked];

let progress = 0;
let since = Date.now();
const watchdog = setInterval(() => {
  const completed = told.completed + looked.completed;
  if (completed !== progress || hammers.every(({ idle }) => idle)) since = Date.now();
  progress = completed;
  if (Date.now() - since < PATIENCE) return;
  const left = hammers.map(({ queue }) => queue.outstanding);
  console.error(`${left} requests are not answered, after ${completed}`);
  process.exit(1);
}, 100);

// Nothing here may stand in for a call that was missed: only the ring that is looked at is reaped.
const end = Date.now() + milliseconds;
while (!hammers.every(({ idle }) => idle) || Date.now() < end) {
  if (Date.now() >= end) for (const hammer of hammers) hammer.stop();
  if (random(3) === 0 || told.idle) told.batch();
  if (looked.idle && random(2) === 0) looked.chase(500);
  else looked.batch();
  for (let looks = random(200); looks > 0 && !looked.idle; looks--) looked.queue.reap();
  // Now and then a pause, in which the device falls asleep.
  await (random(16) === 0
    ? new Promise((resolve) => setTimeout(resolve, random(3)))
    : new Promise((resolve) => setImmediate(resolve)));
}
clearInterval(watchdog);
const total = (field) => hammers.reduce((sum, { queue }) => sum + queue.stats[field], 0);
const completed = told.completed + looked.completed;
console.log(JSON.stringify({ completed, kicks: total('kicks'), calls: total('calls') }));
frontend.close();
