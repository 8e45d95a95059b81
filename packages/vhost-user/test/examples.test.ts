import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Frontend } from '../src/index.js';

it('the entropy device of the examples answers with different bytes each time', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'rng-'));
  const socket = join(directory, 'sock');
  const example = fileURLToPath(new URL('../examples/rng.mjs', import.meta.url));
  const child = spawn(process.execPath, [example, socket], { stdio: 'ignore' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  try {
    using frontend = await Frontend.connect(socket, { timeout: 20_000 });
    const queue = await frontend.startQueue(0);
    const first = frontend.memory.allocate(64);
    const second = frontend.memory.allocate(5000);
    expect(await queue.submit([], [first])).toBe(64);
    expect(await queue.submit([], [second])).toBe(4096);
    expect(Buffer.compare(first.u8, second.u8.subarray(0, 64))).not.toBe(0);
    expect(second.u8.subarray(4096).every((byte) => byte === 0)).toBe(true);
    frontend.close();
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(existsSync(socket)).toBe(false);
  } finally {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  }
});
