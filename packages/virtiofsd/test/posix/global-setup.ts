import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { temporaryFolder } from '../../../../scripts/lib/cleanup.mjs';
import { builtBattery } from './built-battery.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The POSIX battery, which every user may run. */
    posixBattery: string;
  }
}

/** Has the battery ready, built once for all the files of a run. */
export async function setup(project: TestProject): Promise<() => void> {
  const folder = temporaryFolder();
  const binary = join(folder.path, 'posix-battery');
  copyFileSync(await builtBattery(), binary);
  for (const path of [folder.path, binary]) chmodSync(path, 0o755);
  project.provide('posixBattery', binary);
  return folder.remove;
}
