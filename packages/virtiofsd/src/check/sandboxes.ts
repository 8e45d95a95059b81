import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OwnedFd, SOCK_NONBLOCK, unixListen } from '@vfs/sys';
import { startWorker } from '../isolation/start-worker.js';
import { Log } from '../log.js';
import type { Options, Sandbox } from '../options.js';
import { StartError } from '../start-error.js';
import { splitAdvice } from './advice.js';
import { type Finding, ok } from './finding.js';

/** Descriptors for the guest that does not come. */
const BUDGET = 128;

const SANDBOXES: readonly Sandbox[] = ['namespace', 'chroot', 'none'];

/** Tries each sandbox as the daemon does: with a worker that is confined and then waits, for nobody. */
export async function checkSandboxes(options: Options): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const sandbox of SANDBOXES) {
    const chosen = sandbox === options.sandbox;
    const topic = `sandbox ${sandbox}`;
    const problem = await tryWorker(chosen ? options : { ...options, sandbox, uidMap: [], gidMap: [] });
    if (problem === undefined) findings.push(ok(topic, chosen ? 'works, and is the one chosen' : 'works'));
    else findings.push({ topic, verdict: chosen ? 'bad' : 'note', ...splitAdvice(problem) });
  }
  return findings;
}

/** @returns why it cannot be started; nothing when it could */
async function tryWorker(options: Options): Promise<string | undefined> {
  const lines: string[] = [];
  const log = new Log('error', (line) => lines.push(line.replace(/^\[.*?\] /, '').trim()));
  const folder = mkdtempSync(join(tmpdir(), 'virtiofsd-check-'));
  try {
    using socket = new OwnedFd(unixListen(join(folder, 'socket'), { flags: SOCK_NONBLOCK }));
    const silent: Options = { ...options, logLevel: 'off', keepAlive: false, syslog: false };
    const worker = await startWorker(silent, { fd: socket.fd }, log, { budget: BUDGET });
    worker.signal('SIGTERM');
    await worker.exited;
    return undefined;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return [...lines, error.message].join('; ');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
