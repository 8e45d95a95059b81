import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from './data.js';
import { shareForThisFile } from './share.js';

const share = shareForThisFile();

test('ls -lR shows every file of the host, with its type, mode, size, links and time', async () => {
  const place = share().place();
  mkdirSync(place.path('a/b/c'), { recursive: true, mode: 0o750 });
  for (let i = 0; i < 20; i += 1) place.write(`a/b/file-${i}`, 'x'.repeat(i * 1000));
  place.write('a/empty', '');
  symlinkSync('b/file-3', place.path('a/link'));
  linkSync(place.path('a/b/file-4'), place.path('a/second-name'));
  const names = readdirSync(place.host, { recursive: true, encoding: 'utf8' }).sort();

  const listing = await place.sh('ls -lR');
  for (const name of names) expect(listing).toContain(name.split('/').at(-1));
  const inGuest = await place.sh("find . -mindepth 1 -exec stat -c '%n %f %s %h %Y %i' {} +");
  const onHost = names.map((name) => {
    const { mode, size, nlink, mtimeMs, ino } = lstatSync(place.path(name));
    return `./${name} ${mode.toString(16)} ${size} ${nlink} ${Math.floor(mtimeMs / 1000)} ${ino}`;
  });
  expect(inGuest.split('\n').sort()).toEqual(onHost.sort());
});

test('2,000 small files are created, listed, read, renamed and removed', async () => {
  const place = share().place();
  const expected = (kind: string) => Array.from({ length: 2000 }, (_, i) => `${kind}-${i}`).sort();
  await place.sh('probe many create . 2000');
  expect((await place.sh('ls')).split('\n').sort()).toEqual(expected('old'));
  expect(readdirSync(place.host).sort()).toEqual(expected('old'));
  expect(place.read('old-1999')).toBe('file 1999\n');
  expect(await place.sh('cat old-* | sort | uniq | wc -l')).toBe('2000');
  await place.sh('probe many rename . 2000');
  expect((await place.sh('ls')).split('\n').sort()).toEqual(expected('new'));
  expect(readdirSync(place.host).sort()).toEqual(expected('new'));
  await place.sh('probe many unlink . 2000');
  expect(await place.sh('ls')).toBe('');
  expect(readdirSync(place.host)).toEqual([]);
});

test('a folder of 10,000 entries is listed completely, each name once', async () => {
  const place = share().place();
  mkdirSync(place.path('large'));
  const names = Array.from({ length: 10_000 }, (_, i) => `entry-${i}-${'x'.repeat(i % 60)}`);
  for (const name of names) place.write(join('large', name), '');
  const sum = sha256(`${names.sort().join('\n')}\n`);
  // Names alone, and then with the attributes of each: the kernel asks in two ways.
  expect(await place.sh('cd large; printf "%s\\n" * | LC_ALL=C sort | sha256sum')).toBe(`${sum}  -`);
  expect(await place.sh("ls -l large | awk 'NR > 1 { print $9 }' | LC_ALL=C sort | sha256sum")).toBe(
    `${sum}  -`,
  );
});

test('a program can go back to any place in a folder that it reads', async () => {
  const place = share().place();
  for (let i = 0; i < 1500; i += 1) place.write(`entry-${i}`, '');
  expect(await place.sh('probe seekdir .')).toBe('1500');
});

test('a folder is removed with its 3,000 files by a program that reads and removes in turn', async () => {
  const place = share().place();
  mkdirSync(place.path('folder'));
  for (let i = 0; i < 3000; i += 1) place.write(`folder/entry-${i}`, '');
  await place.sh('rm -r folder');
  expect(readdirSync(place.host)).toEqual([]);
});

test('folders are made and removed, but not while anything is in them', async () => {
  const place = share().place();
  await place.sh('mkdir -p a/b/c; touch a/b/c/file; refused rmdir a/b/c');
  expect(statSync(place.path('a/b/c/file')).isFile()).toBe(true);
  await place.sh('rm a/b/c/file; rmdir a/b/c; mkdir a/b/c; rm -r a');
  expect(readdirSync(place.host)).toEqual([]);
});

