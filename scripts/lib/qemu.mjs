// @ts-check
import { accessSync, constants } from 'node:fs';
import { output } from './run.mjs';

/** How the guest's processor is run. kvm: by the real one; tcg: by translation, which works everywhere. */
/** @typedef {'kvm' | 'tcg'} Accelerator */

/**
 * @typedef {object} Machine
 * @property {import('./guest-tools.mjs').GuestTools} tools
 * @property {string} initramfs path of the guest's root file system
 * @property {Accelerator} accelerator
 * @property {Readonly<Record<string, string | number>>} variables for /init, on the kernel's command line
 * @property {number} [memory] MiB
 * @property {number} [processors] one by default: under emulation more are slower for most work
 */

/** The name under which the guest mounts the share. */
export const TAG = 'share';

/**
 * The command line of QEMU for a guest, but for its share and its serial lines.
 * @param {Machine} machine
 * @returns {string[]}
 */
export function machineArguments({ tools, initramfs, accelerator, variables, memory = 512, processors = 1 }) {
  const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return [
    ...['-M', 'q35', '-accel', accelerator, '-cpu', 'max', '-smp', `${processors}`, '-m', `${memory}`],
    ...['-object', `memory-backend-memfd,id=mem,size=${memory}M,share=on`, '-machine', 'memory-backend=mem'],
    ...['-kernel', tools.kernel.image, '-initrd', initramfs],
    ...['-append', ['console=ttyS0', 'quiet', 'panic=-1', ...words].join(' ')],
    ...['-nic', 'none', '-no-reboot'],
  ];
}

/**
 * The part of QEMU's command line that connects a guest with a daemon.
 * @param {string} socketPath
 * @returns {string[]}
 */
export function shareArguments(socketPath) {
  return [
    ...['-chardev', `socket,id=share0,path=${socketPath}`],
    ...['-device', `vhost-user-fs-pci,chardev=share0,tag=${TAG}`],
  ];
}

/**
 * Chooses the accelerator. A /dev/kvm that is there may still be unable to run a guest (under another hypervisor, say), so it
 * is tried: with a guest that says that it runs, and ends. VFS_ACCEL=tcg or kvm leaves no choice.
 * @param {import('./guest-tools.mjs').GuestTools} tools
 * @param {string} initramfs
 * @returns {Accelerator}
 */
export function chooseAccelerator(tools, initramfs) {
  const wish = process.env['VFS_ACCEL'];
  if (wish === 'kvm' || wish === 'tcg') return wish;
  if (wish) throw new Error(`VFS_ACCEL is tcg or kvm, not ${wish}`);
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    return 'tcg';
  }
  const args = machineArguments({ tools, initramfs, accelerator: 'kvm', variables: { vfs_mode: 'probe' } });
  const said = output(tools.qemu, [...args, '-display', 'none', '-monitor', 'none', '-serial', 'stdio'], {
    timeout: 10,
  });
  return said?.includes('guest-is-running') ? 'kvm' : 'tcg';
}
