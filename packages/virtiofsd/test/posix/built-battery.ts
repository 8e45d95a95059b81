import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../../scripts/lib/root.mjs';
import { buildBattery, compiler } from './battery.js';

const CACHE = join(root, '.cache/posix-battery');

/** The battery as its sources and the compiler are now: built, unless an earlier run has done so. */
export async function builtBattery(): Promise<string> {
  const name = fingerprint();
  const binary = join(CACHE, name, 'posix-battery');
  if (existsSync(binary)) return binary;
  mkdirSync(CACHE, { recursive: true });
  // Those of earlier sources.
  for (const old of readdirSync(CACHE)) rmSync(join(CACHE, old), { recursive: true, force: true });
  const unfinished = mkdtempSync(join(CACHE, 'unfinished-'));
  await buildBattery(unfinished);
  renameSync(unfinished, join(CACHE, name));
  return binary;
}

function fingerprint(): string {
  const hash = createHash('sha256').update(execFileSync(compiler(), ['--version']));
  for (const entry of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/\.[ch]$|battery\.ts$/.test(entry))
      hash.update(`${entry}\0`).update(readFileSync(join(import.meta.dirname, entry)));
  }
  return hash.digest('hex').slice(0, 16);
}
