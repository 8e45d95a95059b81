// @ts-check
/**
 * Brings what is missing to build this checkout, and builds it; with --guest also what is needed to boot a guest:
 *
 *     npm run setup [-- --guest]
 */
import { ensureGuestTools, guestPrograms } from './lib/guest-tools.mjs';
import { headline, say } from './lib/log.mjs';
import { main } from './lib/main.mjs';
import { bring } from './lib/system-packages.mjs';
import { checkNode, installWorkspace, nativeToolchain, toolEnvironment, turbo } from './lib/toolchain.mjs';

main(async (args) => {
  const unknown = args.find((arg) => arg !== '--guest');
  if (unknown !== undefined) throw new Error(`unknown argument ${unknown} (there is only --guest)`);
  checkNode();
  const forGuest = args.includes('--guest');
  await bring(nativeToolchain(), ...(forGuest ? [guestPrograms()] : []));
  if (forGuest) {
    const { qemu, busybox, kernel } = await ensureGuestTools();
    say(`for the guest: ${qemu}, ${busybox}, kernel ${kernel.release}`);
  }
  const env = await toolEnvironment();
  await installWorkspace(env);
  headline('build');
  await turbo(['build', '--output-logs=errors-only'], env);
  say('everything is there');
});
