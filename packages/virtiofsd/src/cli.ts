import { readFileSync } from 'node:fs';
import { Daemon } from './daemon.js';
import { Log, withoutControls } from './log.js';
import { MOUNT_COMMAND, parseMountCommand, runMount } from './mount-command.js';
import { parseCommandLine, type Run } from './options/command-line.js';
import { StartError } from './start-error.js';

const FAILURE = 1;
const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** The command `virtiofsd`: resolves with the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const request =
      args[0] === MOUNT_COMMAND
        ? parseMountCommand(args.slice(1))
        : parseCommandLine(args, { version: VERSION, environment: process.env, pid: process.pid });
    if (request.kind === 'print') {
      (request.status === 0 ? process.stdout : process.stderr).write(request.text);
      return request.status;
    }
    const log = new Log(request.options.logLevel);
    return await (request.kind === 'mount' ? runMount(request.options, log) : run(request, log));
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`virtiofsd: ${withoutControls(error.message)}\n`);
    return FAILURE;
  }
}

async function run({ options, warnings }: Run, log: Log): Promise<number> {
  const own = log.module('daemon');
  for (const warning of warnings) own.warn(warning);
  const { socketPath } = options;
  if (socketPath === undefined) throw new StartError('--fd is not served yet: give --socket-path');
  let daemon: Daemon | undefined;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => {
      own.info(`${signal}: shutting down`);
      daemon?.stop();
    });
  }
  // What a request does wrong ends with that request; what arrives here is a defect, and no state can be trusted after it.
  process.once('uncaughtException', (error) => {
    own.error(`unexpected: ${error.stack ?? error}`);
    daemon?.stop();
    process.exit(FAILURE);
  });
  daemon = new Daemon({ ...options, socketPath }, log);
  const ending = await daemon.ended;
  own.info('shut down');
  return ending === 'done' ? 0 : FAILURE;
}
