/** Whoever writes a module is told what is wrong with it. */
import { expect, it } from 'vitest';
import { Log } from '../../src/log.js';
import { createModuleFileSystem } from '../../src/module/module-file-system.js';
import { PassthroughFileSystem } from '../../src/passthrough/file-system.js';
import { StartError } from '../../src/start-error.js';
import { writeModule } from './support.js';

const create = (path: string, options: Record<string, string> = {}, layered = false) =>
  createModuleFileSystem({ path, options }, layered, new Log('off').module('module'));

async function failure(path: string): Promise<string> {
  const error = await create(path).then(
    () => expect.fail('it was loaded'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartError);
  expect((error as Error).message).toContain(`module '${path}'`);
  return (error as Error).message;
}

it.each([
  ['export const fs = {};', 'exports no function createFileSystem: add "export function'],
  ['export default () => ({});', 'exports no function createFileSystem'],
  ["import 'no-such-package';", 'npm install'],
  ['export function createFileSystem() {}', 'has returned undefined: return an object with methods'],
  ['export const createFileSystem = () => null;', 'has returned null'],
  [
    'export const createFileSystem = async () => ({ a: 1 });',
    'has returned an object without any of its methods',
  ],
  [
    "\nexport function createFileSystem() { throw new TypeError('not so'); }",
    'failed (TypeError: not so, line 2)',
  ],
  ['export const createFileSystem = () => Promise.reject(7);', 'failed (7)'],
  ["throw new RangeError('at once');", 'cannot be loaded (RangeError: at once, line 1)'],
])('a module that reads %j', async (code, message) => {
  expect(await failure(writeModule(code))).toContain(message);
});

it('a module that does not exist', async () => {
  expect(await failure('/nowhere/module.mjs')).toMatch(/does not exist|is not there/);
});

it.each([
  ['module.mjs', 'export async function createFileSystem({ options, inner }) {'],
  ['module.cjs', 'exports.createFileSystem = async ({ options, inner }) => {'],
  ['other.cjs', 'const all = {}; module.exports = all; all.createFileSystem = ({ options, inner }) => {'],
])(
  '%s is given its options, and nothing to put a layer upon where no folder is shared',
  async (name, head) => {
    const path = writeModule(`${head} return { read: () => Number(options.answer), inner }; }`, name);
    const made = (await create(path, { answer: '42' }))(undefined);
    expect((made as { read(): number }).read()).toBe(42);
    expect(made).toHaveProperty('inner', undefined);
  },
);

it('a layer can take the methods of the folder before it is open, and call them afterwards', async () => {
  const path = writeModule(`export const createFileSystem = ({ inner }) => {
    let early;
    try { inner.getattr(); } catch (error) { early = error.message; }
    return { ...inner, early };
  };`);
  const make = await create(path, {}, true);
  const calls: unknown[][] = [];
  // The longest argument list that there is.
  const folder = { rename: (...args: unknown[]) => calls.push(args) };
  const others = Object.getOwnPropertyNames(PassthroughFileSystem.prototype).filter(
    (each) => each !== 'rename',
  );
  const made = make({ ...Object.fromEntries(others.map((each) => [each, () => 0])), ...folder } as never);
  expect(made).toHaveProperty('early', expect.stringContaining('call getattr from init on'));
  (made.rename as unknown as (...args: number[]) => unknown)(1, 2, 3, 4, 5, 6);
  expect(calls).toEqual([[1, 2, 3, 4, 5, 6]]);
});
