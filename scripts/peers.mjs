// @ts-check
/**
 * Brings the daemons of others that tests and measurements compare with, and prints where they are:
 *
 *     node scripts/peers.mjs
 */
import { main } from './lib/main.mjs';
import { bringPeers, peersEnvironment } from './lib/peers.mjs';

main(async (args) => {
  if (args.length > 0) throw new Error(`unknown argument ${args[0]} (there is none)`);
  for (const [name, path] of Object.entries(peersEnvironment(await bringPeers()))) {
    process.stdout.write(`${name}=${path}\n`);
  }
});
