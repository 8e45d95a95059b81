// @ts-check
/**
 * Brings what is missing to build this checkout, and with --guest also what is needed to boot a guest:
 *
 *     npm run setup [-- --guest]
 */
import { ensureGuestTools } from './lib/guest-tools.mjs';
import { say } from './lib/log.mjs';
import { main } from './lib/main.mjs';
import { checkNode, ensureNativeToolchain, installWorkspace, toolEnvironment } from './lib/toolchain.mjs';

main(async (args) => {
  const unknown = args.find((arg) => arg !== '--guest');
  if (unknown !== undefined) throw new Error(`unknown argument ${unknown} (there is only --guest)`);
  checkNode();
  await ensureNativeToolchain();
  if (args.includes('--guest')) {
    const { qemu, busybox, kernel } = await ensureGuestTools();
    say(`for the guest: ${qemu}, ${busybox}, kernel ${kernel.release}`);
  }
  await installWorkspace(await toolEnvironment());
  say('everything is there');
});
