// @ts-check
import { spawnSync } from 'node:child_process';
import { onExit } from './cleanup.mjs';

/**
 * Remembers how the terminal is set, so that it can be set so again after a program that changed it, however that ended.
 * @returns {() => void}
 */
export function keepTerminal() {
  const stty = (/** @type {string} */ argument) =>
    spawnSync('stty', [argument], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
  const settings = stty('-g').stdout?.trim();
  if (!settings) return () => {};
  const restore = () => {
    stty(settings);
  };
  const forget = onExit(restore);
  return () => {
    forget();
    restore();
  };
}
