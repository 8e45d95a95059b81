// @ts-check
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @type {Set<() => void>} */
const tasks = new Set();
let installed = false;

function runAll() {
  for (const task of [...tasks].reverse()) {
    tasks.delete(task);
    try {
      task();
    } catch (error) {
      process.stderr.write(`clean-up: ${error instanceof Error ? error.message : error}\n`);
    }
  }
}

function install() {
  if (installed) return;
  installed = true;
  process.on('exit', runAll);
  for (const [signal, status] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])) {
    process.on(signal, () => process.exit(status));
  }
}

/**
 * Registers work to be done when the process ends, however it ends (but for SIGKILL). It must be synchronous.
 * @param {() => void} task
 * @returns {() => void} takes the task off the list again, without doing it
 */
export function onExit(task) {
  install();
  tasks.add(task);
  return () => {
    tasks.delete(task);
  };
}

/**
 * Makes a temporary folder that goes when the process does.
 * @param {string} [base] the folder to make it in
 */
export function temporaryFolder(base = tmpdir()) {
  const path = mkdtempSync(join(base, 'vfs-'));
  const forget = onExit(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    remove() {
      forget();
      rmSync(path, { recursive: true, force: true });
    },
  };
}
