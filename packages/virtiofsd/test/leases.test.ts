import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { FATTR_SIZE } from '@vfs/fuse-proto';
import { O_WRONLY } from '@vfs/sys';
import { expect, it } from 'vitest';
import { after, sharedDirectory } from './support/fixture.js';

/** Takes a lease on a file, as Samba does for its clients, and gives it up when the kernel asks for it. */
const HOLDER = `
  use Fcntl;
  open(my $file, '<', $ARGV[0]) or die;
  $SIG{IO} = sub { fcntl($file, 1024, F_UNLCK) };
  fcntl($file, 1024, F_RDLCK) or die; # F_SETLEASE
  $| = 1;
  print "0\\n";
  sleep 1 while 1;
`;

it.each(['OPEN', 'SETATTR'])(
  '%s waits until another program of the host has given up its lease of the file',
  async (request) => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), 'content');
    const file = await client.walk('file');
    const holder = spawn('perl', ['-e', HOLDER, path('file')], { stdio: ['ignore', 'pipe', 'inherit'] });
    after(() => holder.kill());
    const [line] = await once(holder.stdout, 'data');
    expect(String(line).trim()).toBe('0');
    if (request === 'OPEN') {
      const { fh } = await client.open(file, O_WRONLY);
      await client.release(file, fh);
    } else {
      await client.setattr(file, { valid: FATTR_SIZE, size: 3 });
      expect(readFileSync(path('file'), 'utf8')).toBe('con');
    }
  },
);
