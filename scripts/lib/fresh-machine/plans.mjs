// @ts-check
import { runsOf } from '../documents/directive.mjs';

const README = 'README.md';
/** Where `virtiofsd` gets onto the PATH: what other documents say begins with that. */
const FIRST = 'docs/getting-started.md';

/**
 * Which machines there are.
 * @param {readonly { path: string, document: import('../documents/markdown.mjs').Document }[]} guides
 * @param {boolean} tests whether all tests are run, too
 * @returns {import('./machine.mjs').Plan[]}
 */
export function plansFor(guides, tests) {
  const others = guides
    .filter(({ path, document }) => path !== README && path !== FIRST && runsOf(document).length > 0)
    .map(({ path }) => path);
  return [
    {
      title: `${FIRST}, and the documents after it, by root`,
      // Where a plain user can read it.
      checkout: '/opt/virtiofsd',
      documents: [FIRST, ...others],
      who: 'root',
      tests: false,
    },
    {
      title: `${README}, by a plain user without sudo`,
      checkout: '/home/user/virtiofsd',
      documents: [README],
      who: 'user',
      tests: false,
    },
    { title: `${README}, by root`, checkout: '/root/virtiofsd', documents: [README], who: 'root', tests },
  ];
}
