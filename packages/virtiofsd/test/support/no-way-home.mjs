// @ts-check
/** Has a guest's user create something in the directory of the argument, where the way back to the daemon's own user always fails. */
import { connect, FuseClient, Session } from '@vfs/fuse-proto';
import { ENOMEM, raw } from '@vfs/sys';
import { Log, PassthroughFileSystem, Share } from '@vfs/virtiofsd';

const setresuid = raw.setresuid;
Object.assign(raw, {
  /** @type {typeof raw.setresuid} */
  setresuid: (ruid, euid, suid) => (euid === process.getuid?.() ? -ENOMEM : setresuid(ruid, euid, suid)),
});

const directory = process.argv[2] ?? '';
const log = new Log('error');
const share = new Share({ directory, log: log.module('passthrough') });
const client = new FuseClient(connect(new Session(new PassthroughFileSystem(share))));
await client.init({ flags: 0xffff_ffff, flags2: 0xffff_ffff });
client.credentials = { uid: 1000, gid: 1000 };
await client.mkdir(1, 'made', { mode: 0o755 });
console.log('served on');
