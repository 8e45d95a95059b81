import { setImmediate } from 'node:timers/promises';
import { EFD_NONBLOCK, eventfd, raw, SOCK_NONBLOCK, SysError, unixSocketPair } from '@vfs/sys';
import {
  Backend,
  type BackendChannel,
  type Chain,
  type Device,
  DriverMemory,
  VhostUserError,
} from '@vfs/vhost-user';
import type { Choices } from '../engine/choices.js';
import type { Body, Seen, Target } from '../engine/target.js';
import { HostileFrontend, QUEUES } from './hostile-frontend.js';
import { descriptorsClosed, openDescriptors } from './open-descriptors.js';
import { gist, promised, undocumented } from './promise.js';
import { SomeDescriptors } from './raw-descriptors.js';
import { RawPeer } from './raw-peer.js';

export const BACKEND: Target = {
  name: 'backend',
  promise: 'whatever a front-end sends, a back-end lets go of everything afterwards and serves the next one',
  short: 400,
  steps: 80,
  start: () => new Served(),
};

/** What no message may cause: mistakes of the program itself. */
const MISTAKE =
  /TypeError|RangeError|undefined|is not a function|Cannot |Invalid |out of bounds|the device failed/;

/** A back-end that stays for all inputs. */
class Served implements Body {
  readonly #device = new PatientDevice();
  readonly #errors: string[] = [];
  #ended: { reason: Error | undefined } | undefined;
  readonly #backend = new Backend(this.#device, {
    log: { error: (line) => void this.#errors.push(line), warn() {}, info() {}, debug() {} },
    onDisconnected: (reason) => {
      this.#ended = { reason };
    },
  });
  readonly #descriptors = new SomeDescriptors();
  readonly #memory = new DriverMemory([{ size: 0x1_0000 }, { size: 0x4000 }]);
  readonly #kick = eventfd(0, EFD_NONBLOCK);

  async run(choices: Choices, seen: Seen): Promise<void> {
    this.#errors.length = 0;
    this.#ended = undefined;
    for (const region of this.#memory.regions) region.at(0, region.size).u8.fill(0);
    const before = openDescriptors();
    const [ours, theirs] = unixSocketPair({ flags: SOCK_NONBLOCK });
    using peer = new RawPeer(ours);
    this.#backend.serve({ fd: theirs });
    const frontend = new HostileFrontend(peer, this.#memory, this.#descriptors, this.#kick, choices);
    if (!choices.oneIn(4)) frontend.setUp();
    while (choices.next() && this.#ended === undefined) {
      frontend.step();
      if (choices.oneIn(3)) await setImmediate();
      frontend.listen();
    }
    peer.close();
    while (this.#ended === undefined) {
      // Whoever waits for a request that is held is helped.
      this.#device.finish();
      await setImmediate();
    }
    this.#device.finish();
    this.#checkEnd(seen);
    await descriptorsClosed(before);
  }

  [Symbol.dispose](): void {
    this.#backend.close();
    this.#descriptors[Symbol.dispose]();
    this.#memory[Symbol.dispose]();
    raw.close(this.#kick);
  }

  #checkEnd(seen: Seen): void {
    const { reason } = this.#ended!;
    const documented = reason === undefined || reason instanceof VhostUserError || reason instanceof SysError;
    if (!documented) throw undocumented(reason, 'the end of the connection');
    if (reason !== undefined) seen(`ended: ${'code' in reason ? reason.code : ''} ${gist(reason.message)}`);
    for (const line of this.#errors) {
      promised(
        !MISTAKE.test(line) && !line.includes('\n'),
        () => `an error names the mistake of the front-end: ${line}`,
      );
      seen(gist(line));
    }
  }
}

/** Keeps every second request for a while. */
class PatientDevice implements Device {
  readonly queueCount = QUEUES;
  readonly maxQueueSize = 64;
  readonly features = 1n;
  readonly config = new Uint8Array(40);
  readonly #held: Chain[] = [];
  #count = 0;

  handle(chain: Chain): void {
    chain.readable.copyOut(0, new Uint8Array(16), 0, Math.min(16, chain.readable.byteLength));
    if (this.#count++ % 2 === 0) chain.complete(0);
    else this.#held.push(chain);
  }

  writeConfig(offset: number): boolean {
    return offset < 8;
  }

  useChannel(_channel: BackendChannel): void {}

  saveState(): Uint8Array {
    return new Uint8Array(100);
  }

  loadState(state: Uint8Array): void {
    if (state.length !== 100) throw new Error('another state');
  }

  hurry(): void {
    this.finish();
  }

  finish(): void {
    for (const chain of this.#held.splice(0)) chain.complete(0);
  }
}
