// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent } from './agent.mjs';
import { temporaryFolder } from './cleanup.mjs';
import { ensureGuestTools } from './guest-tools.mjs';
import { initramfs } from './initramfs.mjs';
import { chooseAccelerator, machineArguments, shareArguments, TAG } from './qemu.mjs';
import { describeEnding, supervise, within } from './supervise.mjs';

/**
 * What every boot of a guest needs, made once.
 * @typedef {object} GuestImage
 * @property {import('./guest-tools.mjs').GuestTools} tools
 * @property {string} initramfs
 * @property {import('./qemu.mjs').Accelerator} accelerator
 */

/**
 * Brings what is missing and makes the guest's root file system, in a file that goes when this process does.
 * @param {Readonly<Record<string, Uint8Array>>} [programs] more programs for the guest, by name
 * @param {readonly string[]} [modules] more kernel modules to insert
 * @returns {Promise<GuestImage>}
 */
export async function prepareGuest(programs, modules) {
  const tools = await ensureGuestTools();
  const folder = temporaryFolder();
  const file = join(folder.path, 'initramfs.gz');
  writeFileSync(file, initramfs(tools, programs, modules));
  return { tools, initramfs: file, accelerator: chooseAccelerator(tools, file) };
}

/**
 * The command line of a guest whose first serial line is the terminal of this process. Ctrl-A X ends it.
 * @param {GuestImage} image
 * @param {string} socketPath
 * @param {{ rows?: number, columns?: number, term?: string | undefined }} [terminal]
 * @returns {[command: string, args: string[]]}
 */
export function shellGuest(image, socketPath, { rows, columns, term } = {}) {
  const variables = {
    vfs_tag: TAG,
    vfs_mode: 'shell',
    ...(rows && columns ? { vfs_rows: rows, vfs_columns: columns } : {}),
    // A name of a terminal type, and nothing that could be a word of its own on the kernel's command line.
    ...(term && /^[\w.+-]+$/.test(term) ? { vfs_term: term } : {}),
  };
  return [
    image.tools.qemu,
    [...machineArguments({ ...image, variables }), ...shareArguments(socketPath), '-nographic'],
  ];
}

/** A guest without a terminal, which runs the scripts it is given. */
export class Guest {
  #agent;
  #machine;
  #folder;
  #console;

  /**
   * @param {GuestImage} image
   * @param {string | null} socketPath
   * @param {{ processors?: number, devices?: readonly string[] }} options
   */
  constructor(image, socketPath, { processors = 1, devices = [] }) {
    this.#folder = temporaryFolder();
    this.#console = join(this.#folder.path, 'console');
    const line = join(this.#folder.path, 'agent');
    this.#agent = new Agent(line);
    const share = socketPath === null ? [] : shareArguments(socketPath);
    const variables = { vfs_mode: 'agent', ...(socketPath === null ? {} : { vfs_tag: TAG }) };
    this.#machine = this.#agent.listening.then(() => {
      const machine = supervise(image.tools.qemu, [
        ...machineArguments({ ...image, variables, processors }),
        ...share,
        ...devices,
        ...['-display', 'none', '-monitor', 'none'],
        ...[
          '-serial',
          `file:${this.#console}`,
          '-chardev',
          `socket,id=agent,path=${line}`,
          '-serial',
          'chardev:agent',
        ],
      ]);
      void machine.ended.then((ending) => {
        this.#agent.fail(new Error(`QEMU ${describeEnding(ending)}:\n${machine.text()}${this.console()}`));
        this.#agent.close();
      });
      return machine;
    });
  }

  /**
   * Boots a guest that mounts the share of a daemon at /mnt.
   * @param {GuestImage} image
   * @param {string | null} socketPath the daemon's; null: the guest has no share
   * @param {{
   *   processors?: number, devices?: readonly string[], timeout?: number, daemon?: import('./supervise.mjs').Supervised,
   * }} [options] QEMU's arguments for other devices; seconds to wait until it is up; the daemon, without which nothing in the
   *   guest is worth waiting for
   */
  static async boot(image, socketPath, { timeout = 120, daemon, ...options } = {}) {
    const guest = new Guest(image, socketPath, options);
    void daemon?.ended.then((ending) => {
      guest.#agent.fail(new Error(`the daemon ${describeEnding(ending)}:\n${daemon.text()}`));
    });
    try {
      await guest.#machine;
      await within(
        guest.#agent.ready,
        timeout,
        () => `the guest is not up after ${timeout} s:\n${guest.console()}`,
      );
      if (socketPath !== null) {
        await guest.check('grep -q " /mnt virtiofs " /proc/mounts || { dmesg | tail -n 20; exit 1; }');
      }
    } catch (error) {
      await guest.kill();
      throw error;
    }
    return guest;
  }

  /**
   * Runs a shell script in the guest, whatever its outcome.
   * @param {string} script
   * @param {{ timeout?: number }} [options] seconds
   * @returns {Promise<import('./agent.mjs').Answer>}
   */
  run(script, { timeout = 60 } = {}) {
    return within(
      this.#agent.run(script),
      timeout,
      () => `no answer from the guest after ${timeout} s to:\n${script}\nIts console:\n${this.console()}`,
    );
  }

  /**
   * Runs a shell script that must succeed, and returns what it printed. Every command in it must succeed.
   * @param {string} script
   * @param {{ timeout?: number }} [options] seconds
   */
  async check(script, options) {
    const { status, stdout, stderr } = await this.run(`set -eo pipefail\n${script}`, options);
    if (status !== 0) throw new Error(`status ${status} in the guest of:\n${script}\n${stdout}${stderr}`);
    return stdout;
  }

  /** What the guest's kernel and /init have printed. */
  console() {
    try {
      return readFileSync(this.#console, 'utf8').slice(-8192);
    } catch {
      return '';
    }
  }

  /**
   * Has the guest unmount the share and switch itself off.
   * @param {{ timeout?: number }} [options] seconds
   */
  async powerOff({ timeout = 60 } = {}) {
    const machine = await this.#machine;
    // The answer never comes: the end of QEMU is the answer.
    this.#agent.run('/root/off').catch(() => {});
    const ending = await within(
      machine.ended,
      timeout,
      () => `the guest is not off after ${timeout} s:\n${this.console()}`,
    );
    this.#folder.remove();
    if (ending.status !== 0) throw new Error(`QEMU ${describeEnding(ending)}:\n${machine.text()}`);
  }

  /** Pulls the plug. */
  async kill() {
    const machine = await this.#machine;
    machine.kill('SIGKILL');
    await machine.ended;
    this.#folder.remove();
  }
}
