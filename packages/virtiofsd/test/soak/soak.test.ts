import { appendFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CSV_HEAD, csvLine, type Row, soak } from './soak.js';

/** `soak.mjs` asks for more, and for a table. */
const { VFS_SOAK_MINUTES = '0.2', VFS_SOAK_SESSION = '3', VFS_SOAK_PACE = '1', VFS_SOAK_TABLE } = process.env;
const seconds = Number(VFS_SOAK_MINUTES) * 60;

it('programs of a guest that is reset again and again find what they have left, and the daemon holds no more than at first', {
  timeout: (seconds + 300) * 1000,
}, async () => {
  if (VFS_SOAK_TABLE !== undefined) writeFileSync(VFS_SOAK_TABLE, CSV_HEAD);
  const measured = (row: Row) => {
    if (VFS_SOAK_TABLE !== undefined) appendFileSync(VFS_SOAK_TABLE, csvLine(row));
  };
  const session = Number(VFS_SOAK_SESSION);
  const pace = Number(VFS_SOAK_PACE);
  const rows = await soak({ seconds, session, pace, every: seconds > 60 ? 5 : 1, measured });
  const { sessions, operations } = rows.at(-1)!;
  console.info(`${operations} operations in ${sessions} sessions, every answer as it should be`);
  expect(operations).toBeGreaterThan(0);
});