test('a symbolic link points where it was made to, on both sides', async () => {
  const place = share().place();
  place.write('target', 'content\n');
  symlinkSync('target', place.path('from-host'));
  await place.sh('ln -s target from-guest; ln -s nowhere/at/all broken; ln -s loop loop');
  expect(await place.sh('cat from-host from-guest')).toBe('content\ncontent');
  expect(await place.sh('readlink from-host; readlink broken; readlink loop')).toBe(
    'target\nnowhere/at/all\nloop',
  );
  expect(['from-guest', 'broken', 'loop'].map((name) => readlinkSync(place.path(name)))).toEqual([
    'target',
    'nowhere/at/all',
    'loop',
  ]);
  await place.sh('refused cat broken; refused cat loop; rm from-guest broken loop');
  expect(readdirSync(place.host).sort()).toEqual(['from-host', 'target']);
});

test('a symbolic link out of the share leads to the file of the guest, not of the host', async () => {
  const place = share().place();
  symlinkSync('/etc/group', place.path('link'));
  expect(await place.sh('cat link')).toBe('root:x:0:\nuser:x:1000:');
});

test('a hard link is the same file by another name', async () => {
  const place = share().place();
  await place.sh('echo one >first; ln first second; echo two >>second');
  expect(place.read('first')).toBe('one\ntwo\n');
  expect(lstatSync(place.path('first')).ino).toBe(lstatSync(place.path('second')).ino);
  expect(await place.sh('stat -c %h first; [ first -ef second ]')).toBe('2');
  await place.sh('rm first');
  expect(await place.sh('cat second; stat -c %h second')).toBe('one\ntwo\n1');
});

test('a file renamed over another takes its place, and who reads the other reads on', async () => {
  const place = share().place();
  await place.sh('echo old >target; echo new >source');
  expect(await place.sh('probe replaced target source')).toBe('old');
  expect(await place.sh('cat target; ls')).toBe('new\ntarget');
  expect(place.read('target')).toBe('new\n');
});

test('a rename can refuse to replace, and can exchange', async () => {
  const place = share().place();
  await place.sh('echo 1 >one; echo 2 >two');
  expect(await place.sh('refused probe rename one two noreplace')).toBe('EEXIST');
  await place.sh('probe rename one two exchange');
  expect([place.read('one'), place.read('two')]).toEqual(['2\n', '1\n']);
  await place.sh('probe rename one three noreplace');
  expect(readdirSync(place.host).sort()).toEqual(['three', 'two']);
});

test('a folder is moved with all that is in it', async () => {
  const place = share().place();
  await place.sh('mkdir -p from/inner to; echo deep >from/inner/file; cat from/inner/file; mv from to/moved');
  expect(place.read('to/moved/inner/file')).toBe('deep\n');
  expect(await place.sh('cat to/moved/inner/file; ls')).toBe('deep\nto');
});

test('a tree is copied with its modes, times, owners and links', async () => {
  const place = share().place();
  mkdirSync(place.path('tree/folder'), { recursive: true, mode: 0o750 });
  place.write('tree/folder/program', '#!/bin/sh');
  chmodSync(place.path('tree/folder/program'), 0o4755);
  symlinkSync('folder/program', place.path('tree/link'));
  place.write('tree/old', 'old');
  utimesSync(place.path('tree/old'), 1_000_000_000, 1_000_000_000);
  await place.sh('cp -a tree copy');
  for (const name of ['', 'folder', 'folder/program', 'link', 'old']) {
    const { mode, uid, gid, size, mtimeMs } = lstatSync(place.path(join('copy', name)));
    const original = lstatSync(place.path(join('tree', name)));
    expect({ mode, uid, gid, size }, name).toEqual({
      mode: original.mode,
      uid: original.uid,
      gid: original.gid,
      size: original.size,
    });
    // The cp of busybox keeps whole seconds, and no times of links.
    if (name !== 'link') expect(mtimeMs, name).toBe(Math.floor(original.mtimeMs / 1000) * 1000);
  }
  expect(readlinkSync(place.path('copy/link'))).toBe('folder/program');
});

