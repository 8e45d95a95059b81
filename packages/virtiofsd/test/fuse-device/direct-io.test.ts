import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ShareSettings } from '../../src/passthrough/settings.js';
import { temporaryDirectory } from '../support/fixture.js';
import { program, servedHere, shell } from './support.js';

const SOURCE = fileURLToPath(new URL('direct-mapping.c', import.meta.url));

describe('a file that the guest opens with O_DIRECT', () => {
  it.each<[string, Partial<ShareSettings>]>([
    ['on the host, too', { allowDirectIo: true }],
    ['on the host, too, and with writes kept back', { allowDirectIo: true, writeback: true }],
    ['past its cache', { allowDirectIo: true, cache: 'never', allowMmap: true }],
    ['for itself only', {}],
  ])('keeps what is stored in a mapping up to the last byte: direct %s', async (_, settings) => {
    const binary = join(temporaryDirectory(), 'direct-mapping');
    await shell('cc -Wall -Werror -o "$2" "$1"', SOURCE, binary);
    await using mount = await servedHere(settings);
    expect(await program(binary, join(mount.mountpoint, 'file'))).toMatchObject({ status: 0 });
    const expected = `${'m'.repeat(4997)}written`;
    expect(await readFile(join(mount.directory, 'file'), 'latin1')).toBe(expected);
    expect(mount.messages.filter((line) => / (WARN|ERROR) /.test(line))).toEqual([]);
  });
});
