import type { Script } from '../script.js';
import { makeTree, pattern } from './tree.js';

const O = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  CREAT: 0o100,
  EXCL: 0o200,
  NOCTTY: 0o400,
  TRUNC: 0o1000,
  APPEND: 0o2000,
  NONBLOCK: 0o4000,
  DSYNC: 0o10000,
  DIRECT: 0o40000,
  LARGEFILE: 0o100000,
  DIRECTORY: 0o200000,
  NOFOLLOW: 0o400000,
  NOATIME: 0o1000000,
  CLOEXEC: 0o2000000,
  SYNC: 0o4010000,
  PATH: 0o10000000,
  TMPFILE: 0o20200000,
} as const;

/** What OPEN, OPENDIR, CREATE and LOOKUP answer under each cache policy. */
function opening(...options: string[]): Script {
  return {
    name: ['open', ...options].join(' '),
    options,
    prepare: makeTree,
    async run(guest) {
      const { nodeid: file } = await guest.need('LOOKUP', (f) => f.lookup(1, 'file'));
      await guest.step('GETATTR', (f) => f.getattr(file));
      await guest.step('LOOKUP of nothing', (f) => f.lookup(1, 'nothing'));
      await guest.step('OPENDIR', (f) => f.opendir(1));
      await guest.step('CREATE', (f) => f.create(1, 'new', { flags: O.RDWR | O.CREAT, mode: 0o644 }));
      const { open } = await guest.need('CREATE for writing', (f) =>
        f.create(1, 'written', { flags: O.WRONLY | O.CREAT, mode: 0o644 }),
      );
      const { nodeid: written } = await guest.need('LOOKUP of what was created', (f) =>
        f.lookup(1, 'written'),
      );
      await guest.step('WRITE', (f) => f.write(written, pattern(100), { fh: open.fh }));
      await guest.step('READ by a handle that was created for writing', (f) =>
        f.read(written, { fh: open.fh, size: 10 }),
      );
      for (const [name, flags] of Object.entries(O)) {
        const opened = await guest.step(`OPEN ${name}`, (f) =>
          f.open(file, { flags: name === 'TRUNC' ? flags | 1 : flags }),
        );
        if (opened === undefined) continue;
        const { fh } = opened;
        await guest.step(`READ after OPEN ${name}`, (f) => f.read(file, { fh, offset: 0, size: 16 }));
        await guest.step(`WRITE after OPEN ${name}`, (f) =>
          f.write(file, pattern(8), { fh, offset: 0, flags }),
        );
        await guest.step(`GETATTR after OPEN ${name}`, (f) => f.getattr(file));
        await guest.step(`RELEASE after OPEN ${name}`, (f) => f.release(file, { fh, flags }));
      }
    },
  };
}

const openErrors: Script = {
  name: 'open errors',
  prepare: makeTree,
  async run(guest) {
    for (const name of ['folder', 'link', 'fifo', 'socket', 'device']) {
      const { nodeid } = await guest.need(name, (f) => f.lookup(1, name));
      await guest.step(`OPEN of ${name} for reading`, (f) => f.open(nodeid, { flags: O.RDONLY }));
      await guest.step(`OPEN of ${name} for writing`, (f) => f.open(nodeid, { flags: O.WRONLY }));
      await guest.step(`OPENDIR of ${name}`, (f) => f.opendir(nodeid));
    }
    const { nodeid: file } = await guest.need('file', (f) => f.lookup(1, 'file'));
    await guest.step('OPENDIR of a file', (f) => f.opendir(file));
    await guest.step('OPEN of an unknown node', (f) => f.open(4711));
    await guest.step('OPENDIR of an unknown node', (f) => f.opendir(4711));
    await guest.step('OPEN of the root', (f) => f.open(1));
    const { nodeid: other } = await guest.need('empty', (f) => f.lookup(1, 'empty'));
    const { fh } = await guest.need('OPEN', (f) => f.open(file, { flags: O.RDWR }));
    const { fh: directory } = await guest.need('OPENDIR', (f) => f.opendir(1));
    for (const [label, nodeid, handle] of [
      ['an unknown handle', file, 4711],
      ['the handle of another file', other, fh],
      ['the handle of a directory', 1, directory],
    ] as const) {
      await guest.step(`READ by ${label}`, (f) => f.read(nodeid, { fh: handle, size: 10 }));
      await guest.step(`WRITE by ${label}`, (f) => f.write(nodeid, Uint8Array.of(1), { fh: handle }));
      await guest.step(`FSYNC by ${label}`, (f) => f.fsync(nodeid, { fh: handle }));
      await guest.step(`FLUSH by ${label}`, (f) => f.flush(nodeid, { fh: handle }));
      await guest.step(`FALLOCATE by ${label}`, (f) => f.fallocate(nodeid, { fh: handle, length: 10 }));
      await guest.step(`LSEEK by ${label}`, (f) => f.lseek(nodeid, { fh: handle, whence: 0 }));
      await guest.step(`READDIR by ${label}`, (f) => f.readdir(nodeid, { fh: handle }));
      await guest.step(`FSYNCDIR by ${label}`, (f) => f.fsyncdir(nodeid, { fh: handle }));
      await guest.step(`RELEASEDIR by ${label}`, (f) => f.releasedir(nodeid, { fh: handle }));
    }
    await guest.step('RELEASE by an unknown handle', (f) => f.release(file, { fh: 4711 }));
    await guest.step('RELEASE of another file', (f) => f.release(other, { fh }));
    await guest.step('RELEASE', (f) => f.release(file, { fh }));
    await guest.step('RELEASE again', (f) => f.release(file, { fh }));
  },
};

