import { readFileSync } from 'node:fs';
import { COMMANDS } from './commands.js';
import { runCompletion } from './completion-command.js';
import { run } from './life-cycle/run.js';
import { Log, withoutControls } from './log.js';
import { type MountRequest, parseMountCommand, runMount } from './mount-command.js';
import { parseCommandLine, type Request } from './options/command-line.js';
import { StartError } from './start-error.js';

const FAILURE = 1;
const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** The command `virtiofsd`: resolves with the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const request = requestOf(args);
    if (request.kind === 'print') {
      (request.status === 0 ? process.stdout : process.stderr).write(request.text);
      return request.status;
    }
    const log = new Log(request.options.logLevel);
    if (request.kind === 'mount') return await runMount(request.options, log);
    for (const warning of request.warnings) log.module('options').warn(warning);
    return await run(request.options, log);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`virtiofsd: ${withoutControls(error.message)}\n`);
    return FAILURE;
  }
}

function requestOf(args: readonly string[]): Request | MountRequest {
  const rest = args.slice(1);
  switch (args[0]) {
    case 'mount':
      return parseMountCommand(rest, process.env);
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