test('a file is reached through 200 folders within each other', async () => {
  const place = share().place();
  const path = 'deep/'.repeat(200);
  await place.sh(`mkdir -p ${path}; echo bottom >${path}file; cat ${path}file`);
  expect(place.read(`${path}file`)).toBe('bottom\n');
  await place.sh('rm -r deep');
  expect(readdirSync(place.host)).toEqual([]);
});

test('names keep their spaces, quotes, line ends and letters of any script', async () => {
  const place = share().place();
  const names = [
    'two words',
    ' leading and trailing ',
    '"quotes" \'and\' `ticks`',
    '-rf',
    'ünïcødé',
    '日本語のファイル',
    '🐧',
    'line\nend',
    'tab\t',
  ];
  for (const name of names) place.write(name, `in ${name}`);
  const inGuest = await place.sh('for file in *; do printf "%s/" "$file"; done');
  expect(inGuest.split('/').slice(0, -1).sort()).toEqual([...names].sort());
  for (const name of names) {
    const quoted = `./'${name.replaceAll("'", "'\\''")}'`;
    expect(await place.sh(`cat ${quoted}; mv ${quoted} ${quoted}.moved`)).toBe(`in ${name}`);
    expect(place.read(`${name}.moved`)).toBe(`in ${name}`);
  }
});

test('a name is bytes: one that is no UTF-8 stays as it is', async () => {
  const place = share().place();
  await place.sh('touch "$(printf \'caf\\351\')"');
  expect(readdirSync(place.host, { encoding: 'buffer' })).toEqual([Buffer.from('caf\xe9', 'latin1')]);
  expect(await place.sh('printf %s * | xxd -p')).toBe('636166e9');
});

test('a name of 255 bytes is taken, a longer one refused', async () => {
  const place = share().place();
  const longest = 'n'.repeat(255);
  await place.sh(`echo here >${longest}`);
  expect(place.read(longest)).toBe('here\n');
  expect(await place.sh(`refused probe exclusive ${longest}n`)).toBe('ENAMETOOLONG');
});

test('a file is created exclusively only where there is none', async () => {
  const place = share().place();
  place.write('of-the-host', '');
  expect(
    await place.sh('probe exclusive new; refused probe exclusive new; refused probe exclusive of-the-host'),
  ).toBe('EEXIST\nEEXIST');
});

test('a fifo connects two programs of the guest', async () => {
  const place = share().place();
  expect(await place.sh('mkfifo pipe; echo through the pipe >pipe & cat pipe; wait')).toBe(
    'through the pipe',
  );
  expect(lstatSync(place.path('pipe')).isFIFO()).toBe(true);
});

test('a socket connects two programs of the guest', async () => {
  const place = share().place();
  expect(await place.sh('probe socket socket')).toBe('met');
  expect(lstatSync(place.path('socket')).isSocket()).toBe(true);
});

test('what the host adds, changes and removes is seen in the guest', async () => {
  const place = share().place();
  place.write('kept', 'old');
  place.write('removed', '');
  expect(await place.sh('cat kept; echo; ls; refused cat added')).toBe('old\nkept\nremoved');
  place.write('kept', 'and new');
  place.write('added', 'added');
  rmSync(place.path('removed'));
  // The guest's caches may be as old as the daemon lets them be.
  const changed = '[ "$(cat kept added 2>/dev/null)" = "and newadded" ] && ! [ -e removed ]';
  await place.sh(`until ${changed}; do usleep 50000; done`);
  expect(await place.sh('ls')).toBe('added\nkept');
});

test('what the guest did is there for other programs of the host at once', async () => {
  const place = share().place();
  await place.sh('mkdir folder; echo text >folder/file; mv folder/file folder/moved');
  expect(execFileSync('ls', [place.path('folder')], { encoding: 'utf8' })).toBe('moved\n');
  await place.sh('rm -r folder');
  expect(existsSync(place.path('folder'))).toBe(false);
});
