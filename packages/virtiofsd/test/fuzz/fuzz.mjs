#!/usr/bin/env node
// Fuzzes one target, or all of them in turn, for as long as you like:
//
//   node packages/virtiofsd/test/fuzz/fuzz.mjs TARGET|all [--minutes N] [--seed S] [--save]
//   node packages/virtiofsd/test/fuzz/fuzz.mjs TARGET --replay FILE
//   node packages/virtiofsd/test/fuzz/fuzz.mjs --list
//
// It bundles the target from the sources (only @vfs/sys has to be built) and runs it in a process of its own, so that an input that
// ends or hangs that process is found and written down as well.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

const HERE = dirname(fileURLToPath(import.meta.url));
const PACKAGE = join(HERE, '../..');
// Where the packages that are not bundled are found; each run has its own.
const BUNDLE = join(PACKAGE, `node_modules/.cache/fuzz-${process.pid}`);
/** An input that takes longer hangs, in milliseconds: slow machines included. */
const HANG = 120_000;
const LOOK_INTERVAL = 1000;
/** As present-input.ts has it. */
const HEADER = 8;
const PRESENT_SIZE = HEADER + (1 << 16);

async function bundle() {
  /** @param {string} name */
  const sources = (name) => join(PACKAGE, '..', name, 'src/index.ts');
  await build({
    config: false,
    entry: { main: join(HERE, 'main.ts') },
    outDir: BUNDLE,
    format: ['esm'],
    outExtension: () => ({ js: '.js' }),
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    splitting: false,
    silent: true,
    // The addon and what is no module of ours stay as they are.
    external: ['@vfs/sys', 'commander'],
    noExternal: ['@vfs/fuse-proto', '@vfs/vhost-user'],
    esbuildOptions(options) {
      options.alias = { '@vfs/fuse-proto': sources('fuse-proto'), '@vfs/vhost-user': sources('vhost-user') };
    },
  });
  writeFileSync(join(BUNDLE, 'package.json'), '{ "type": "module" }\n');
}

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit status
 */
async function runTarget(args) {
  const directory = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const present = join(directory, 'present');
  writeFileSync(present, '');
  truncateSync(present, PRESENT_SIZE);
  try {
    const program = [join(BUNDLE, 'main.js'), '--directory', HERE, '--present', present];
    const child = spawn(process.execPath, ['--enable-source-maps', ...program, ...args], {
      stdio: 'inherit',
    });
    const watch = watchFor(present, () => child.kill('SIGKILL'));
    const [status, signal] = await new Promise((resolve) =>
      child.on('exit', (code, name) => resolve([code, name])),
    );
    clearInterval(watch.timer);
    if (status === 0 || status === 1) return status;
    const { input } = readPresent(present);
    const what = watch.hung()
      ? `it took longer than ${HANG / 1000} s`
      : `the process ended with ${signal ?? `status ${status}`}`;
    process.stdout.write(`\n${args[0]} FAILED: ${what}\nwrote ${keep(args[0], input, what)}\n`);
    return 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Calls back when the same input has been run for too long.
 * @param {string} present
 * @param {() => void} kill
 */
function watchFor(present, kill) {
  let last = 0;
  let since = Date.now();
  let hung = false;
  const timer = setInterval(() => {
    const { count } = readPresent(present);
    if (count !== last) [last, since] = [count, Date.now()];
    // Nothing is run yet, or any more.
    if (count === 0 || Date.now() - since < HANG) return;
    hung = true;
    kill();
  }, LOOK_INTERVAL);
  return { timer, hung: () => hung };
}

/** @param {string} path */
function readPresent(path) {
  const bytes = Buffer.alloc(PRESENT_SIZE);
  const fd = openSync(path, 'r');
  readSync(fd, bytes, 0, PRESENT_SIZE, 0);
  closeSync(fd);
  return { count: bytes.readUInt32LE(0), input: bytes.subarray(HEADER, HEADER + bytes.readUInt32LE(4)) };
}

/**
 * Writes down what could not be made smaller.
 * @param {string} target
 * @param {Buffer} input
 * @param {string} what
 */
function keep(target, input, what) {
  const folder = join(HERE, 'regressions', target);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${createHash('sha256').update(input).digest('hex').slice(0, 12)}.txt`);
  writeFileSync(path, `# ${what}\n${input.toString('base64').replace(/.{1,100}/g, '$&\n')}`);
  return path;
}

/** @returns {Promise<string[]>} */
async function targetNames() {
  const child = spawn(process.execPath, [join(BUNDLE, 'main.js'), '--list'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(':', 1)[0] ?? '');
}

/** @param {string[]} args */
async function main([target, ...rest]) {
  if (target === undefined) {
    process.stderr.write(
      'fuzz.mjs TARGET|all [--minutes N] [--seed S] [--save], or TARGET --replay FILE, or --list\n',
    );
    return 2;
  }
  // The target has it, too, and comes to an end in order.
  process.on('SIGINT', () => {});
  try {
    await bundle();
    if (target !== 'all') return await runTarget([target, ...rest]);
    let failed = 0;
    for (const name of await targetNames()) failed += await runTarget([name, ...rest]);
    return failed > 0 ? 1 : 0;
  } finally {
    rmSync(BUNDLE, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
