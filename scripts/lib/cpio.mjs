// @ts-check

/**
 * One entry of an archive.
 * @typedef {object} CpioEntry
 * @property {string} name path without a leading slash
 * @property {number} mode file type and permissions, as in stat
 * @property {Uint8Array} [data] content of a file, or target of a symbolic link
 * @property {readonly [major: number, minor: number]} [device] of a device node
 */

export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;

const TRAILER = 'TRAILER!!!';

/**
 * Writes a cpio archive in the "newc" format that the kernel unpacks as its first root file system: per entry a header of
 * 110 ASCII characters, the name and the data, each padded to four bytes. Everything belongs to root.
 * @param {Iterable<CpioEntry>} entries parents before what is in them
 * @returns {Buffer}
 */
export function cpio(entries) {
  /** @type {Uint8Array[]} */
  const parts = [];
  let inode = 0;
  /** @param {CpioEntry} entry */
  const add = ({ name, mode, data = new Uint8Array(0), device = [0, 0] }) => {
    const path = Buffer.from(`${name}\0`);
    inode += 1;
    const fields = [
      inode,
      mode,
      0, // uid
      0, // gid
      (mode & 0o170000) === S_IFDIR ? 2 : 1, // links
      0, // modification time
      data.length,
      0, // device of the archive: major
      0, // and minor
      device[0],
      device[1],
      path.length,
      0, // check sum, unused in this format
    ];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
    parts.push(Buffer.from(header), path, padding(header.length + path.length), data, padding(data.length));
  };
  for (const entry of entries) add(entry);
  add({ name: TRAILER, mode: 0 });
  return Buffer.concat(parts);
}

/** @param {number} length */
function padding(length) {
  return new Uint8Array(-length & 3);
}
