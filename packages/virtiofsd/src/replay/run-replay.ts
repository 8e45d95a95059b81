import { Log } from '../log.js';
import { TraceReader } from '../observe/trace/reader.js';
import type { ReplayOptions } from '../replay-command.js';
import { FolderTarget } from './folder-target.js';
import { play } from './player.js';
import { Printer } from './print.js';
import { reportText } from './report.js';
import { SocketTarget } from './socket-target.js';
import type { ReplayTarget } from './target.js';

/** Lines are written in pieces of this many characters. */
const PIECE = 1 << 16;

/** Replays or prints a recording. @returns the exit status @throws StartError */
export async function runReplay(options: ReplayOptions): Promise<number> {
  const { file, against, paced, json } = options;
  using reader = new TraceReader(file);
  if (against.kind === 'print') {
    await print(reader);
    return 0;
  }
  using target = await targetOf(options);
  const report = await play(reader, target, { paced });
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : reportText(report));
  return report.differences > 0 ? 1 : 0;
}

async function targetOf({ against, logLevel }: ReplayOptions): Promise<ReplayTarget> {
  if (against.kind === 'socket') return await SocketTarget.connect(against.path);
  if (against.kind === 'folder') {
    return new FolderTarget(against.directory, against.share, new Log(logLevel));
  }
  throw new TypeError('nothing to replay against');
}

async function print(reader: TraceReader): Promise<void> {
  const printer = new Printer();
  let piece = `recorded since ${new Date(reader.started).toISOString()}, ${JSON.stringify(reader.description)}\n`;
  let open = true;
  // Whoever reads may have seen enough.
  process.stdout.on('error', () => {
    open = false;
  });
  for (const record of reader.records()) {
    piece += `${printer.line(record)}\n`;
    if (piece.length < PIECE) continue;
    await write(piece);
    if (!open) return;
    piece = '';
  }
  if (reader.torn) piece += 'it ends in the midst of a record: the daemon was killed\n';
  await write(piece);
}

function write(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}
