import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { O_CREAT, O_RDWR } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { clientOf, connect, startDaemon } from '../support/daemon.js';

const RECORD = 8192;
const DEPTH = 16;

/** The n-th record, that no other one looks like. */
function record(n: number): Buffer {
  return Buffer.alloc(RECORD, `record ${n} `);
}

describe('SIGTERM', () => {
  it.each([[[]], [['--thread-pool-size', '4']]])(
    'while a guest writes loses nothing that it was told is written %j',
    async (args) => {
      const { daemon, directory, socket } = await startDaemon(...args);
      const frontend = await connect(socket, { memory: [{ size: 1 << 27 }] });
      const client = await clientOf(frontend);
      const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
      const acknowledged: number[] = [];
      let next = 0;
      const writer = async () => {
        for (;;) {
          const n = next++;
          // Rejected when the connection is closed: what was not answered by then never will be.
          const written = await client.write(nodeid, fh, n * RECORD, record(n)).catch(() => -1);
          if (written < 0) return;
          expect(written).toBe(RECORD);
          acknowledged.push(n);
          if (acknowledged.length === 500) daemon.process.kill('SIGTERM');
        }
      };
      await Promise.all(Array.from({ length: DEPTH }, writer));
      const { status, stderr } = await daemon.ended;
      expect(status).toBe(0);
      expect(stderr).toContain('finishing the requests in flight');
      expect(stderr).not.toMatch(/WARN|ERROR/);
      expect(acknowledged.length).toBeGreaterThanOrEqual(500);
      const content = readFileSync(join(directory, 'file'));
      const lost = acknowledged.filter(
        (n) => !content.subarray(n * RECORD, (n + 1) * RECORD).equals(record(n)),
      );
      expect(lost).toEqual([]);
    },
  );
});
