// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { directiveOf } from '../lib/documents/directive.mjs';
import { guides } from '../lib/documents/files.mjs';
import { follow } from '../lib/documents/follow.mjs';
import { readMarkdown } from '../lib/documents/markdown.mjs';
import { debianSources, networkConfiguration } from '../lib/fresh-machine/debian.mjs';
import { networkVariables, npmConfiguration } from '../lib/fresh-machine/passed-on.mjs';
import { plansFor } from '../lib/fresh-machine/plans.mjs';
import { table } from '../lib/fresh-machine/table.mjs';
import { adviceIn } from '../lib/fresh-machine/user-spot.mjs';
import { root } from '../lib/root.mjs';

test('a fresh machine has the Debian archives of this one, the release first, and none of others', () => {
  const uris = [
    "'https://deb.example.org/node/dists/nodistro/InRelease' a 0 ",
    "'http://security.example.org/dists/bookworm-security/InRelease' b 0 ",
    "'http://deb.example.org/debian/dists/bookworm/InRelease' c 0 ",
    "'http://deb.example.org/debian/dists/bookworm/main/binary-amd64/Packages.xz' d 0 ",
    "'http://deb.example.org/debian/dists/bookworm-updates/InRelease' e 0 ",
    "'http://deb.example.org/debian/dists/sid/InRelease' f 0 ",
  ].join('\n');
  expect(debianSources(uris, 'bookworm')).toEqual([
    { uri: 'http://deb.example.org/debian', suite: 'bookworm' },
    { uri: 'http://security.example.org', suite: 'bookworm-security' },
    { uri: 'http://deb.example.org/debian', suite: 'bookworm-updates' },
  ]);
  expect(debianSources(uris, 'trixie')).toEqual([]);
});

test('of the configuration of apt, what the network needs is passed on', () => {
  const passed = [
    'Acquire::http::Proxy "http://proxy.example.org:3128";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Languages:: "none";',
  ];
  const kept = ['APT::Architecture "amd64";', 'DPkg::Post-Invoke:: "rm -rf /x";', 'Acquire::Changelogs "";'];
  expect(networkConfiguration([...kept, ...passed].join('\n'))).toBe(`${passed.join('\n')}\n`);
});

test('of the environment and of the configuration of npm, what the network needs is passed on', () => {
  expect(
    networkVariables({
      https_proxy: 'http://p:1',
      NO_PROXY: 'a',
      SSL_CERT_FILE: '/c',
      HOME: '/h',
      ALL_PROXY: '',
    }),
  ).toEqual({ https_proxy: 'http://p:1', NO_PROXY: 'a', SSL_CERT_FILE: '/c' });
  expect(
    npmConfiguration({
      registry: 'https://npm.example.org/',
      cafile: '/etc/ca.pem',
      proxy: null,
      noproxy: [''],
      'strict-ssl': true,
      nodedir: '/usr',
    }),
  ).toBe('registry=https://npm.example.org/\ncafile=/etc/ca.pem\n');
  expect(npmConfiguration({ registry: 'https://registry.npmjs.org/' })).toBe('');
});

test('what a command asks to be run as root is found in what it prints', () => {
  expect(
    adviceIn('[0:01] a\n\nerror: to build: please run as root: apt-get update && apt-get install g++\n'),
  ).toBe('apt-get update && apt-get install g++');
  expect(adviceIn('error: no such file\n')).toBeNull();
});

test('every document that is run is followed on a fresh machine, the README by root and by a plain user', () => {
  const block = (/** @type {string} */ note) => readMarkdown(`<!-- ${note} -->\n\`\`\`sh\ntrue\n\`\`\`\n`);
  const documents = [
    { path: 'README.md', document: block('run') },
    { path: 'docs/a.md', document: block('run: as root') },
    { path: 'docs/getting-started.md', document: block('run: in the guest') },
    { path: 'docs/nothing.md', document: block('not run: reason') },
  ];
  expect(plansFor(documents, true).map(({ documents, who, tests }) => ({ documents, who, tests }))).toEqual([
    { documents: ['docs/getting-started.md', 'docs/a.md'], who: 'root', tests: false },
    { documents: ['README.md'], who: 'user', tests: false },
    { documents: ['README.md'], who: 'root', tests: true },
  ]);
});

test('the documents begin with what only a fresh machine can run', () => {
  const first = (/** @type {string} */ path) => {
    const { fences } = readMarkdown(readFileSync(join(root, path), 'utf8'));
    return fences.map(directiveOf).find((directive) => directive?.kind === 'run');
  };
  expect(guides()).toContain('README.md');
  expect(first('README.md')).toMatchObject({ fresh: true, asUser: false });
  expect(first('docs/getting-started.md')).toMatchObject({ fresh: true, asUser: false });
});

test('who runs a block on a fresh machine, and until when, is said in its comment', () => {
  const read = (/** @type {string} */ note) => directiveOf({ line: 1, language: 'sh', text: 'true\n', note });
  expect(read('run on a fresh machine')).toMatchObject({ fresh: true, asUser: false, until: null });
  expect(read('run on a fresh machine: as a plain user')).toMatchObject({ asUser: true, until: null });
  expect(
    read('run on a fresh machine: as a plain user, in the background until /run/a is there'),
  ).toMatchObject({ asUser: true, until: { kind: 'path', path: '/run/a' } });
  expect(() => read('run: as a plain user')).toThrow("unknown: 'run: as a plain user'");
});

test('what is for a fresh machine is run on one only; what was run is reported, and what went wrong', async () => {
  const document = readMarkdown(
    '<!-- run on a fresh machine -->\n```sh\necho fresh\n```\n<!-- run -->\n```console\n$ echo a\na\n$ echo b\nc\n```\n',
  );
  /** @type {import('../lib/documents/follow.mjs').Done[]} */
  const done = [];
  const report = (/** @type {import('../lib/documents/follow.mjs').Done} */ one) => void done.push(one);
  const outcomes = () => done.splice(0).map(({ command, problem }) => [command, problem === null]);
  await expect(follow(document, { report })).rejects.toThrow('echo b\nprints\nb\n');
  expect(outcomes()).toEqual([
    ['echo a', true],
    ['echo b', false],
  ]);
  await expect(follow(document, { report, fresh: true })).rejects.toThrow('echo b\nprints\nb\n');
  expect(outcomes()).toEqual([
    ['echo fresh', true],
    ['echo a', true],
    ['echo b', false],
  ]);
});

test('the table has a line for each command, under the document that it is from', () => {
  const row = { document: 'README.md', seconds: 1.25, problem: null };
  expect(
    table('a machine', [
      { ...row, command: 'npm start   # or more' },
      { ...row, command: `a \\\n  ${'b'.repeat(200)}`, problem: 'status 1' },
      { ...row, document: 'docs/x.md', command: 'true' },
    ]),
  ).toEqual([
    'a machine',
    '  README.md',
    '        1.3 s  ok      npm start # or more',
    `        1.3 s  FAILED  a ${'b'.repeat(87)}…`,
    '  docs/x.md',
    '        1.3 s  ok      true',
  ]);
});
