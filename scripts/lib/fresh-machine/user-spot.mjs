// @ts-check
import { MachineSpot } from './spot.mjs';

/**
 * What a command that was run by somebody who is not root asks to be run as root; null when it asks nothing.
 * @param {string} output
 */
export function adviceIn(output) {
  return /\bplease run as root: (.+)$/m.exec(output)?.[1]?.trim() ?? null;
}

/**
 * A plain user without sudo, who is told what root has to do, has that done, and tries again.
 */
export class UserSpot extends MachineSpot {
  #report;

  /** @param {(done: import('../documents/follow.mjs').Done) => void} report */
  constructor(report) {
    super();
    this.#report = report;
  }

  /**
   * @param {string} script
   * @override
   */
  async run(script) {
    /** @type {Set<string>} */
    const followed = new Set();
    for (;;) {
      const result = await super.run(script, true);
      const advice = result.status === 0 ? null : adviceIn(result.output);
      if (advice === null || followed.has(advice)) return result;
      followed.add(advice);
      const started = performance.now();
      const { status } = await super.run(advice, false, 'y\n');
      const seconds = (performance.now() - started) / 1000;
      this.#report({ command: advice, seconds, problem: status === 0 ? null : `status ${status}` });
    }
  }
}
