// @ts-check
/** What the fresh machine runs (see machine.mjs): `inside.mjs FILE PLAN` does what the plan says, and adds each result to the file. */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { directiveOf } from '../documents/directive.mjs';
import { follow } from '../documents/follow.mjs';
import { readMarkdown } from '../documents/markdown.mjs';
import { prepareGuest } from '../guest.mjs';
import { main } from '../main.mjs';
import { root } from '../root.mjs';
import { MachineSpot } from './spot.mjs';
import { UserSpot } from './user-spot.mjs';

main(async ([file = '', text = '']) => {
  /** @type {import('./machine.mjs').Plan} */
  const plan = JSON.parse(text);
  let failed = false;
  for (const document of plan.documents) {
    const report = (/** @type {import('../documents/follow.mjs').Done} */ done) =>
      appendFileSync(file, `${JSON.stringify({ document, ...done })}\n`);
    const read = readMarkdown(readFileSync(join(root, document), 'utf8'));
    try {
      await followAs(plan, read, report);
    } catch (error) {
      // What other documents say may be right nevertheless.
      process.stdout.write(`\nFAILED: ${document}: ${error instanceof Error ? error.message : error}\n`);
      failed = true;
    }
  }
  return failed ? 1 : 0;
});

/**
 * @param {import('./machine.mjs').Plan} plan
 * @param {import('../documents/markdown.mjs').Document} document
 * @param {(done: import('../documents/follow.mjs').Done) => void} report
 */
async function followAs({ who, tests }, document, report) {
  const asRoot = who === 'root';
  await follow(asRoot ? document : onlyFresh(document), {
    image: () => prepareGuest(),
    spot: asRoot ? new MachineSpot() : new UserSpot(report),
    fresh: true,
    report,
  });
  if (tests) await follow(testsOf(document), { spot: new MachineSpot(), fresh: true, report });
}

/**
 * The part of a document that is for a fresh machine only.
 * @param {import('../documents/markdown.mjs').Document} document
 */
function onlyFresh(document) {
  const fences = document.fences.filter((fence) => {
    const directive = directiveOf(fence);
    return directive?.kind === 'run' && directive.fresh;
  });
  return { ...document, fences };
}

/**
 * What a document says to type for all tests: what CI runs, too.
 * @param {import('../documents/markdown.mjs').Document} document
 */
function testsOf(document) {
  const fences = document.fences.filter(({ note }) => note === 'run by .ci/run');
  return { ...document, fences: fences.map((fence) => ({ ...fence, note: 'run' })) };
}
