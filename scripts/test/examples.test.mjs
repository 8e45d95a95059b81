// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAsShown, readConsole } from '../lib/documents/console.mjs';
import { directiveOf, needsGuest, runsOf } from '../lib/documents/directive.mjs';
import { guides } from '../lib/documents/files.mjs';
import { follow } from '../lib/documents/follow.mjs';
import { readMarkdown } from '../lib/documents/markdown.mjs';
import { root } from '../lib/root.mjs';

/** @param {string} path */
function read(path) {
  return readMarkdown(readFileSync(join(root, path), 'utf8'));
}

describe.each(guides())('%s', (path) => {
  const { fences } = read(path);

  test('says of every block of code how it is run, or why not', () => {
    for (const fence of fences) {
      const where = `${path}:${fence.line}`;
      const directive = withPlace(where, () => directiveOf(fence));
      if (directive?.kind === 'elsewhere') {
        expect(existsSync(join(root, directive.path)), `${where}: there is no ${directive.path}`).toBe(true);
      } else if (directive?.kind === 'same') {
        const twin = read(directive.path).fences.find(({ text }) => text === fence.text);
        expect(twin && directiveOf(twin), `${where}: ${directive.path} has no such block`).toMatchObject({
          kind: 'run',
        });
      }
    }
  });
});

/** Those with a guest are followed by packages/virtiofsd/test/guest/documents.test.ts. */
const here = guides().filter((path) => {
  const document = read(path);
  return runsOf(document).length > 0 && !needsGuest(document);
});

test.each(here)('what %s says to do does what it says', { timeout: 300_000 }, async (path) => {
  await follow(read(path));
});

describe('a document that is wrong is noticed', () => {
  /** @param {string} block */
  const following = (block) => follow(readMarkdown(block));

  test('when a command fails', async () => {
    await expect(following('<!-- run -->\n```sh\ntrue\nfalse\n```\n')).rejects.toThrow('line 3: status 1 of');
  });

  test('when a command prints something else', async () => {
    const block = '<!-- run -->\n```console\n$ echo one\none\n$ echo two\nthree\n```\n';
    await expect(following(block)).rejects.toThrow('echo two\nprints\ntwo\n');
  });

  test('when what it starts ends badly', async () => {
    const block =
      '<!-- run: in the background until /run/a is there -->\n```sh\nbash -c \'trap "exit 3" TERM; : >/run/a; while :; do sleep 0.1; done\'\n```\n';
    await expect(following(block)).rejects.toThrow('ended with status 3');
  });

  test('when it does not say how a command is run', () => {
    const document = readMarkdown('```sh\nls\n```\n');
    expect(() => document.fences.map(directiveOf)).toThrow('say in a comment');
  });

  test('when what it says of a command is not understood', () => {
    const document = readMarkdown('<!-- run: tomorrow -->\n```sh\nls\n```\n');
    expect(() => document.fences.map(directiveOf)).toThrow("unknown: 'run: tomorrow'");
  });
});

describe('of what is printed', () => {
  test.each([
    ['a b\n', 'a b\n', true],
    ['a b\n', 'a c\n', false],
    ['pid 17 runs\n', 'pid … runs\n', true],
    ['a\nb\nc\n', 'a\n…\nc\n', true],
    ['a\nc\n', 'a\n…\nc\n', true],
    ['a\nb\n', 'a\n', false],
    ['a.b\n', 'a+b\n', false],
    ['', '', true],
    ['x\n', '', false],
  ])('%j is %j: %j', (printed, shown, same) => {
    expect(isAsShown(printed, shown)).toBe(same);
  });

  test('a console block has the commands of host and guest, and what each prints', () => {
    expect(readConsole('$ echo a \\\n> b\na b\nguest# ls\nhost$ true\n')).toEqual([
      { where: 'host', command: 'echo a \\\nb', expected: 'a b\n' },
      { where: 'guest', command: 'ls', expected: '' },
      { where: 'host', command: 'true', expected: '' },
    ]);
  });
});

/**
 * @template T
 * @param {string} place
 * @param {() => T} work
 */
function withPlace(place, work) {
  try {
    return work();
  } catch (error) {
    throw new Error(`${place}: ${error instanceof Error ? error.message : error}`);
  }
}
