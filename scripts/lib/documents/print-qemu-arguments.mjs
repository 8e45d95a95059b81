// @ts-check
/** Prints the arguments for the guest of the tests, each with a NUL behind it: `JSON ARGUMENT...` (see qemu.mjs). */
import { forTests } from './qemu.mjs';

const [given = '', ...args] = process.argv.slice(2);
const { image, lines } = JSON.parse(given);
for (const argument of forTests(args, image, lines)) process.stdout.write(`${argument}\0`);
