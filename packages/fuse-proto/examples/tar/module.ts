/**
 * A tar archive as a module of virtiofsd; a compressed one is unpacked in memory:
 *
 *     virtiofsd --socket-path SOCK --module tar.js --module-option file=/srv/archive.tar.gz
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { TarFs } from './tar-fs.js';

interface Context {
  readonly options: Readonly<Record<string, string>>;
}

export function createFileSystem({ options }: Context): TarFs {
  const { file } = options;
  if (file === undefined) throw new Error('which archive? say file=PATH');
  const bytes = readFileSync(file);
  const compressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return new TarFs(compressed ? gunzipSync(bytes) : bytes);
}
