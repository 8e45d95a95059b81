import type { Device } from '../device.js';
import type { Logger } from '../logger.js';
import { StateTransfer } from './state_transfer.js';

/** Directions of SET_DEVICE_STATE_FD. */
const SAVE = 0;
const LOAD = 1;
/** The only phase there is: the device is suspended. */
const PHASE_STOPPED = 0;
/** Bits of SET_DEVICE_STATE_FD's reply: the descriptor that came is used; failure. */
const NO_DESCRIPTOR = 0x100n;
const FAILURE = 0x1n;

/** Saving and loading what the device knows, for a migration (specification: "Migrating back-end state"). */
export class DeviceState {
  readonly #device: Device;
  readonly #log: Logger;
  #transfer: StateTransfer | undefined;

  constructor(device: Device, log: Logger) {
    this.#device = device;
    this.#log = log;
  }

  /**
   * SET_DEVICE_STATE_FD: starts a transfer.
   *
   * @param fd - owned from here on
   * @param suspended - all rings are stopped
   * @returns the reply
   */
  start(direction: number, phase: number, fd: number, suspended: boolean): bigint {
    const { saveState, loadState } = this.#device;
    this.#transfer?.abort();
    this.#transfer = undefined;
    let problem: string | undefined;
    if (phase !== PHASE_STOPPED) problem = `phase ${phase} is unknown`;
    else if (direction !== SAVE && direction !== LOAD) problem = `direction ${direction} is unknown`;
    else if (!suspended) problem = 'a ring is running';
    const work = async (transfer: StateTransfer): Promise<void> => {
      if (problem !== undefined) throw new Error(problem);
      if (direction === SAVE) await transfer.write(await saveState!.call(this.#device));
      else await loadState!.call(this.#device, await transfer.readAll());
    };
    const transfer = new StateTransfer(fd, work);
    if (problem !== undefined) {
      this.#log.error(`cannot transfer the device state: ${problem}`);
      return NO_DESCRIPTOR | FAILURE;
    }
    this.#transfer = transfer;
    return NO_DESCRIPTOR;
  }

  /** CHECK_DEVICE_STATE: waits for the transfer. @returns the reply: 0 when it succeeded */
  async check(): Promise<bigint> {
    const transfer = this.#transfer;
    if (transfer === undefined) {
      this.#log.error('CHECK_DEVICE_STATE without a transfer');
      return FAILURE;
    }
    try {
      await transfer.done;
      return 0n;
    } catch (error) {
      this.#log.error(
        `the device state was not transferred: ${error instanceof Error ? error.message : String(error)}`,
      );
      return FAILURE;
    } finally {
      // Not earlier: a front-end that leaves meanwhile ends the transfer.
      this.#transfer = undefined;
    }
  }

  /** Gives a running transfer up. */
  close(): void {
    this.#transfer?.abort();
    this.#transfer = undefined;
  }
}
