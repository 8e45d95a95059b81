import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { MappedMemory, type MemoryWindow, SysError } from '../src/index.js';

export const isRoot = process.getuid?.() === 0;

/** A directory of the test file's own, removed after its tests. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'vfs-sys-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** How many descriptors this process has open. */
export function descriptorCount(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Private memory to place arguments of raw calls in. */
export class Arena {
  readonly memory = MappedMemory.anonymous(0x4_0000);
  readonly window: MemoryWindow = this.memory.windows[0]!;
  #next = 64;

  get id(): number {
    return this.window.id;
  }

  /** Reserves bytes, 8-aligned. */
  reserve(length: number): number {
    const at = this.#next;
    this.#next = (at + length + 7) & ~7;
    if (this.#next > this.window.byteLength) {
      this.#next = 64;
      return this.reserve(length);
    }
    return at;
  }

  /** Places a NUL-terminated path. */
  path(text: string): number {
    const bytes = Buffer.from(`${text}\0`);
    const at = this.reserve(bytes.length);
    this.window.u8.set(bytes, at);
    return at;
  }

  bytes(data: Uint8Array): number {
    const at = this.reserve(data.length);
    this.window.u8.set(data, at);
    return at;
  }

  text(at: number, length: number): string {
    return Buffer.from(this.window.u8.slice(at, at + length)).toString();
  }
}

/** Runs `action` and expects a SysError with this code. */
export function expectSysError(action: () => unknown, code: string): SysError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(SysError);
    expect((error as SysError).code).toBe(code);
    return error as SysError;
  }
  expect.fail(`expected ${code}`);
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean, milliseconds = 5000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!condition()) {
    if (Date.now() > end) expect.fail('the condition did not come to hold');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
