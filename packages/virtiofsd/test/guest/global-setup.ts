import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { temporaryFolder } from '../../../../scripts/lib/cleanup.mjs';
import { type GuestImage, prepareGuest } from '../../../../scripts/lib/guest.mjs';
import { ensureNativeToolchain } from '../../../../scripts/lib/toolchain.mjs';
import { builtBattery } from '../posix/built-battery.js';

declare module 'vitest' {
  export interface ProvidedContext {
    guestImage: GuestImage;
  }
}

/** Makes the image that all guests of this run are booted from, with the probe (probe.c) and the POSIX battery in it. */
export async function setup(project: TestProject): Promise<() => void> {
  await ensureNativeToolchain();
  const folder = temporaryFolder();
  const probe = join(folder.path, 'probe');
  const source = join(import.meta.dirname, 'probe.c');
  execFileSync('g++', ['-x', 'c', '-static', '-O1', '-o', probe, source], { stdio: 'inherit' });
  const battery = await builtBattery();
  const image = await prepareGuest({ probe: readFileSync(probe), 'posix-battery': readFileSync(battery) });
  project.provide('guestImage', image);
  return folder.remove;
}
