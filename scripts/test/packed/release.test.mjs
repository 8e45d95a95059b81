// @ts-check
/** A release, rehearsed in a copy of what it reads and writes. */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../lib/cleanup.mjs';
import { root } from '../../lib/root.mjs';
import { packages } from '../../lib/workspace.mjs';

const FOLDERS = packages().map(({ folder }) => `packages/${basename(folder)}`);

/** A repository on branch `main`, with the packages but not their sources. */
function rehearsal() {
  const { path, remove } = temporaryFolder();
  onTestFinished(remove);
  const files = [
    '.changeset',
    'package.json',
    'pnpm-workspace.yaml',
    'pnpm-lock.yaml',
    'scripts/publication.mjs',
    'scripts/lib',
  ];
  for (const file of [
    ...files,
    ...FOLDERS.flatMap((each) => [`${each}/package.json`, `${each}/CHANGELOG.md`]),
  ]) {
    cpSync(join(root, file), join(path, file), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'));
  writeFileSync(join(path, '.gitignore'), 'node_modules\n');
  /** @param {readonly string[]} args */
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=release', '-c', 'user.email=release@localhost', ...args], {
      cwd: path,
      stdio: 'pipe',
    });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '--message=sources');
  /** @param {string} script @param {readonly string[]} args */
  const node = (script, ...args) =>
    execFileSync(process.execPath, [join(path, script), ...args], {
      cwd: path,
      stdio: 'pipe',
      encoding: 'utf8',
    });
  /** @param {readonly string[]} args */
  const changeset = (...args) => node('node_modules/@changesets/cli/bin.js', ...args);
  /** @param {string} folder */
  const manifest = (folder) => JSON.parse(readFileSync(join(path, folder, 'package.json'), 'utf8'));
  return { path, git, node, changeset, manifest };
}

test('the notes become one version of all packages, and their changelogs', () => {
  const { path, changeset, manifest } = rehearsal();
  changeset('version');
  const versions = FOLDERS.map((folder) => manifest(folder).version);
  expect(new Set(versions)).toEqual(new Set(['0.1.0']));
  for (const folder of FOLDERS) {
    const lines = readFileSync(join(path, folder, 'CHANGELOG.md'), 'utf8').split('\n');
    expect(lines.slice(0, 5)).toEqual([
      `# ${manifest(folder).name}`,
      '',
      '## 0.1.0',
      '',
      '### Minor Changes',
    ]);
  }
});

test('a change of a package without a note is found', () => {
  const { path, git, changeset } = rehearsal();
  git(
    'rm',
    '--quiet',
    ...execFileSync('git', ['ls-files', '.changeset/*.md', ':!.changeset/README.md'], {
      cwd: path,
      encoding: 'utf8',
    })
      .trim()
      .split('\n'),
  );
  git('commit', '--quiet', '--message=released');
  git('switch', '--quiet', '--create=work');
  writeFileSync(join(path, 'packages/sys/README.md'), 'No note is needed for this.\n');
  git('add', '.');
  git('commit', '--quiet', '--message=readme');
  changeset('status', '--since=main');
  writeFileSync(join(path, 'packages/sys/binding.gyp'), '{}\n');
  git('add', '.');
  git('commit', '--quiet', '--message=build');
  expect(() => changeset('status', '--since=main')).toThrow(
    'Some packages have been changed but no changesets were found',
  );
  writeFileSync(join(path, '.changeset/note.md'), "---\n'@vfs/sys': patch\n---\n\nBuilt differently.\n");
  git('add', '.');
  git('commit', '--quiet', '--message=note');
  changeset('status', '--since=main');
});

test('a publication says where its sources are, and nothing else changes', () => {
  const { node, manifest } = rehearsal();
  const before = FOLDERS.map(manifest);
  node('scripts/publication.mjs', 'https://host.example/owner/name');
  for (const [index, folder] of FOLDERS.entries()) {
    expect(manifest(folder)).toEqual({
      ...before[index],
      repository: { type: 'git', url: 'git+https://host.example/owner/name.git', directory: folder },
      homepage: `https://host.example/owner/name/tree/main/${folder}#readme`,
      bugs: 'https://host.example/owner/name/issues',
    });
  }
  expect(() => node('scripts/publication.mjs', 'name')).toThrow('Invalid URL');
  expect(() => node('scripts/publication.mjs', 'http://host.example/o/n')).toThrow('is no https address');
});
