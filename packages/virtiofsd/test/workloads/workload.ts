import { program, type Result } from '../fuse-device/support.js';

/** Where a workload works: a folder as it is mounted, and the same as it is on the host. */
export interface Workplace {
  readonly mounted: string;
  readonly host: string;
  /** A folder elsewhere, for what the share is compared with. */
  readonly aside: string;
}

/** What real programs do with a file system, and how they notice that it went wrong. */
export interface Workload {
  readonly name: string;
  /** @param effort 1 in the tests; more takes proportionally longer */
  run(place: Workplace, effort: number): Promise<void>;
}

/** Runs a script of bash in a folder; `$1` and so on are the arguments. Every command in it has to succeed. */
export async function bash(cwd: string, script: string, ...args: (string | number)[]): Promise<string> {
  const words = ['-euo', 'pipefail', '-c', `cd "$0"\n${script}`, cwd, ...args.map(String)];
  return succeeded(await program('bash', ...words), script);
}

export function succeeded({ status, signal, stdout, stderr }: Result, what: string): string {
  if (status === 0) return stdout;
  throw new Error(`${status ?? signal} of:\n${what}\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`);
}
