import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseCommandLine } from '../../src/options/command-line.js';
import { temporaryDirectory } from '../support/fixture.js';

const FOLDER = new URL('../../share/systemd/', import.meta.url);
const UNITS = ['virtiofsd@.service', 'virtiofsd@.socket'] as const;
const BINARY = '/usr/libexec/virtiofsd';
const text = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');

it('systemd finds nothing wrong with the units', () => {
  const folder = temporaryDirectory();
  // One that is there: what it is is not looked at.
  for (const name of UNITS) {
    writeFileSync(join(folder, name.replace('@.', '@a.')), text(name).replace(BINARY, process.execPath));
  }
  const units = UNITS.map((name) => join(folder, name.replace('@.', '@a.')));
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], {
    encoding: 'utf8',
  });
  const own = stderr.split('\n').filter((line) => line.includes('virtiofsd'));
  expect([status, own]).toEqual([0, []]);
});

it('the service is confined as far as it goes, by the judgment of systemd', () => {
  const unit = join(temporaryDirectory(), 'virtiofsd-a.service');
  writeFileSync(unit, text('virtiofsd@.service').replace(BINARY, process.execPath));
  const args = ['security', '--offline=true', '--no-pager', '--threshold=75', unit];
  expect(() => execFileSync('systemd-analyze', args, { stdio: 'pipe' })).not.toThrow();
});

it('the service starts the daemon with options that it has', () => {
  const line = /^ExecStart=(.*)$/m.exec(text('virtiofsd@.service'))![1]!;
  expect(line.startsWith(`${BINARY} `)).toBe(true);
  const example = { SHARED_DIR: /SHARED_DIR=(.*)/, OPTIONS: /OPTIONS=(.*)/ };
  const args = line
    .slice(BINARY.length + 1)
    .replace(
      /\$\{?(\w+)\}?/g,
      (_, name: keyof typeof example) => example[name].exec(text('virtiofsd@.service'))![1]!,
    );
  expect(parseCommandLine(args.split(' '), { version: '' })).toMatchObject({
    kind: 'run',
    options: { fd: 3, sharedDir: '/srv/share', settings: { posixAcl: 'always' } },
  });
});
