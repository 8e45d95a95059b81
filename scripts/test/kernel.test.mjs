// @ts-check
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runningKernel } from '../lib/kernel.mjs';

let top = '';
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'vfs-kernel-'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

test('the running kernel is taken where its image and modules can be read', () => {
  mkdirSync(join(top, 'usr/lib/modules/6.9.9-x'), { recursive: true });
  writeFileSync(join(top, 'usr/lib/modules/6.9.9-x/vmlinuz'), '');
  expect(runningKernel('6.9.9-x', top)).toEqual({
    release: '6.9.9-x',
    image: join(top, 'usr/lib/modules/6.9.9-x/vmlinuz'),
    modules: join(top, 'usr/lib/modules/6.9.9-x'),
  });
});

test('else it is said what cannot be read', () => {
  mkdirSync(join(top, 'boot'));
  expect(() => runningKernel('6.9.9-x', top)).toThrow('image');
  writeFileSync(join(top, 'boot/vmlinuz-6.9.9-x'), '');
  expect(() => runningKernel('6.9.9-x', top)).toThrow('modules (/lib/modules/6.9.9-x)');
});
