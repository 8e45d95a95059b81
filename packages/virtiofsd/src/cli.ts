import { readFileSync } from 'node:fs';
import { type CheckRequest, parseCheckCommand, runCheck } from './check/check-command.js';
import { COMMANDS } from './commands.js';
import { runCompletion } from './completion-command.js';
import { openLog } from './life-cycle/open-log.js';
import { run } from './life-cycle/run.js';
import { Log, withoutControls } from './log.js';
import { type MountRequest, parseMountCommand } from './mount-command.js';
import { parseCommandLine, type Request, type Run } from './options/command-line.js';
import { parseReplayCommand, type ReplayRequest } from './replay-command.js';
import { StartError } from './start-error.js';
import { parseTopCommand, type TopRequest } from './top-command.js';

const FAILURE = 1;
const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** What serves files is loaded only by a process that serves them: it takes half of the time of a start. */
export function loadMount(): Promise<typeof import('./run-mount.js')> {
  return import('./run-mount.js');
}

/** The command `virtiofsd`: resolves with the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const request = requestOf(args);
    if (request.kind === 'print') {
      (request.status === 0 ? process.stdout : process.stderr).write(request.text);
      return request.status;
    }
    if (request.kind === 'mount') {
      const { runMount } = await loadMount();
      return await runMount(request.options, new Log(request.options.logLevel));
    }
    if (request.kind === 'check') return await runCheck(request);
    if (request.kind === 'replay') {
      const { runReplay } = await import('./replay/run-replay.js');
      return await runReplay(request.options);
    }
    if (request.kind === 'top') {
      const { runTop } = await import('./top/run-top.js');
      return await runTop(request.options);
    }
    return await runDaemon(request);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`virtiofsd: ${withoutControls(error.message)}\n`);
    return FAILURE;
  }
}

function requestOf(
  args: readonly string[],
): Request | MountRequest | CheckRequest | TopRequest | ReplayRequest {
  const rest = args.slice(1);
  switch (args[0]) {
    case 'check':
      return parseCheckCommand(rest);
    case 'mount':
      return parseMountCommand(rest, process.env);
    case 'replay':
      return parseReplayCommand(rest, process.env);
    case 'top':
      return parseTopCommand(rest);
    case 'completion':
      return runCompletion(rest);
    default:
      return parseCommandLine(args, {
        version: VERSION,
        commands: COMMANDS,
        environment: process.env,
        pid: process.pid,
      });
  }
}

async function runDaemon({ options, warnings }: Run): Promise<number> {
  const log = openLog(options);
  for (const warning of warnings) log.module('options').warn(warning);
  try {
    return await run(options, log, VERSION);
  } catch (error) {
    // Standard error has it in any case.
    if (options.syslog && error instanceof StartError) log.module('daemon').error(error.message);
    throw error;
  }
}