const data: Script = {
  name: 'data',
  prepare: makeTree,
  async run(guest) {
    const { nodeid: file } = await guest.need('file', (f) => f.lookup(1, 'file'));
    const { fh } = await guest.need('OPEN', (f) => f.open(file, { flags: O.RDWR }));
    const { fh: reader } = await guest.need('OPEN for reading', (f) => f.open(file, { flags: O.RDONLY }));
    const { fh: writer } = await guest.need('OPEN for writing', (f) => f.open(file, { flags: O.WRONLY }));
    for (const [offset, size] of [
      [0, 0],
      [0, 1],
      [1, 4095],
      [0, 20_000],
      [0, 65_536],
      [19_999, 100],
      [20_000, 100],
      [2 ** 40, 10],
    ] as const) {
      await guest.step(`READ ${size} at ${offset}`, (f) => f.read(file, { fh, offset, size }));
    }
    await guest.step('READ of 1 MiB', (f) => f.read(file, { fh, size: 1 << 20 }));
    await guest.step('READ at 2^63-1', (f) => f.read(file, { fh, offset: 2n ** 63n - 1n, size: 10 }));
    await guest.step('READ by a handle for writing', (f) => f.read(file, { fh: writer, size: 10 }));
    await guest.step('WRITE of nothing', (f) => f.write(file, new Uint8Array(0), { fh }));
    await guest.step('WRITE', (f) => f.write(file, pattern(5000), { fh, offset: 100 }));
    await guest.step('WRITE beyond the end', (f) => f.write(file, pattern(10), { fh, offset: 30_000 }));
    await guest.step('WRITE at 2^40', (f) => f.write(file, pattern(10), { fh, offset: 2 ** 40 }));
    await guest.step('WRITE at 2^63-1', (f) => f.write(file, pattern(10), { fh, offset: 2n ** 63n - 1n }));
    await guest.step('WRITE by a handle for reading', (f) => f.write(file, pattern(10), { fh: reader }));
    await guest.step('GETATTR after the writes', (f) => f.getattr(file));
    await guest.step('SETATTR size', (f) => f.setattr(file, { valid: 8, size: 20_000 }));
    await guest.step('WRITE with O_APPEND', (f) =>
      f.write(file, pattern(10), { fh, offset: 0, flags: O.APPEND }),
    );
    await guest.step('GETATTR after it', (f) => f.getattr(file));
    await guest.step('WRITE with O_APPEND from the page cache', (f) =>
      f.write(file, pattern(10), { fh, offset: 0, flags: O.APPEND, write_flags: 1 }),
    );
    await guest.step('GETATTR after that', (f) => f.getattr(file));
    for (const [label, mode] of [
      ['', 0],
      [' KEEP_SIZE', 1],
      [' PUNCH_HOLE without KEEP_SIZE', 2],
      [' PUNCH_HOLE', 3],
      [' ZERO_RANGE', 16],
      [' COLLAPSE_RANGE', 8],
      [' unknown', 4096],
    ] as const) {
      await guest.step(`FALLOCATE${label}`, (f) =>
        f.fallocate(file, { fh, mode, offset: 4096, length: 8192 }),
      );
      await guest.step(`GETATTR after FALLOCATE${label}`, (f) => f.getattr(file));
    }
    await guest.step('FALLOCATE of nothing', (f) => f.fallocate(file, { fh, offset: 0, length: 0 }));
    await guest.step('FALLOCATE beyond 2^63', (f) =>
      f.fallocate(file, { fh, offset: 2n ** 63n - 1n, length: 10 }),
    );
    await guest.step('FALLOCATE by a handle for reading', (f) =>
      f.fallocate(file, { fh: reader, length: 10 }),
    );
    for (const [label, whence] of [
      ['SEEK_SET', 0],
      ['SEEK_CUR', 1],
      ['SEEK_END', 2],
      ['SEEK_DATA', 3],
      ['SEEK_HOLE', 4],
      ['unknown', 9],
    ] as const) {
      await guest.step(`LSEEK ${label}`, (f) => f.lseek(file, { fh, offset: 10, whence }));
    }
    await guest.step('LSEEK SEEK_DATA at the end', (f) => f.lseek(file, { fh, offset: 2 ** 30, whence: 3 }));
    await guest.step('LSEEK before the start', (f) =>
      f.lseek(file, { fh, offset: 2n ** 64n - 5n, whence: 0 }),
    );
    await guest.step('LSEEK in an unknown node', (f) => f.lseek(4711, { fh, offset: 0, whence: 0 }));
    const { nodeid: target } = await guest.need('empty', (f) => f.lookup(1, 'empty'));
    const { fh: out } = await guest.need('OPEN of the target', (f) => f.open(target, { flags: O.RDWR }));
    const copy = { fh_in: fh, off_in: 0, nodeid_out: target, fh_out: out, off_out: 0, len: 5000, flags: 0 };
    await guest.step('COPY_FILE_RANGE', (f) => f.copy_file_range(file, copy));
    await guest.step('READ of the copy', (f) => f.read(target, { fh: out, size: 6000 }));
    await guest.step('COPY_FILE_RANGE at offsets', (f) =>
      f.copy_file_range(file, { ...copy, off_in: 100, off_out: 9000, len: 50 }),
    );
    await guest.step('COPY_FILE_RANGE beyond the end', (f) =>
      f.copy_file_range(file, { ...copy, off_in: 2 ** 40 }),
    );
    await guest.step('COPY_FILE_RANGE onto itself', (f) =>
      f.copy_file_range(file, { ...copy, nodeid_out: file, fh_out: fh, off_out: 10 }),
    );
    await guest.step('COPY_FILE_RANGE with flags', (f) => f.copy_file_range(file, { ...copy, flags: 1 }));
    await guest.step('COPY_FILE_RANGE by an unknown handle', (f) =>
      f.copy_file_range(file, { ...copy, fh_out: 4711 }),
    );
    await guest.step('COPY_FILE_RANGE to a handle of another node', (f) =>
      f.copy_file_range(file, { ...copy, nodeid_out: 1 }),
    );
    await guest.step('COPY_FILE_RANGE to a handle for reading', (f) =>
      f.copy_file_range(file, { ...copy, nodeid_out: file, fh_out: reader, off_out: 90_000 }),
    );
    await guest.step('COPY_FILE_RANGE of nothing', (f) => f.copy_file_range(file, { ...copy, len: 0 }));
    await guest.step('FLUSH', (f) => f.flush(file, { fh }));
    await guest.step('FSYNC', (f) => f.fsync(file, { fh }));
    await guest.step('FSYNC of the data', (f) => f.fsync(file, { fh, fsync_flags: 1 }));
    await guest.step('SYNCFS', (f) => f.syncfs(1));
    await guest.step('SYNCFS of a file', (f) => f.syncfs(file));
    await guest.step('SYNCFS of an unknown node', (f) => f.syncfs(4711));
  },
};

