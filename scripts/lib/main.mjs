// @ts-check

/**
 * Runs a command of this folder: what it throws becomes one message and status 1. The process is ended even when something is
 * still open; clean-up work (cleanup.mjs) is done then.
 * @param {(args: string[]) => Promise<void | number>} command returns the exit status, 0 when none
 */
export function main(command) {
  command(process.argv.slice(2)).then(
    (status) => end(status ?? 0),
    (error) => {
      process.stderr.write(`\nerror: ${error instanceof Error ? error.message : error}\n`);
      if (process.env['VFS_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
      end(1);
    },
  );
}

/**
 * Ends when what was printed has left: a pipe takes its time.
 * @param {number} status
 */
function end(status) {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
}
