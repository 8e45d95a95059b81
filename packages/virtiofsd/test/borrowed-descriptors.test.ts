import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, sharedDirectory } from './support/fixture.js';

const BUDGET = 40;
/** More directories on the way than there can be descriptors: to get there again, others have to be closed. */
const DEPTH = 60;
const LEVELS = Array.from({ length: DEPTH }, () => 'd');

/**
 * A request about two files borrows two descriptors. That of the second may cost many others; if the first were among them, the request
 * would be made in whatever directory got its number.
 */
describe('with few descriptors, the way to a second file leaves the descriptor of the first alone', () => {
  let fixture: Fixture;
  let near: number;
  let deep: number;

  beforeEach(async () => {
    fixture = await sharedDirectory({ share: { descriptorBudget: BUDGET, inodeFileHandles: 'never' } });
    const { client, path } = fixture;
    mkdirSync(path('near'));
    mkdirSync(path(...LEVELS), { recursive: true });
    for (let level = 1; level <= DEPTH; level++) {
      writeFileSync(path(...LEVELS.slice(0, level), 'file'), 'another');
      writeFileSync(path(...LEVELS.slice(0, level), 'target'), 'another');
    }
    writeFileSync(path('near', 'file'), 'near');
    deep = Number(await client.walk(...LEVELS));
  });

  /** The lookup of other files takes the descriptors of the directories on the way. */
  async function crowd(): Promise<void> {
    const { client, path, share } = fixture;
    mkdirSync(path('crowd'));
    const { nodeid } = await client.lookup(1, 'crowd');
    const ids: number[] = [];
    for (let i = 0; i < 2 * BUDGET; i++) {
      writeFileSync(path('crowd', `${i}`), '');
      ids.push(Number((await client.lookup(nodeid, `${i}`)).nodeid));
    }
    for (let round = 0; round < 3; round++) for (const id of ids) await client.getattr(id);
    expect(share.nodes.descriptorOf(share.nodes.slotOf(deep))).toBe(-1);
    near = Number(await client.walk('near'));
    await client.getattr(near);
  }

  function expectOthersUntouched(except = ''): void {
    const { path } = fixture;
    for (let level = 1; level <= DEPTH; level++) {
      for (const name of ['file', 'target']) {
        const file = path(...LEVELS.slice(0, level), name);
        if (file !== except) expect(readFileSync(file, 'utf8')).toBe('another');
      }
    }
  }

  it('RENAME to a directory far down', async () => {
    await crowd();
    const { client, path } = fixture;
    await client.rename(near, 'file', deep, 'target');
    const target = path(...LEVELS, 'target');
    expect(readFileSync(target, 'utf8')).toBe('near');
    expect(existsSync(path('near', 'file'))).toBe(false);
    expectOthersUntouched(target);
  });

  it('LINK of a file far down', async () => {
    const { client, path } = fixture;
    const { nodeid } = await client.lookup(deep, 'target');
    await crowd();
    expect((await client.link(nodeid, near, 'new')).nodeid).toBe(nodeid);
    expect(readFileSync(path('near', 'new'), 'utf8')).toBe('another');
    expectOthersUntouched();
  });

  it('UNLINK of a file that was found last far down', async () => {
    const { client, path } = fixture;
    linkSync(path('near', 'file'), path(...LEVELS, 'second'));
    await client.lookup(deep, 'second');
    await crowd();
    await client.unlink(near, 'file');
    expect(existsSync(path('near', 'file'))).toBe(false);
    expectOthersUntouched();
  });

  it('RENAME onto a file that was found last far down', async () => {
    const { client, path } = fixture;
    writeFileSync(path('near', 'target'), 'replaced');
    linkSync(path('near', 'target'), path(...LEVELS, 'second'));
    await client.lookup(deep, 'second');
    await crowd();
    await client.rename(near, 'file', near, 'target');
    expect(readFileSync(path('near', 'target'), 'utf8')).toBe('near');
    expectOthersUntouched();
  });
});
