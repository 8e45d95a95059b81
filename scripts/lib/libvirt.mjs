// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onExit, temporaryFolder } from './cleanup.mjs';
import { which } from './run.mjs';
import { describeEnding, supervise } from './supervise.mjs';
import { installPackages, MissingError } from './system-packages.mjs';

/** What libvirt's settings are where nothing but this test uses it. */
const QEMU_CONF = `
security_driver = "none"
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
cgroup_controllers = [ ]
namespaces = [ ]
stdio_handler = "file"
`;
const LIBVIRTD_CONF = `
auth_unix_rw = "none"
auth_unix_ro = "none"
log_outputs = "3:stderr"
`;
/** Where libvirt keeps its settings and its state. */
const FOLDERS = ['/etc/libvirt', '/run', '/var/lib/libvirt', '/var/cache/libvirt', '/var/log/libvirt'];
const LIBVIRTD_LOG = '/var/log/libvirt/qemu';

/** Brings libvirt with its driver for QEMU. */
export async function ensureLibvirt() {
  if (process.getuid?.() !== 0)
    throw new MissingError('libvirt shares folders only as root: run this as root');
  if (which('libvirtd') === null || which('virsh') === null) {
    await installPackages(
      ['libvirt-daemon-system', 'libvirt-clients', 'libvirt-daemon-driver-qemu'],
      'to run a domain',
    );
  }
}

/**
 * A libvirtd of its own: its settings and state are in memory that only it and what it starts see, so that the one of this
 * machine, if there is one, never notices. It ends with this process.
 */
export class PrivateLibvirt {
  #folder = temporaryFolder();
  /** @type {import('./supervise.mjs').Supervised} */
  #daemon;

  constructor() {
    const place = (/** @type {string} */ name, /** @type {string} */ text) => {
      const path = join(this.#folder.path, name);
      writeFileSync(path, text);
      return path;
    };
    const script = [
      'set -e',
      ...FOLDERS.map((folder) => `mkdir -p ${folder}; mount -t tmpfs tmpfs ${folder}`),
      `cp ${place('qemu.conf', QEMU_CONF)} /etc/libvirt/qemu.conf`,
      `exec libvirtd --config ${place('libvirtd.conf', LIBVIRTD_CONF)} --pid-file /run/libvirtd.pid`,
    ];
    for (const folder of FOLDERS) mkdirSync(folder, { recursive: true });
    // What the host unmounts meanwhile is let go of here, too.
    this.#daemon = supervise('unshare', ['--mount', '--propagation=slave', 'sh', '-c', script.join('\n')]);
  }

  /** @param {number} [timeout] seconds */
  static async start(timeout = 60) {
    const libvirt = new PrivateLibvirt();
    const deadline = Date.now() + timeout * 1000;
    while (libvirt.try('version').status !== 0) {
      const ending = libvirt.#daemon.ending();
      if (ending !== null) throw new Error(`libvirtd ${describeEnding(ending)}:\n${libvirt.#daemon.text()}`);
      if (Date.now() > deadline) throw new Error(`libvirtd does not answer:\n${libvirt.#daemon.text()}`);
      await wait(200);
    }
    return libvirt;
  }

  /**
   * Runs virsh, whatever its outcome.
   * @param {...string} args
   */
  try(...args) {
    return this.#inside('virsh', '-c', 'qemu:///system', ...args);
  }

  /**
   * Runs virsh, which must succeed.
   * @param {...string} args
   */
  virsh(...args) {
    const { status, stdout, stderr } = this.try(...args);
    if (status !== 0) throw new Error(`virsh ${args.join(' ')}: ${stderr.trim()}\n${this.log()}`);
    return stdout;
  }

  /**
   * Starts a domain, which ends with this process.
   * @param {string} name
   * @param {string} xml
   */
  create(name, xml) {
    const path = join(this.#folder.path, `${name}.xml`);
    writeFileSync(path, xml);
    const forget = onExit(() => this.try('destroy', name));
    this.virsh('create', path);
    return forget;
  }

  /** Whether a domain runs. @param {string} name */
  runs(name) {
    return this.try('domstate', name).stdout.trim() === 'running';
  }

  /** What libvirtd, QEMU and the daemon that libvirt started have written. */
  log() {
    const logs = this.#inside('sh', '-c', `tail -n 50 ${LIBVIRTD_LOG}/*.log`).stdout;
    return `${this.#daemon.text()}\n${logs}`;
  }

  async stop() {
    this.#daemon.kill('SIGTERM');
    await this.#daemon.ended;
    this.#folder.remove();
  }

  /** @param {...string} command */
  #inside(...command) {
    return spawnSync('nsenter', ['--mount', `--target=${this.#daemon.pid}`, '--', ...command], {
      encoding: 'utf8',
      timeout: 60_000,
    });
  }
}
