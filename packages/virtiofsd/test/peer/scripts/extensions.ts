import { encode, type FuseClient, MkdirIn, type U64 } from '@vfs/fuse-proto';

const EXT_GROUPS = 32;
const FUSE_MKDIR = 9;

/** A number of 32 bits, little-endian. */
export function u32(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value, true);
  return bytes;
}

/** A name and the NUL behind it. */
export function named(name: string): Uint8Array {
  return Buffer.from(`${name}\0`);
}

/** Bytes up to the next multiple of 8. */
export function padded(...parts: Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 7)]);
}

/** Creations that carry the groups of who asks. */
export const supplementaryGroups = {
  mkdir(fuse: FuseClient, parent: U64, name: string, values: { mode: number }, groups: number[]) {
    const list = padded(u32(groups.length, ...groups));
    const block = Buffer.concat([u32(list.length + 8, EXT_GROUPS), list]);
    return fuse.request(FUSE_MKDIR, parent, [encode(MkdirIn, values), named(name), block], undefined, {
      total_extlen: block.length / 8,
    });
  },
};
