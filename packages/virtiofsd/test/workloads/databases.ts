import { program } from '../fuse-device/support.js';
import { bash, succeeded, type Workload } from './workload.js';

export type Journal = 'wal' | 'delete' | 'truncate' | 'persist';

const WRITERS = 4;

/** Several programs write to one database, which afterwards has every row and is whole. */
export function sqlite(journal: Journal): Workload {
  return {
    name: `SQLite with concurrent writers, journal_mode=${journal}`,
    async run({ mounted, host }, effort) {
      await writeConcurrently([mounted], journal, 40 * effort);
      // What the guest has committed is what the host has.
      await check(host, 40 * effort);
    },
  };
}

/** As {@link sqlite}, through several mounts of one folder: what keeps the writers apart are the locks of the host. */
export async function writeConcurrently(
  folders: readonly string[],
  journal: Journal,
  rows: number,
): Promise<void> {
  const [first] = folders;
  await bash(
    first!,
    'echo "PRAGMA journal_mode=$1; CREATE TABLE t (writer, n, filler)" | sqlite3 db',
    journal,
  );
  const writers = Array.from({ length: WRITERS }, (_, writer) => {
    const folder = folders[writer % folders.length]!;
    return program('sqlite3', '-bail', '-cmd', '.timeout 120000', `${folder}/db`, statements(writer, rows));
  });
  for (const result of await Promise.all(writers)) succeeded(result, 'sqlite3');
  for (const folder of folders) await check(folder, rows);
}

function statements(writer: number, rows: number): string {
  const insert = (n: number) =>
    `BEGIN IMMEDIATE; INSERT INTO t VALUES (${writer}, ${n}, randomblob(${(n * 37) % 3000}));` +
    `UPDATE t SET filler = randomblob(100) WHERE writer = ${writer} AND n = ${n - 5}; COMMIT;`;
  return Array.from({ length: rows }, (_, n) => insert(n)).join('\n');
}

async function check(folder: string, rows: number): Promise<void> {
  const query = 'PRAGMA integrity_check; SELECT count(*), count(DISTINCT writer || "/" || n), sum(n) FROM t;';
  const answer = await bash(folder, 'sqlite3 -cmd ".timeout 120000" db "$1"', query);
  const count = WRITERS * rows;
  const expected = `ok\n${count}|${count}|${(count * (rows - 1)) / 2}\n`;
  if (answer !== expected) throw new Error(`the database says ${answer} instead of ${expected}`);
}