/** The result of requests that no file answers. */
const special: Script = {
  name: 'other requests',
  prepare: makeTree,
  async run(guest) {
    const { nodeid: file } = await guest.need('file', (f) => f.lookup(1, 'file'));
    const { fh } = await guest.need('OPEN', (f) => f.open(file, { flags: O.RDWR }));
    const lock = { fh, owner: 1, lk: { start: 0, end: 10, type: 1, pid: 1 } };
    await guest.step('GETLK', (f) => f.getlk(file, lock));
    await guest.step('SETLK', (f) => f.setlk(file, lock));
    await guest.step('SETLKW', (f) => f.setlk(file, lock, true));
    await guest.step('SETLK of flock', (f) => f.setlk(file, { ...lock, lk_flags: 1 }));
    await guest.step('BMAP', (f) => f.bmap(file, { block: 0, blocksize: 4096 }));
    await guest.step('IOCTL FS_IOC_GETFLAGS', (f) => f.ioctl(file, { fh, cmd: 0x80086601, out_size: 8 }));
    await guest.step('IOCTL TCGETS', (f) => f.ioctl(file, { fh, cmd: 0x5401, out_size: 60 }));
    await guest.step('POLL', (f) => f.poll(file, { fh, events: 1 }));
    await guest.step('SETUPMAPPING', (f) => f.setupmapping(file, { fh, len: 4096 }));
    await guest.step('REMOVEMAPPING', (f) => f.removemapping(file, [{ moffset: 0, len: 4096 }]));
    await guest.step('INTERRUPT', (f) => f.interrupt(2));
    await guest.step('NOTIFY_REPLY', (f) => f.request(41, file));
    for (const opcode of [0, 7, 19, 54, 100, 4096, 0xffff_ffff]) {
      await guest.step(`opcode ${opcode}`, (f) => f.request(opcode, 1));
    }
  },
};

export const fileScripts: readonly Script[] = [
  opening(),
  opening('--cache=always'),
  opening('--cache=never'),
  opening('--cache=metadata'),
  opening('--writeback'),
  opening('--writeback', '--cache=always'),
  opening('--allow-direct-io'),
  opening('--preserve-noatime'),
  opening('--inode-file-handles=never'),
  opening('--inode-file-handles=mandatory'),
  opening('--thread-pool-size=4'),
  openErrors,
  data,
  special,
];
