// @ts-check
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Enough for the guest of the tests; examples give a machine more. */
const MEMORY = '512M';

/**
 * The command line of an example, for a guest of the tests: what the tests cannot have is replaced (the disk by a kernel with a root
 * file system in memory, KVM where there is none, gigabytes), and what they need to talk to the guest is added. All else stays.
 * @param {readonly string[]} args
 * @param {import('../guest.mjs').GuestImage} image
 * @param {{ agent: string, console: string }} lines where the serial lines of the guest end: a socket, and a file
 */
export function forTests(args, image, lines) {
  const result = [];
  for (let i = 0; i < args.length; i += 2) {
    const [option = '', value = ''] = [args[i], args[i + 1]];
    if (!option.startsWith('-') || args[i + 1] === undefined) throw new Error(`not understood: ${option}`);
    if (option === '-drive') continue;
    else if (option === '-accel') result.push(option, image.accelerator);
    else if (option === '-cpu') result.push(option, 'max');
    else if (option === '-m') result.push(option, MEMORY);
    else result.push(option, value.replace(/\bsize=\w+/, `size=${MEMORY}`));
  }
  return [
    ...result,
    ...['-kernel', image.tools.kernel.image, '-initrd', image.initramfs],
    ...['-append', 'console=ttyS0 quiet panic=-1 vfs_mode=agent', '-nic', 'none', '-no-reboot'],
    ...['-display', 'none', '-monitor', 'none', '-serial', `file:${lines.console}`],
    ...['-chardev', `socket,id=agent,path=${lines.agent}`, '-serial', 'chardev:agent'],
  ];
}

/**
 * Puts a `qemu-system-x86_64` into a folder that starts the real one so.
 * @param {string} folder
 * @param {import('../guest.mjs').GuestImage} image
 * @param {{ agent: string, console: string }} lines
 */
export function installQemu(folder, image, lines) {
  const program = join(folder, 'qemu-system-x86_64');
  const translate = [
    process.execPath,
    join(dirname(fileURLToPath(import.meta.url)), 'print-qemu-arguments.mjs'),
    JSON.stringify({ image, lines }),
  ];
  writeFileSync(
    program,
    `#!/bin/bash
mapfile -d '' arguments < <(${translate.map(quote).join(' ')} "$@")
wait $! || exit 1
exec ${quote(image.tools.qemu)} "\${arguments[@]}"
`,
  );
  chmodSync(program, 0o755);
}

/** @param {string} word */
function quote(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
