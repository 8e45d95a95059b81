import { execFile, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

/** What one case came to; the reason is empty if it passed. */
export interface BatteryCase {
  readonly number: number;
  /** The group and the promise: `rename: replaces an existing empty directory`. */
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly reason: string;
  readonly milliseconds: number;
}

export interface BatteryReport {
  readonly cases: readonly BatteryCase[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface BuildOptions {
  /** @default the C compiler named by CC, else `cc` */
  readonly compiler?: string;
  /** @default `['-static', '-O1']`, so that it runs where there is nothing but a kernel */
  readonly flags?: readonly string[];
  /** @default all files of cases/ */
  readonly cases?: readonly string[];
}

export interface RunOptions {
  /** From {@link buildBattery}. */
  readonly binary: string;
  /** Only cases of whose name one of these shell patterns matches a part. @default all */
  readonly only?: readonly string[];
  /** For each case. @default 30 */
  readonly timeoutSeconds?: number;
  /** Whom to run it as, if not as this process, which must then be root's. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

const folder = import.meta.dirname;

/** The C files of a folder beside this file. */
function sources(name: string): string[] {
  const files = readdirSync(join(folder, name)).sort();
  return files.filter((file) => file.endsWith('.c')).map((file) => join(folder, name, file));
}

/** The folder of battery.h, for cases that stand elsewhere. */
export const driverFolder: string = join(folder, 'driver');

/** The C compiler to use where none is given. */
export function compiler(): string {
  return process.env['CC'] ?? 'cc';
}

/** Compiles the battery, and returns the path of the program. */
export async function buildBattery(outDir: string, options: BuildOptions = {}): Promise<string> {
  const binary = join(outDir, 'posix-battery');
  await promisify(execFile)(options.compiler ?? compiler(), [
    '-std=c17',
    '-Wall',
    '-Wextra',
    '-Werror',
    ...(options.flags ?? ['-static', '-O1']),
    '-o',
    binary,
    ...sources('driver'),
    ...(options.cases ?? sources('cases')),
  ]);
  return binary;
}

/** The arguments that have the battery print what {@link parseBattery} reads: for those who start it themselves, in a guest. */
export function batteryArguments(dir: string, options: Omit<RunOptions, 'binary' | 'user'> = {}): string[] {
  const only = (options.only ?? []).flatMap((pattern) => ['--only', pattern]);
  return ['--json', '--timeout', String(options.timeoutSeconds ?? 30), ...only, dir];
}

/** Reads what `posix-battery --json` printed. Lines that are not JSON, as a console may add, are passed over. */
export function parseBattery(output: string): BatteryReport {
  const objects = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  const counts = objects.pop();
  if (counts?.passed === undefined)
    throw new Error(`the battery did not come to its end:\n${output.slice(-2000)}`);
  return { cases: objects, ...counts };
}

/** Runs the battery in a new folder of a directory, which it removes. This process goes on meanwhile, and may serve it. */
export async function runBattery(dir: string, options: RunOptions): Promise<BatteryReport> {
  const child = spawn(options.binary, batteryArguments(dir, options), {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options.user,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [output, complaint, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (status !== 0 && status !== 1)
    throw new Error(`posix-battery ended with status ${status}: ${complaint}`);
  return parseBattery(output);
}

/** The failed cases as a text to be compared with none: one line each. */
export function failures(report: BatteryReport): string[] {
  return report.cases
    .filter((entry) => entry.outcome === 'failed')
    .map(({ name, reason }) => `${name} # ${reason}`);
}
