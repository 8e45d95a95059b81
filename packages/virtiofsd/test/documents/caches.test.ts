/**
 * What docs/caches.md says that a guest sees, with this machine's kernel as the guest's: it has the same caches, and a mount of its own for
 * each of two guests.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { MappedMemory } from '@vfs/sys';
import { expect, test } from 'vitest';
import { places, serve } from '../fuse-device/support.js';
import { after } from '../support/fixture.js';
import { tablesOf } from './document.js';

/** How a guest is asked, and what another one does in between. */
interface Subject {
  /** Before, so that there is something to remember. */
  prepare?(folder: string): void;
  /** What the guest sees at a path in its mount. */
  look(folder: string): unknown;
  change(folder: string): void;
}

/** A file that stays open in the guest from the first look on. */
function openFile(name: string): Pick<Subject, 'look'> {
  const open = new Map<string, number>();
  return {
    look(folder) {
      const path = join(folder, name);
      let fd = open.get(path);
      if (fd === undefined) {
        fd = openSync(path, 'r');
        open.set(path, fd);
        const opened = fd;
        after(() => closeSync(opened));
      }
      const bytes = Buffer.alloc(10);
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, 10, 0));
    },
  };
}

/** By the first cell of the table's rows. */
const SUBJECTS: Readonly<Record<string, () => Subject>> = {
  'a new file, by its name': () => ({
    look: (folder) => existsSync(join(folder, 'new')),
    change: (folder) => writeFileSync(join(folder, 'new'), ''),
  }),
  'a removed file, by its name': () => ({
    prepare: (folder) => writeFileSync(join(folder, 'removed'), ''),
    look: (folder) => existsSync(join(folder, 'removed')),
    change: (folder) => unlinkSync(join(folder, 'removed')),
  }),
  'another file that has taken the place of one (rename)': () => ({
    prepare(folder) {
      writeFileSync(join(folder, 'place'), 'one');
      writeFileSync(join(folder, 'other'), 'two');
    },
    look: (folder) => readFileSync(join(folder, 'place'), 'latin1'),
    change: (folder) => renameSync(join(folder, 'other'), join(folder, 'place')),
  }),
  'the listing of a directory': () => ({
    prepare: (folder) => writeFileSync(join(folder, 'one'), ''),
    look: (folder) => readdirSync(folder).includes('listed'),
    change: (folder) => writeFileSync(join(folder, 'listed'), ''),
  }),
  'size and times of a file': () => ({
    prepare: (folder) => writeFileSync(join(folder, 'size'), 'a'),
    look: (folder) => statSync(join(folder, 'size')).size,
    change: (folder) => writeFileSync(join(folder, 'size'), 'aaa'),
  }),
  'content, the file opened anew': () => ({
    prepare: (folder) => writeFileSync(join(folder, 'content'), 'one'),
    look: (folder) => readFileSync(join(folder, 'content'), 'latin1'),
    change: (folder) => writeInto(join(folder, 'content'), 'two'),
  }),
  'content, in a file that stays open': () => ({
    prepare: (folder) => writeFileSync(join(folder, 'open'), 'one'),
    ...openFile('open'),
    change: (folder) => writeInto(join(folder, 'open'), 'two'),
  }),
};

/** Overwrites the beginning of a file. */
function writeInto(path: string, text: string): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, text, 0);
  closeSync(fd);
}

/** A further mount of a folder, with options. */
async function guest(directory: string, ...options: string[]): Promise<string> {
  const { mountpoint } = await places();
  await serve({ directory, mountpoint }, ...options);
  return mountpoint;
}

/** Options as a head of the tables has them: `` `--cache=auto`, … ``. */
function optionsOf(head: string): string[] {
  return [...head.matchAll(/--[\w-]+(?:=[\w-]+)?/g)].map(([option]) => option);
}

const [seen, kept, mapped] = tablesOf('caches.md') as [Table, Table, Table];
type Table = ReturnType<typeof tablesOf>[number];

test.each(seen.columns)('what a guest sees of what another does, as documented, with %s', async (head) => {
  const { directory } = await places();
  const [here, there] = [await guest(directory, ...optionsOf(head)), await guest(directory)];
  for (const [what, when] of seen.column(head)) {
    const name = what.replace(/\W+/g, '-');
    await mkdir(join(directory, name));
    const [mine, theirs] = [join(here, name), join(there, name)];
    const subject = SUBJECTS[what]!();
    subject.prepare?.(join(directory, name));
    subject.look(mine);
    const before = subject.look(mine);
    subject.change(theirs);
    const truth = SUBJECTS[what]!().look(join(directory, name));
    expect(truth, `${what}: nothing changes`).not.toEqual(before);
    if (when === 'in time') {
      while (subject.look(mine) !== truth) await setTimeout(20);
    } else {
      expect(['at once', 'not']).toContain(when);
      expect(subject.look(mine), `${what}: ${when}`).toEqual(when === 'at once' ? truth : before);
    }
  }
});

test.each(kept.columns)('when what a guest writes is on the host, as documented, with %s', async (head) => {
  const { directory } = await places();
  const folder = await guest(directory, ...optionsOf(head));
  const onHost = () => readFileSync(join(directory, 'file'), 'latin1');
  const answers: [string, string][] = [];
  const fd = openSync(join(folder, 'file'), 'w+');
  const note = (what: string, text: string) => answers.push([what, onHost() === text ? 'yes' : 'no']);
  writeSync(fd, 'one');
  note('written', 'one');
  fsyncSync(fd);
  note('written, and synced (fsync)', 'one');
  writeSync(fd, ' two');
  closeSync(fd);
  note('written, and the file closed', 'one two');
  expect(answers).toEqual(kept.column(head));
});

test.each(mapped.columns)('whether a file can be mapped, as documented, with %s', async (head) => {
  const { directory } = await places();
  const folder = await guest(directory, ...optionsOf(head));
  writeFileSync(join(directory, 'file'), 'x'.repeat(4096));
  const fd = openSync(join(folder, 'file'), 'r+');
  let answer = 'yes';
  try {
    using memory = MappedMemory.map(fd, 4096);
    expect(memory.windows[0]!.u8[0]).toBe('x'.charCodeAt(0));
  } catch (error) {
    answer = (error as { code: string }).code;
  } finally {
    closeSync(fd);
  }
  expect([['shared (mmap with MAP_SHARED)', answer]]).toEqual(mapped.column(head));
});

test('every row of the table is tried', () => {
  expect(seen.rows).toEqual(Object.keys(SUBJECTS));
});
