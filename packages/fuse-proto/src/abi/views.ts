// Generated from structs.ts by tools/generate-views.ts (`npm run generate`): change those instead.
import * as structs from './structs.js';
import { joinI64, joinU64, storeI64, storeU64, type U64 } from './u64.js';
import { loadArray, storeArray, View } from './view.js';

/** struct cuse_init_in: 16 bytes. */
export class CuseInitIn extends View<typeof structs.cuse_init_in> {
  static readonly SIZE = 16;

  get layout(): typeof structs.cuse_init_in {
    return structs.cuse_init_in;
  }

  get major(): number {
    return this._data.getUint32(this._base, true);
  }

  set major(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get minor(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set minor(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get unused(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set unused(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct cuse_init_out: 72 bytes. */
export class CuseInitOut extends View<typeof structs.cuse_init_out> {
  static readonly SIZE = 72;

  get layout(): typeof structs.cuse_init_out {
    return structs.cuse_init_out;
  }

  get major(): number {
    return this._data.getUint32(this._base, true);
  }

  set major(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get minor(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set minor(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get unused(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set unused(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get max_read(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set max_read(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get max_write(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set max_write(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get dev_major(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set dev_major(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get dev_minor(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set dev_minor(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }

  get spare(): number[] {
    return loadArray(this._data, this._base + 32, structs.cuse_init_out.members.spare) as number[];
  }

  set spare(value: readonly number[]) {
    storeArray(this._data, this._base + 32, structs.cuse_init_out.members.spare, value);
  }
}

/** struct fuse_access_in: 8 bytes. */
export class AccessIn extends View<typeof structs.fuse_access_in> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_access_in {
    return structs.fuse_access_in;
  }

  get mask(): number {
    return this._data.getUint32(this._base, true);
  }

  set mask(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_attr: 88 bytes. */
export class Attr extends View<typeof structs.fuse_attr> {
  static readonly SIZE = 88;

  get layout(): typeof structs.fuse_attr {
    return structs.fuse_attr;
  }

  get ino(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set ino(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get ino_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set ino_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get ino_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set ino_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get size(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set size(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get size_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set size_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get size_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set size_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get blocks(): U64 {
    const lo = this._data.getUint32(this._base + 16, true);
    const hi = this._data.getUint32(this._base + 20, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set blocks(value: U64) {
    storeU64(this._data, this._base + 16, value);
  }

  get blocks_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set blocks_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get blocks_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set blocks_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get atime(): U64 {
    return joinI64(this._data.getUint32(this._base + 24, true), this._data.getUint32(this._base + 28, true));
  }

  set atime(value: U64) {
    storeI64(this._data, this._base + 24, value);
  }

  get atime_lo(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set atime_lo(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get atime_hi(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set atime_hi(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }

  get mtime(): U64 {
    return joinI64(this._data.getUint32(this._base + 32, true), this._data.getUint32(this._base + 36, true));
  }

  set mtime(value: U64) {
    storeI64(this._data, this._base + 32, value);
  }

  get mtime_lo(): number {
    return this._data.getUint32(this._base + 32, true);
  }

  set mtime_lo(value: number) {
    this._data.setUint32(this._base + 32, value, true);
  }

  get mtime_hi(): number {
    return this._data.getUint32(this._base + 36, true);
  }

  set mtime_hi(value: number) {
    this._data.setUint32(this._base + 36, value, true);
  }

  get ctime(): U64 {
    return joinI64(this._data.getUint32(this._base + 40, true), this._data.getUint32(this._base + 44, true));
  }

  set ctime(value: U64) {
    storeI64(this._data, this._base + 40, value);
  }

  get ctime_lo(): number {
    return this._data.getUint32(this._base + 40, true);
  }

  set ctime_lo(value: number) {
    this._data.setUint32(this._base + 40, value, true);
  }

  get ctime_hi(): number {
    return this._data.getUint32(this._base + 44, true);
  }

  set ctime_hi(value: number) {
    this._data.setUint32(this._base + 44, value, true);
  }

  get atimensec(): number {
    return this._data.getUint32(this._base + 48, true);
  }

  set atimensec(value: number) {
    this._data.setUint32(this._base + 48, value, true);
  }

  get mtimensec(): number {
    return this._data.getUint32(this._base + 52, true);
  }

  set mtimensec(value: number) {
    this._data.setUint32(this._base + 52, value, true);
  }

  get ctimensec(): number {
    return this._data.getUint32(this._base + 56, true);
  }

  set ctimensec(value: number) {
    this._data.setUint32(this._base + 56, value, true);
  }

  get mode(): number {
    return this._data.getUint32(this._base + 60, true);
  }

  set mode(value: number) {
    this._data.setUint32(this._base + 60, value, true);
  }

  get nlink(): number {
    return this._data.getUint32(this._base + 64, true);
  }

  set nlink(value: number) {
    this._data.setUint32(this._base + 64, value, true);
  }

  get uid(): number {
    return this._data.getUint32(this._base + 68, true);
  }

  set uid(value: number) {
    this._data.setUint32(this._base + 68, value, true);
  }

  get gid(): number {
    return this._data.getUint32(this._base + 72, true);
  }

  set gid(value: number) {
    this._data.setUint32(this._base + 72, value, true);
  }

  get rdev(): number {
    return this._data.getUint32(this._base + 76, true);
  }

  set rdev(value: number) {
    this._data.setUint32(this._base + 76, value, true);
  }

  get blksize(): number {
    return this._data.getUint32(this._base + 80, true);
  }

  set blksize(value: number) {
    this._data.setUint32(this._base + 80, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 84, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 84, value, true);
  }
}

/** struct fuse_attr_out: 104 bytes. */
export class AttrOut extends View<typeof structs.fuse_attr_out> {
  static readonly SIZE = 104;

  readonly attr: Attr;

  constructor(data: DataView, base = 0) {
    super(data, base);
    this.attr = new Attr(data, base + 16);
  }

  override attach(data: DataView, base: number): void {
    super.attach(data, base);
    this.attr.attach(data, base + 16);
  }

  get layout(): typeof structs.fuse_attr_out {
    return structs.fuse_attr_out;
  }

  get attr_valid(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set attr_valid(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get attr_valid_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set attr_valid_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get attr_valid_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set attr_valid_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get attr_valid_nsec(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set attr_valid_nsec(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get dummy(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set dummy(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_backing_map: 16 bytes. */
export class BackingMap extends View<typeof structs.fuse_backing_map> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_backing_map {
    return structs.fuse_backing_map;
  }

  get fd(): number {
    return this._data.getInt32(this._base, true);
  }

  set fd(value: number) {
    this._data.setInt32(this._base, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get padding(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set padding(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get padding_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set padding_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get padding_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set padding_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_batch_forget_in: 8 bytes. */
export class BatchForgetIn extends View<typeof structs.fuse_batch_forget_in> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_batch_forget_in {
    return structs.fuse_batch_forget_in;
  }

  get count(): number {
    return this._data.getUint32(this._base, true);
  }

  set count(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get dummy(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set dummy(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_bmap_in: 16 bytes. */
export class BmapIn extends View<typeof structs.fuse_bmap_in> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_bmap_in {
    return structs.fuse_bmap_in;
  }

  get block(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set block(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get block_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set block_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get block_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set block_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get blocksize(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set blocksize(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_bmap_out: 8 bytes. */
export class BmapOut extends View<typeof structs.fuse_bmap_out> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_bmap_out {
    return structs.fuse_bmap_out;
  }

  get block(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set block(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get block_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set block_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get block_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set block_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_copy_file_range_in: 56 bytes. */
export class CopyFileRangeIn extends View<typeof structs.fuse_copy_file_range_in> {
  static readonly SIZE = 56;

  get layout(): typeof structs.fuse_copy_file_range_in {
    return structs.fuse_copy_file_range_in;
  }

  get fh_in(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh_in(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_in_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_in_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_in_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_in_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get off_in(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set off_in(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get off_in_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set off_in_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get off_in_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set off_in_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get nodeid_out(): U64 {
    const lo = this._data.getUint32(this._base + 16, true);
    const hi = this._data.getUint32(this._base + 20, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set nodeid_out(value: U64) {
    storeU64(this._data, this._base + 16, value);
  }

  get nodeid_out_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set nodeid_out_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get nodeid_out_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set nodeid_out_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get fh_out(): U64 {
    const lo = this._data.getUint32(this._base + 24, true);
    const hi = this._data.getUint32(this._base + 28, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh_out(value: U64) {
    storeU64(this._data, this._base + 24, value);
  }

  get fh_out_lo(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set fh_out_lo(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get fh_out_hi(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set fh_out_hi(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }

  get off_out(): U64 {
    const lo = this._data.getUint32(this._base + 32, true);
    const hi = this._data.getUint32(this._base + 36, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set off_out(value: U64) {
    storeU64(this._data, this._base + 32, value);
  }

  get off_out_lo(): number {
    return this._data.getUint32(this._base + 32, true);
  }

  set off_out_lo(value: number) {
    this._data.setUint32(this._base + 32, value, true);
  }

  get off_out_hi(): number {
    return this._data.getUint32(this._base + 36, true);
  }

  set off_out_hi(value: number) {
    this._data.setUint32(this._base + 36, value, true);
  }

  get len(): U64 {
    const lo = this._data.getUint32(this._base + 40, true);
    const hi = this._data.getUint32(this._base + 44, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set len(value: U64) {
    storeU64(this._data, this._base + 40, value);
  }

  get len_lo(): number {
    return this._data.getUint32(this._base + 40, true);
  }

  set len_lo(value: number) {
    this._data.setUint32(this._base + 40, value, true);
  }

  get len_hi(): number {
    return this._data.getUint32(this._base + 44, true);
  }

  set len_hi(value: number) {
    this._data.setUint32(this._base + 44, value, true);
  }

  get flags(): U64 {
    const lo = this._data.getUint32(this._base + 48, true);
    const hi = this._data.getUint32(this._base + 52, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set flags(value: U64) {
    storeU64(this._data, this._base + 48, value);
  }

  get flags_lo(): number {
    return this._data.getUint32(this._base + 48, true);
  }

  set flags_lo(value: number) {
    this._data.setUint32(this._base + 48, value, true);
  }

  get flags_hi(): number {
    return this._data.getUint32(this._base + 52, true);
  }

  set flags_hi(value: number) {
    this._data.setUint32(this._base + 52, value, true);
  }
}

/** struct fuse_copy_file_range_out: 8 bytes. */
export class CopyFileRangeOut extends View<typeof structs.fuse_copy_file_range_out> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_copy_file_range_out {
    return structs.fuse_copy_file_range_out;
  }

  get bytes_copied(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set bytes_copied(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get bytes_copied_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set bytes_copied_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get bytes_copied_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set bytes_copied_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_create_in: 16 bytes. */
export class CreateIn extends View<typeof structs.fuse_create_in> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_create_in {
    return structs.fuse_create_in;
  }

  get flags(): number {
    return this._data.getUint32(this._base, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get mode(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set mode(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get umask(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set umask(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get open_flags(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set open_flags(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_dirent: 24 bytes. */
export class Dirent extends View<typeof structs.fuse_dirent> {
  static readonly SIZE = 24;

  get layout(): typeof structs.fuse_dirent {
    return structs.fuse_dirent;
  }

  get ino(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set ino(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get ino_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set ino_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get ino_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set ino_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get off(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set off(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get off_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set off_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get off_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set off_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get namelen(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set namelen(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get type(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set type(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }
}

/** struct fuse_direntplus: 152 bytes. */
export class Direntplus extends View<typeof structs.fuse_direntplus> {
  static readonly SIZE = 152;

  readonly entry_out: EntryOut;
  readonly dirent: Dirent;

  constructor(data: DataView, base = 0) {
    super(data, base);
    this.entry_out = new EntryOut(data, base);
    this.dirent = new Dirent(data, base + 128);
  }

  override attach(data: DataView, base: number): void {
    super.attach(data, base);
    this.entry_out.attach(data, base);
    this.dirent.attach(data, base + 128);
  }

  get layout(): typeof structs.fuse_direntplus {
    return structs.fuse_direntplus;
  }
}

/** struct fuse_entry_out: 128 bytes. */
export class EntryOut extends View<typeof structs.fuse_entry_out> {
  static readonly SIZE = 128;

  readonly attr: Attr;

  constructor(data: DataView, base = 0) {
    super(data, base);
    this.attr = new Attr(data, base + 40);
  }

  override attach(data: DataView, base: number): void {
    super.attach(data, base);
    this.attr.attach(data, base + 40);
  }

  get layout(): typeof structs.fuse_entry_out {
    return structs.fuse_entry_out;
  }

  get nodeid(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set nodeid(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get nodeid_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set nodeid_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get nodeid_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set nodeid_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get generation(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set generation(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get generation_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set generation_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get generation_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set generation_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get entry_valid(): U64 {
    const lo = this._data.getUint32(this._base + 16, true);
    const hi = this._data.getUint32(this._base + 20, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set entry_valid(value: U64) {
    storeU64(this._data, this._base + 16, value);
  }

  get entry_valid_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set entry_valid_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get entry_valid_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set entry_valid_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get attr_valid(): U64 {
    const lo = this._data.getUint32(this._base + 24, true);
    const hi = this._data.getUint32(this._base + 28, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set attr_valid(value: U64) {
    storeU64(this._data, this._base + 24, value);
  }

  get attr_valid_lo(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set attr_valid_lo(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get attr_valid_hi(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set attr_valid_hi(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }

  get entry_valid_nsec(): number {
    return this._data.getUint32(this._base + 32, true);
  }

  set entry_valid_nsec(value: number) {
    this._data.setUint32(this._base + 32, value, true);
  }

  get attr_valid_nsec(): number {
    return this._data.getUint32(this._base + 36, true);
  }

  set attr_valid_nsec(value: number) {
    this._data.setUint32(this._base + 36, value, true);
  }
}

/** struct fuse_ext_header: 8 bytes. */
export class ExtHeader extends View<typeof structs.fuse_ext_header> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_ext_header {
    return structs.fuse_ext_header;
  }

  get size(): number {
    return this._data.getUint32(this._base, true);
  }

  set size(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get type(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set type(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_fallocate_in: 32 bytes. */
export class FallocateIn extends View<typeof structs.fuse_fallocate_in> {
  static readonly SIZE = 32;

  get layout(): typeof structs.fuse_fallocate_in {
    return structs.fuse_fallocate_in;
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get offset(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set offset(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get offset_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set offset_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get offset_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set offset_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get length(): U64 {
    const lo = this._data.getUint32(this._base + 16, true);
    const hi = this._data.getUint32(this._base + 20, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set length(value: U64) {
    storeU64(this._data, this._base + 16, value);
  }

  get length_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set length_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get length_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set length_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get mode(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set mode(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }
}

/** struct fuse_file_lock: 24 bytes. */
export class FileLock extends View<typeof structs.fuse_file_lock> {
  static readonly SIZE = 24;

  get layout(): typeof structs.fuse_file_lock {
    return structs.fuse_file_lock;
  }

  get start(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set start(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get start_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set start_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get start_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set start_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get end(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set end(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get end_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set end_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get end_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set end_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get type(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set type(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get pid(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set pid(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }
}

/** struct fuse_flush_in: 24 bytes. */
export class FlushIn extends View<typeof structs.fuse_flush_in> {
  static readonly SIZE = 24;

  get layout(): typeof structs.fuse_flush_in {
    return structs.fuse_flush_in;
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get unused(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set unused(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get lock_owner(): U64 {
    const lo = this._data.getUint32(this._base + 16, true);
    const hi = this._data.getUint32(this._base + 20, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set lock_owner(value: U64) {
    storeU64(this._data, this._base + 16, value);
  }

  get lock_owner_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set lock_owner_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get lock_owner_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set lock_owner_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }
}

/** struct fuse_forget_in: 8 bytes. */
export class ForgetIn extends View<typeof structs.fuse_forget_in> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_forget_in {
    return structs.fuse_forget_in;
  }

  get nlookup(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set nlookup(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get nlookup_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set nlookup_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get nlookup_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set nlookup_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_forget_one: 16 bytes. */
export class ForgetOne extends View<typeof structs.fuse_forget_one> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_forget_one {
    return structs.fuse_forget_one;
  }

  get nodeid(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set nodeid(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get nodeid_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set nodeid_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get nodeid_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set nodeid_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get nlookup(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set nlookup(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get nlookup_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set nlookup_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get nlookup_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set nlookup_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_fsync_in: 16 bytes. */
export class FsyncIn extends View<typeof structs.fuse_fsync_in> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_fsync_in {
    return structs.fuse_fsync_in;
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get fsync_flags(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set fsync_flags(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_getattr_in: 16 bytes. */
export class GetattrIn extends View<typeof structs.fuse_getattr_in> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_getattr_in {
    return structs.fuse_getattr_in;
  }

  get getattr_flags(): number {
    return this._data.getUint32(this._base, true);
  }

  set getattr_flags(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get dummy(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set dummy(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_getxattr_in: 8 bytes. */
export class GetxattrIn extends View<typeof structs.fuse_getxattr_in> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_getxattr_in {
    return structs.fuse_getxattr_in;
  }

  get size(): number {
    return this._data.getUint32(this._base, true);
  }

  set size(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_getxattr_out: 8 bytes. */
export class GetxattrOut extends View<typeof structs.fuse_getxattr_out> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_getxattr_out {
    return structs.fuse_getxattr_out;
  }

  get size(): number {
    return this._data.getUint32(this._base, true);
  }

  set size(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_in_header: 40 bytes. */
export class InHeader extends View<typeof structs.fuse_in_header> {
  static readonly SIZE = 40;

  get layout(): typeof structs.fuse_in_header {
    return structs.fuse_in_header;
  }

  get len(): number {
    return this._data.getUint32(this._base, true);
  }

  set len(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get opcode(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set opcode(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get unique(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set unique(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get unique_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set unique_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get unique_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set unique_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get nodeid(): U64 {
    const lo = this._data.getUint32(this._base + 16, true);
    const hi = this._data.getUint32(this._base + 20, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set nodeid(value: U64) {
    storeU64(this._data, this._base + 16, value);
  }

  get nodeid_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set nodeid_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get nodeid_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set nodeid_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get uid(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set uid(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get gid(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set gid(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }

  get pid(): number {
    return this._data.getUint32(this._base + 32, true);
  }

  set pid(value: number) {
    this._data.setUint32(this._base + 32, value, true);
  }

  get total_extlen(): number {
    return this._data.getUint16(this._base + 36, true);
  }

  set total_extlen(value: number) {
    this._data.setUint16(this._base + 36, value, true);
  }

  get padding(): number {
    return this._data.getUint16(this._base + 38, true);
  }

  set padding(value: number) {
    this._data.setUint16(this._base + 38, value, true);
  }
}

/** struct fuse_init_in: 64 bytes. */
export class InitIn extends View<typeof structs.fuse_init_in> {
  static readonly SIZE = 64;

  get layout(): typeof structs.fuse_init_in {
    return structs.fuse_init_in;
  }

  get major(): number {
    return this._data.getUint32(this._base, true);
  }

  set major(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get minor(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set minor(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get max_readahead(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set max_readahead(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get flags2(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set flags2(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get unused(): number[] {
    return loadArray(this._data, this._base + 20, structs.fuse_init_in.members.unused) as number[];
  }

  set unused(value: readonly number[]) {
    storeArray(this._data, this._base + 20, structs.fuse_init_in.members.unused, value);
  }
}

/** struct fuse_init_out: 64 bytes. */
export class InitOut extends View<typeof structs.fuse_init_out> {
  static readonly SIZE = 64;

  get layout(): typeof structs.fuse_init_out {
    return structs.fuse_init_out;
  }

  get major(): number {
    return this._data.getUint32(this._base, true);
  }

  set major(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get minor(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set minor(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get max_readahead(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set max_readahead(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get max_background(): number {
    return this._data.getUint16(this._base + 16, true);
  }

  set max_background(value: number) {
    this._data.setUint16(this._base + 16, value, true);
  }

  get congestion_threshold(): number {
    return this._data.getUint16(this._base + 18, true);
  }

  set congestion_threshold(value: number) {
    this._data.setUint16(this._base + 18, value, true);
  }

  get max_write(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set max_write(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get time_gran(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set time_gran(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get max_pages(): number {
    return this._data.getUint16(this._base + 28, true);
  }

  set max_pages(value: number) {
    this._data.setUint16(this._base + 28, value, true);
  }

  get map_alignment(): number {
    return this._data.getUint16(this._base + 30, true);
  }

  set map_alignment(value: number) {
    this._data.setUint16(this._base + 30, value, true);
  }

  get flags2(): number {
    return this._data.getUint32(this._base + 32, true);
  }

  set flags2(value: number) {
    this._data.setUint32(this._base + 32, value, true);
  }

  get max_stack_depth(): number {
    return this._data.getUint32(this._base + 36, true);
  }

  set max_stack_depth(value: number) {
    this._data.setUint32(this._base + 36, value, true);
  }

  get request_timeout(): number {
    return this._data.getUint16(this._base + 40, true);
  }

  set request_timeout(value: number) {
    this._data.setUint16(this._base + 40, value, true);
  }

  get unused(): number[] {
    return loadArray(this._data, this._base + 42, structs.fuse_init_out.members.unused) as number[];
  }

  set unused(value: readonly number[]) {
    storeArray(this._data, this._base + 42, structs.fuse_init_out.members.unused, value);
  }
}

/** struct fuse_interrupt_in: 8 bytes. */
export class InterruptIn extends View<typeof structs.fuse_interrupt_in> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_interrupt_in {
    return structs.fuse_interrupt_in;
  }

  get unique(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set unique(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get unique_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set unique_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get unique_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set unique_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_ioctl_in: 32 bytes. */
export class IoctlIn extends View<typeof structs.fuse_ioctl_in> {
  static readonly SIZE = 32;

  get layout(): typeof structs.fuse_ioctl_in {
    return structs.fuse_ioctl_in;
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get cmd(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set cmd(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get arg(): U64 {
    const lo = this._data.getUint32(this._base + 16, true);
    const hi = this._data.getUint32(this._base + 20, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set arg(value: U64) {
    storeU64(this._data, this._base + 16, value);
  }

  get arg_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set arg_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get arg_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set arg_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get in_size(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set in_size(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get out_size(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set out_size(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }
}

/** struct fuse_ioctl_iovec: 16 bytes. */
export class IoctlIovec extends View<typeof structs.fuse_ioctl_iovec> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_ioctl_iovec {
    return structs.fuse_ioctl_iovec;
  }

  get base(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set base(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get base_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set base_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get base_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set base_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get len(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set len(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get len_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set len_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get len_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set len_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_ioctl_out: 16 bytes. */
export class IoctlOut extends View<typeof structs.fuse_ioctl_out> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_ioctl_out {
    return structs.fuse_ioctl_out;
  }

  get result(): number {
    return this._data.getInt32(this._base, true);
  }

  set result(value: number) {
    this._data.setInt32(this._base, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get in_iovs(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set in_iovs(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get out_iovs(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set out_iovs(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_kstatfs: 80 bytes. */
export class Kstatfs extends View<typeof structs.fuse_kstatfs> {
  static readonly SIZE = 80;

  get layout(): typeof structs.fuse_kstatfs {
    return structs.fuse_kstatfs;
  }

  get blocks(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set blocks(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get blocks_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set blocks_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get blocks_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set blocks_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get bfree(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set bfree(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get bfree_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set bfree_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get bfree_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set bfree_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get bavail(): U64 {
    const lo = this._data.getUint32(this._base + 16, true);
    const hi = this._data.getUint32(this._base + 20, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set bavail(value: U64) {
    storeU64(this._data, this._base + 16, value);
  }

  get bavail_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set bavail_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get bavail_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set bavail_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get files(): U64 {
    const lo = this._data.getUint32(this._base + 24, true);
    const hi = this._data.getUint32(this._base + 28, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set files(value: U64) {
    storeU64(this._data, this._base + 24, value);
  }

  get files_lo(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set files_lo(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get files_hi(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set files_hi(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }

  get ffree(): U64 {
    const lo = this._data.getUint32(this._base + 32, true);
    const hi = this._data.getUint32(this._base + 36, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set ffree(value: U64) {
    storeU64(this._data, this._base + 32, value);
  }

  get ffree_lo(): number {
    return this._data.getUint32(this._base + 32, true);
  }

  set ffree_lo(value: number) {
    this._data.setUint32(this._base + 32, value, true);
  }

  get ffree_hi(): number {
    return this._data.getUint32(this._base + 36, true);
  }

  set ffree_hi(value: number) {
    this._data.setUint32(this._base + 36, value, true);
  }

  get bsize(): number {
    return this._data.getUint32(this._base + 40, true);
  }

  set bsize(value: number) {
    this._data.setUint32(this._base + 40, value, true);
  }

  get namelen(): number {
    return this._data.getUint32(this._base + 44, true);
  }

  set namelen(value: number) {
    this._data.setUint32(this._base + 44, value, true);
  }

  get frsize(): number {
    return this._data.getUint32(this._base + 48, true);
  }

  set frsize(value: number) {
    this._data.setUint32(this._base + 48, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 52, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 52, value, true);
  }

  get spare(): number[] {
    return loadArray(this._data, this._base + 56, structs.fuse_kstatfs.members.spare) as number[];
  }

  set spare(value: readonly number[]) {
    storeArray(this._data, this._base + 56, structs.fuse_kstatfs.members.spare, value);
  }
}

/** struct fuse_link_in: 8 bytes. */
export class LinkIn extends View<typeof structs.fuse_link_in> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_link_in {
    return structs.fuse_link_in;
  }

  get oldnodeid(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set oldnodeid(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get oldnodeid_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set oldnodeid_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get oldnodeid_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set oldnodeid_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_lk_in: 48 bytes. */
export class LkIn extends View<typeof structs.fuse_lk_in> {
  static readonly SIZE = 48;

  readonly lk: FileLock;

  constructor(data: DataView, base = 0) {
    super(data, base);
    this.lk = new FileLock(data, base + 16);
  }

  override attach(data: DataView, base: number): void {
    super.attach(data, base);
    this.lk.attach(data, base + 16);
  }

  get layout(): typeof structs.fuse_lk_in {
    return structs.fuse_lk_in;
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get owner(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set owner(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get owner_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set owner_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get owner_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set owner_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get lk_flags(): number {
    return this._data.getUint32(this._base + 40, true);
  }

  set lk_flags(value: number) {
    this._data.setUint32(this._base + 40, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 44, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 44, value, true);
  }
}

/** struct fuse_lk_out: 24 bytes. */
export class LkOut extends View<typeof structs.fuse_lk_out> {
  static readonly SIZE = 24;

  readonly lk: FileLock;

  constructor(data: DataView, base = 0) {
    super(data, base);
    this.lk = new FileLock(data, base);
  }

  override attach(data: DataView, base: number): void {
    super.attach(data, base);
    this.lk.attach(data, base);
  }

  get layout(): typeof structs.fuse_lk_out {
    return structs.fuse_lk_out;
  }
}

/** struct fuse_lseek_in: 24 bytes. */
export class LseekIn extends View<typeof structs.fuse_lseek_in> {
  static readonly SIZE = 24;

  get layout(): typeof structs.fuse_lseek_in {
    return structs.fuse_lseek_in;
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get offset(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set offset(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get offset_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set offset_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get offset_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set offset_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get whence(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set whence(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }
}

/** struct fuse_lseek_out: 8 bytes. */
export class LseekOut extends View<typeof structs.fuse_lseek_out> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_lseek_out {
    return structs.fuse_lseek_out;
  }

  get offset(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set offset(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get offset_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set offset_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get offset_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set offset_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_mkdir_in: 8 bytes. */
export class MkdirIn extends View<typeof structs.fuse_mkdir_in> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_mkdir_in {
    return structs.fuse_mkdir_in;
  }

  get mode(): number {
    return this._data.getUint32(this._base, true);
  }

  set mode(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get umask(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set umask(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_mknod_in: 16 bytes. */
export class MknodIn extends View<typeof structs.fuse_mknod_in> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_mknod_in {
    return structs.fuse_mknod_in;
  }

  get mode(): number {
    return this._data.getUint32(this._base, true);
  }

  set mode(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get rdev(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set rdev(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get umask(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set umask(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_notify_delete_out: 24 bytes. */
export class NotifyDeleteOut extends View<typeof structs.fuse_notify_delete_out> {
  static readonly SIZE = 24;

  get layout(): typeof structs.fuse_notify_delete_out {
    return structs.fuse_notify_delete_out;
  }

  get parent(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set parent(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get parent_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set parent_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get parent_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set parent_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get child(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set child(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get child_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set child_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get child_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set child_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get namelen(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set namelen(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }
}

/** struct fuse_notify_inval_entry_out: 16 bytes. */
export class NotifyInvalEntryOut extends View<typeof structs.fuse_notify_inval_entry_out> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_notify_inval_entry_out {
    return structs.fuse_notify_inval_entry_out;
  }

  get parent(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set parent(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get parent_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set parent_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get parent_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set parent_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get namelen(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set namelen(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_notify_inval_inode_out: 24 bytes. */
export class NotifyInvalInodeOut extends View<typeof structs.fuse_notify_inval_inode_out> {
  static readonly SIZE = 24;

  get layout(): typeof structs.fuse_notify_inval_inode_out {
    return structs.fuse_notify_inval_inode_out;
  }

  get ino(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set ino(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get ino_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set ino_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get ino_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set ino_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get off(): U64 {
    return joinI64(this._data.getUint32(this._base + 8, true), this._data.getUint32(this._base + 12, true));
  }

  set off(value: U64) {
    storeI64(this._data, this._base + 8, value);
  }

  get off_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set off_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get off_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set off_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get len(): U64 {
    return joinI64(this._data.getUint32(this._base + 16, true), this._data.getUint32(this._base + 20, true));
  }

  set len(value: U64) {
    storeI64(this._data, this._base + 16, value);
  }

  get len_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set len_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get len_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set len_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }
}

/** struct fuse_notify_poll_wakeup_out: 8 bytes. */
export class NotifyPollWakeupOut extends View<typeof structs.fuse_notify_poll_wakeup_out> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_notify_poll_wakeup_out {
    return structs.fuse_notify_poll_wakeup_out;
  }

  get kh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set kh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get kh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set kh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get kh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set kh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_notify_prune_out: 16 bytes. */
export class NotifyPruneOut extends View<typeof structs.fuse_notify_prune_out> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_notify_prune_out {
    return structs.fuse_notify_prune_out;
  }

  get count(): number {
    return this._data.getUint32(this._base, true);
  }

  set count(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get spare(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set spare(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get spare_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set spare_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get spare_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set spare_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_notify_retrieve_in: 40 bytes. */
export class NotifyRetrieveIn extends View<typeof structs.fuse_notify_retrieve_in> {
  static readonly SIZE = 40;

  get layout(): typeof structs.fuse_notify_retrieve_in {
    return structs.fuse_notify_retrieve_in;
  }

  get dummy1(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set dummy1(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get dummy1_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set dummy1_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get dummy1_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set dummy1_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get offset(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set offset(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get offset_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set offset_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get offset_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set offset_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get size(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set size(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get dummy2(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set dummy2(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get dummy3(): U64 {
    const lo = this._data.getUint32(this._base + 24, true);
    const hi = this._data.getUint32(this._base + 28, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set dummy3(value: U64) {
    storeU64(this._data, this._base + 24, value);
  }

  get dummy3_lo(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set dummy3_lo(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get dummy3_hi(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set dummy3_hi(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }

  get dummy4(): U64 {
    const lo = this._data.getUint32(this._base + 32, true);
    const hi = this._data.getUint32(this._base + 36, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set dummy4(value: U64) {
    storeU64(this._data, this._base + 32, value);
  }

  get dummy4_lo(): number {
    return this._data.getUint32(this._base + 32, true);
  }

  set dummy4_lo(value: number) {
    this._data.setUint32(this._base + 32, value, true);
  }

  get dummy4_hi(): number {
    return this._data.getUint32(this._base + 36, true);
  }

  set dummy4_hi(value: number) {
    this._data.setUint32(this._base + 36, value, true);
  }
}

/** struct fuse_notify_retrieve_out: 32 bytes. */
export class NotifyRetrieveOut extends View<typeof structs.fuse_notify_retrieve_out> {
  static readonly SIZE = 32;

  get layout(): typeof structs.fuse_notify_retrieve_out {
    return structs.fuse_notify_retrieve_out;
  }

  get notify_unique(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set notify_unique(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get notify_unique_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set notify_unique_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get notify_unique_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set notify_unique_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get nodeid(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set nodeid(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get nodeid_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set nodeid_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get nodeid_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set nodeid_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get offset(): U64 {
    const lo = this._data.getUint32(this._base + 16, true);
    const hi = this._data.getUint32(this._base + 20, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set offset(value: U64) {
    storeU64(this._data, this._base + 16, value);
  }

  get offset_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set offset_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get offset_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set offset_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get size(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set size(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }
}

/** struct fuse_notify_store_out: 24 bytes. */
export class NotifyStoreOut extends View<typeof structs.fuse_notify_store_out> {
  static readonly SIZE = 24;

  get layout(): typeof structs.fuse_notify_store_out {
    return structs.fuse_notify_store_out;
  }

  get nodeid(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set nodeid(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get nodeid_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set nodeid_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get nodeid_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set nodeid_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get offset(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set offset(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get offset_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set offset_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get offset_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set offset_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get size(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set size(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }
}

/** struct fuse_open_in: 8 bytes. */
export class OpenIn extends View<typeof structs.fuse_open_in> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_open_in {
    return structs.fuse_open_in;
  }

  get flags(): number {
    return this._data.getUint32(this._base, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get open_flags(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set open_flags(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_open_out: 16 bytes. */
export class OpenOut extends View<typeof structs.fuse_open_out> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_open_out {
    return structs.fuse_open_out;
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get open_flags(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set open_flags(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get backing_id(): number {
    return this._data.getInt32(this._base + 12, true);
  }

  set backing_id(value: number) {
    this._data.setInt32(this._base + 12, value, true);
  }
}

/** struct fuse_out_header: 16 bytes. */
export class OutHeader extends View<typeof structs.fuse_out_header> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_out_header {
    return structs.fuse_out_header;
  }

  get len(): number {
    return this._data.getUint32(this._base, true);
  }

  set len(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get error(): number {
    return this._data.getInt32(this._base + 4, true);
  }

  set error(value: number) {
    this._data.setInt32(this._base + 4, value, true);
  }

  get unique(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set unique(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get unique_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set unique_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get unique_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set unique_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_poll_in: 24 bytes. */
export class PollIn extends View<typeof structs.fuse_poll_in> {
  static readonly SIZE = 24;

  get layout(): typeof structs.fuse_poll_in {
    return structs.fuse_poll_in;
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get kh(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set kh(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get kh_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set kh_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get kh_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set kh_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get events(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set events(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }
}

/** struct fuse_poll_out: 8 bytes. */
export class PollOut extends View<typeof structs.fuse_poll_out> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_poll_out {
    return structs.fuse_poll_out;
  }

  get revents(): number {
    return this._data.getUint32(this._base, true);
  }

  set revents(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_read_in: 40 bytes. */
export class ReadIn extends View<typeof structs.fuse_read_in> {
  static readonly SIZE = 40;

  get layout(): typeof structs.fuse_read_in {
    return structs.fuse_read_in;
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get offset(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set offset(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get offset_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set offset_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get offset_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set offset_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get size(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set size(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get read_flags(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set read_flags(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get lock_owner(): U64 {
    const lo = this._data.getUint32(this._base + 24, true);
    const hi = this._data.getUint32(this._base + 28, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set lock_owner(value: U64) {
    storeU64(this._data, this._base + 24, value);
  }

  get lock_owner_lo(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set lock_owner_lo(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get lock_owner_hi(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set lock_owner_hi(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 32, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 32, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 36, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 36, value, true);
  }
}

/** struct fuse_release_in: 24 bytes. */
export class ReleaseIn extends View<typeof structs.fuse_release_in> {
  static readonly SIZE = 24;

  get layout(): typeof structs.fuse_release_in {
    return structs.fuse_release_in;
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get release_flags(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set release_flags(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get lock_owner(): U64 {
    const lo = this._data.getUint32(this._base + 16, true);
    const hi = this._data.getUint32(this._base + 20, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set lock_owner(value: U64) {
    storeU64(this._data, this._base + 16, value);
  }

  get lock_owner_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set lock_owner_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get lock_owner_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set lock_owner_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }
}

/** struct fuse_removemapping_in: 4 bytes. */
export class RemovemappingIn extends View<typeof structs.fuse_removemapping_in> {
  static readonly SIZE = 4;

  get layout(): typeof structs.fuse_removemapping_in {
    return structs.fuse_removemapping_in;
  }

  get count(): number {
    return this._data.getUint32(this._base, true);
  }

  set count(value: number) {
    this._data.setUint32(this._base, value, true);
  }
}

/** struct fuse_removemapping_one: 16 bytes. */
export class RemovemappingOne extends View<typeof structs.fuse_removemapping_one> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_removemapping_one {
    return structs.fuse_removemapping_one;
  }

  get moffset(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set moffset(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get moffset_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set moffset_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get moffset_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set moffset_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get len(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set len(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get len_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set len_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get len_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set len_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_rename2_in: 16 bytes. */
export class Rename2In extends View<typeof structs.fuse_rename2_in> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_rename2_in {
    return structs.fuse_rename2_in;
  }

  get newdir(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set newdir(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get newdir_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set newdir_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get newdir_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set newdir_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_rename_in: 8 bytes. */
export class RenameIn extends View<typeof structs.fuse_rename_in> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_rename_in {
    return structs.fuse_rename_in;
  }

  get newdir(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set newdir(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get newdir_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set newdir_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get newdir_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set newdir_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_secctx: 8 bytes. */
export class Secctx extends View<typeof structs.fuse_secctx> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_secctx {
    return structs.fuse_secctx;
  }

  get size(): number {
    return this._data.getUint32(this._base, true);
  }

  set size(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_secctx_header: 8 bytes. */
export class SecctxHeader extends View<typeof structs.fuse_secctx_header> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_secctx_header {
    return structs.fuse_secctx_header;
  }

  get size(): number {
    return this._data.getUint32(this._base, true);
  }

  set size(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get nr_secctx(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set nr_secctx(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_setattr_in: 88 bytes. */
export class SetattrIn extends View<typeof structs.fuse_setattr_in> {
  static readonly SIZE = 88;

  get layout(): typeof structs.fuse_setattr_in {
    return structs.fuse_setattr_in;
  }

  get valid(): number {
    return this._data.getUint32(this._base, true);
  }

  set valid(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get size(): U64 {
    const lo = this._data.getUint32(this._base + 16, true);
    const hi = this._data.getUint32(this._base + 20, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set size(value: U64) {
    storeU64(this._data, this._base + 16, value);
  }

  get size_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set size_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get size_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set size_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get lock_owner(): U64 {
    const lo = this._data.getUint32(this._base + 24, true);
    const hi = this._data.getUint32(this._base + 28, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set lock_owner(value: U64) {
    storeU64(this._data, this._base + 24, value);
  }

  get lock_owner_lo(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set lock_owner_lo(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get lock_owner_hi(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set lock_owner_hi(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }

  get atime(): U64 {
    return joinI64(this._data.getUint32(this._base + 32, true), this._data.getUint32(this._base + 36, true));
  }

  set atime(value: U64) {
    storeI64(this._data, this._base + 32, value);
  }

  get atime_lo(): number {
    return this._data.getUint32(this._base + 32, true);
  }

  set atime_lo(value: number) {
    this._data.setUint32(this._base + 32, value, true);
  }

  get atime_hi(): number {
    return this._data.getUint32(this._base + 36, true);
  }

  set atime_hi(value: number) {
    this._data.setUint32(this._base + 36, value, true);
  }

  get mtime(): U64 {
    return joinI64(this._data.getUint32(this._base + 40, true), this._data.getUint32(this._base + 44, true));
  }

  set mtime(value: U64) {
    storeI64(this._data, this._base + 40, value);
  }

  get mtime_lo(): number {
    return this._data.getUint32(this._base + 40, true);
  }

  set mtime_lo(value: number) {
    this._data.setUint32(this._base + 40, value, true);
  }

  get mtime_hi(): number {
    return this._data.getUint32(this._base + 44, true);
  }

  set mtime_hi(value: number) {
    this._data.setUint32(this._base + 44, value, true);
  }

  get ctime(): U64 {
    return joinI64(this._data.getUint32(this._base + 48, true), this._data.getUint32(this._base + 52, true));
  }

  set ctime(value: U64) {
    storeI64(this._data, this._base + 48, value);
  }

  get ctime_lo(): number {
    return this._data.getUint32(this._base + 48, true);
  }

  set ctime_lo(value: number) {
    this._data.setUint32(this._base + 48, value, true);
  }

  get ctime_hi(): number {
    return this._data.getUint32(this._base + 52, true);
  }

  set ctime_hi(value: number) {
    this._data.setUint32(this._base + 52, value, true);
  }

  get atimensec(): number {
    return this._data.getUint32(this._base + 56, true);
  }

  set atimensec(value: number) {
    this._data.setUint32(this._base + 56, value, true);
  }

  get mtimensec(): number {
    return this._data.getUint32(this._base + 60, true);
  }

  set mtimensec(value: number) {
    this._data.setUint32(this._base + 60, value, true);
  }

  get ctimensec(): number {
    return this._data.getUint32(this._base + 64, true);
  }

  set ctimensec(value: number) {
    this._data.setUint32(this._base + 64, value, true);
  }

  get mode(): number {
    return this._data.getUint32(this._base + 68, true);
  }

  set mode(value: number) {
    this._data.setUint32(this._base + 68, value, true);
  }

  get unused4(): number {
    return this._data.getUint32(this._base + 72, true);
  }

  set unused4(value: number) {
    this._data.setUint32(this._base + 72, value, true);
  }

  get uid(): number {
    return this._data.getUint32(this._base + 76, true);
  }

  set uid(value: number) {
    this._data.setUint32(this._base + 76, value, true);
  }

  get gid(): number {
    return this._data.getUint32(this._base + 80, true);
  }

  set gid(value: number) {
    this._data.setUint32(this._base + 80, value, true);
  }

  get unused5(): number {
    return this._data.getUint32(this._base + 84, true);
  }

  set unused5(value: number) {
    this._data.setUint32(this._base + 84, value, true);
  }
}

/** struct fuse_setupmapping_in: 40 bytes. */
export class SetupmappingIn extends View<typeof structs.fuse_setupmapping_in> {
  static readonly SIZE = 40;

  get layout(): typeof structs.fuse_setupmapping_in {
    return structs.fuse_setupmapping_in;
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get foffset(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set foffset(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get foffset_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set foffset_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get foffset_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set foffset_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get len(): U64 {
    const lo = this._data.getUint32(this._base + 16, true);
    const hi = this._data.getUint32(this._base + 20, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set len(value: U64) {
    storeU64(this._data, this._base + 16, value);
  }

  get len_lo(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set len_lo(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get len_hi(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set len_hi(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get flags(): U64 {
    const lo = this._data.getUint32(this._base + 24, true);
    const hi = this._data.getUint32(this._base + 28, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set flags(value: U64) {
    storeU64(this._data, this._base + 24, value);
  }

  get flags_lo(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set flags_lo(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get flags_hi(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set flags_hi(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }

  get moffset(): U64 {
    const lo = this._data.getUint32(this._base + 32, true);
    const hi = this._data.getUint32(this._base + 36, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set moffset(value: U64) {
    storeU64(this._data, this._base + 32, value);
  }

  get moffset_lo(): number {
    return this._data.getUint32(this._base + 32, true);
  }

  set moffset_lo(value: number) {
    this._data.setUint32(this._base + 32, value, true);
  }

  get moffset_hi(): number {
    return this._data.getUint32(this._base + 36, true);
  }

  set moffset_hi(value: number) {
    this._data.setUint32(this._base + 36, value, true);
  }
}

/** struct fuse_setxattr_in: 16 bytes. */
export class SetxattrIn extends View<typeof structs.fuse_setxattr_in> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_setxattr_in {
    return structs.fuse_setxattr_in;
  }

  get size(): number {
    return this._data.getUint32(this._base, true);
  }

  set size(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get setxattr_flags(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set setxattr_flags(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }
}

/** struct fuse_statfs_out: 80 bytes. */
export class StatfsOut extends View<typeof structs.fuse_statfs_out> {
  static readonly SIZE = 80;

  readonly st: Kstatfs;

  constructor(data: DataView, base = 0) {
    super(data, base);
    this.st = new Kstatfs(data, base);
  }

  override attach(data: DataView, base: number): void {
    super.attach(data, base);
    this.st.attach(data, base);
  }

  get layout(): typeof structs.fuse_statfs_out {
    return structs.fuse_statfs_out;
  }
}

/** struct fuse_statx: 256 bytes. */
export class Statx extends View<typeof structs.fuse_statx> {
  static readonly SIZE = 256;

  readonly atime: SxTime;
  readonly btime: SxTime;
  readonly ctime: SxTime;
  readonly mtime: SxTime;

  constructor(data: DataView, base = 0) {
    super(data, base);
    this.atime = new SxTime(data, base + 64);
    this.btime = new SxTime(data, base + 80);
    this.ctime = new SxTime(data, base + 96);
    this.mtime = new SxTime(data, base + 112);
  }

  override attach(data: DataView, base: number): void {
    super.attach(data, base);
    this.atime.attach(data, base + 64);
    this.btime.attach(data, base + 80);
    this.ctime.attach(data, base + 96);
    this.mtime.attach(data, base + 112);
  }

  get layout(): typeof structs.fuse_statx {
    return structs.fuse_statx;
  }

  get mask(): number {
    return this._data.getUint32(this._base, true);
  }

  set mask(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get blksize(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set blksize(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get attributes(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set attributes(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get attributes_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set attributes_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get attributes_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set attributes_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get nlink(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set nlink(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get uid(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set uid(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get gid(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set gid(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get mode(): number {
    return this._data.getUint16(this._base + 28, true);
  }

  set mode(value: number) {
    this._data.setUint16(this._base + 28, value, true);
  }

  get __spare0(): number[] {
    return loadArray(this._data, this._base + 30, structs.fuse_statx.members.__spare0) as number[];
  }

  set __spare0(value: readonly number[]) {
    storeArray(this._data, this._base + 30, structs.fuse_statx.members.__spare0, value);
  }

  get ino(): U64 {
    const lo = this._data.getUint32(this._base + 32, true);
    const hi = this._data.getUint32(this._base + 36, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set ino(value: U64) {
    storeU64(this._data, this._base + 32, value);
  }

  get ino_lo(): number {
    return this._data.getUint32(this._base + 32, true);
  }

  set ino_lo(value: number) {
    this._data.setUint32(this._base + 32, value, true);
  }

  get ino_hi(): number {
    return this._data.getUint32(this._base + 36, true);
  }

  set ino_hi(value: number) {
    this._data.setUint32(this._base + 36, value, true);
  }

  get size(): U64 {
    const lo = this._data.getUint32(this._base + 40, true);
    const hi = this._data.getUint32(this._base + 44, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set size(value: U64) {
    storeU64(this._data, this._base + 40, value);
  }

  get size_lo(): number {
    return this._data.getUint32(this._base + 40, true);
  }

  set size_lo(value: number) {
    this._data.setUint32(this._base + 40, value, true);
  }

  get size_hi(): number {
    return this._data.getUint32(this._base + 44, true);
  }

  set size_hi(value: number) {
    this._data.setUint32(this._base + 44, value, true);
  }

  get blocks(): U64 {
    const lo = this._data.getUint32(this._base + 48, true);
    const hi = this._data.getUint32(this._base + 52, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set blocks(value: U64) {
    storeU64(this._data, this._base + 48, value);
  }

  get blocks_lo(): number {
    return this._data.getUint32(this._base + 48, true);
  }

  set blocks_lo(value: number) {
    this._data.setUint32(this._base + 48, value, true);
  }

  get blocks_hi(): number {
    return this._data.getUint32(this._base + 52, true);
  }

  set blocks_hi(value: number) {
    this._data.setUint32(this._base + 52, value, true);
  }

  get attributes_mask(): U64 {
    const lo = this._data.getUint32(this._base + 56, true);
    const hi = this._data.getUint32(this._base + 60, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set attributes_mask(value: U64) {
    storeU64(this._data, this._base + 56, value);
  }

  get attributes_mask_lo(): number {
    return this._data.getUint32(this._base + 56, true);
  }

  set attributes_mask_lo(value: number) {
    this._data.setUint32(this._base + 56, value, true);
  }

  get attributes_mask_hi(): number {
    return this._data.getUint32(this._base + 60, true);
  }

  set attributes_mask_hi(value: number) {
    this._data.setUint32(this._base + 60, value, true);
  }

  get rdev_major(): number {
    return this._data.getUint32(this._base + 128, true);
  }

  set rdev_major(value: number) {
    this._data.setUint32(this._base + 128, value, true);
  }

  get rdev_minor(): number {
    return this._data.getUint32(this._base + 132, true);
  }

  set rdev_minor(value: number) {
    this._data.setUint32(this._base + 132, value, true);
  }

  get dev_major(): number {
    return this._data.getUint32(this._base + 136, true);
  }

  set dev_major(value: number) {
    this._data.setUint32(this._base + 136, value, true);
  }

  get dev_minor(): number {
    return this._data.getUint32(this._base + 140, true);
  }

  set dev_minor(value: number) {
    this._data.setUint32(this._base + 140, value, true);
  }

  get __spare2(): U64[] {
    return loadArray(this._data, this._base + 144, structs.fuse_statx.members.__spare2);
  }

  set __spare2(value: readonly U64[]) {
    storeArray(this._data, this._base + 144, structs.fuse_statx.members.__spare2, value);
  }
}

/** struct fuse_statx_in: 24 bytes. */
export class StatxIn extends View<typeof structs.fuse_statx_in> {
  static readonly SIZE = 24;

  get layout(): typeof structs.fuse_statx_in {
    return structs.fuse_statx_in;
  }

  get getattr_flags(): number {
    return this._data.getUint32(this._base, true);
  }

  set getattr_flags(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get reserved(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set reserved(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get sx_flags(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set sx_flags(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get sx_mask(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set sx_mask(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }
}

/** struct fuse_statx_out: 288 bytes. */
export class StatxOut extends View<typeof structs.fuse_statx_out> {
  static readonly SIZE = 288;

  readonly stat: Statx;

  constructor(data: DataView, base = 0) {
    super(data, base);
    this.stat = new Statx(data, base + 32);
  }

  override attach(data: DataView, base: number): void {
    super.attach(data, base);
    this.stat.attach(data, base + 32);
  }

  get layout(): typeof structs.fuse_statx_out {
    return structs.fuse_statx_out;
  }

  get attr_valid(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set attr_valid(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get attr_valid_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set attr_valid_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get attr_valid_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set attr_valid_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get attr_valid_nsec(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set attr_valid_nsec(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get spare(): U64[] {
    return loadArray(this._data, this._base + 16, structs.fuse_statx_out.members.spare);
  }

  set spare(value: readonly U64[]) {
    storeArray(this._data, this._base + 16, structs.fuse_statx_out.members.spare, value);
  }
}

/** struct fuse_supp_groups: 4 bytes. */
export class SuppGroups extends View<typeof structs.fuse_supp_groups> {
  static readonly SIZE = 4;

  get layout(): typeof structs.fuse_supp_groups {
    return structs.fuse_supp_groups;
  }

  get nr_groups(): number {
    return this._data.getUint32(this._base, true);
  }

  set nr_groups(value: number) {
    this._data.setUint32(this._base, value, true);
  }
}

/** struct fuse_sx_time: 16 bytes. */
export class SxTime extends View<typeof structs.fuse_sx_time> {
  static readonly SIZE = 16;

  get layout(): typeof structs.fuse_sx_time {
    return structs.fuse_sx_time;
  }

  get tv_sec(): U64 {
    return joinI64(this._data.getUint32(this._base, true), this._data.getUint32(this._base + 4, true));
  }

  set tv_sec(value: U64) {
    storeI64(this._data, this._base, value);
  }

  get tv_sec_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set tv_sec_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get tv_sec_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set tv_sec_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get tv_nsec(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set tv_nsec(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get __reserved(): number {
    return this._data.getInt32(this._base + 12, true);
  }

  set __reserved(value: number) {
    this._data.setInt32(this._base + 12, value, true);
  }
}

/** struct fuse_syncfs_in: 8 bytes. */
export class SyncfsIn extends View<typeof structs.fuse_syncfs_in> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_syncfs_in {
    return structs.fuse_syncfs_in;
  }

  get padding(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set padding(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get padding_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set padding_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get padding_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set padding_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}

/** struct fuse_uring_cmd_req: 24 bytes. */
export class UringCmdReq extends View<typeof structs.fuse_uring_cmd_req> {
  static readonly SIZE = 24;

  get layout(): typeof structs.fuse_uring_cmd_req {
    return structs.fuse_uring_cmd_req;
  }

  get flags(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set flags(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get flags_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set flags_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get flags_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set flags_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get commit_id(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set commit_id(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get commit_id_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set commit_id_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get commit_id_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set commit_id_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get qid(): number {
    return this._data.getUint16(this._base + 16, true);
  }

  set qid(value: number) {
    this._data.setUint16(this._base + 16, value, true);
  }

  get padding(): number[] {
    return loadArray(this._data, this._base + 18, structs.fuse_uring_cmd_req.members.padding) as number[];
  }

  set padding(value: readonly number[]) {
    storeArray(this._data, this._base + 18, structs.fuse_uring_cmd_req.members.padding, value);
  }
}

/** struct fuse_uring_ent_in_out: 32 bytes. */
export class UringEntInOut extends View<typeof structs.fuse_uring_ent_in_out> {
  static readonly SIZE = 32;

  get layout(): typeof structs.fuse_uring_ent_in_out {
    return structs.fuse_uring_ent_in_out;
  }

  get flags(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set flags(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get flags_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set flags_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get flags_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set flags_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get commit_id(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set commit_id(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get commit_id_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set commit_id_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get commit_id_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set commit_id_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get payload_sz(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set payload_sz(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get reserved(): U64 {
    const lo = this._data.getUint32(this._base + 24, true);
    const hi = this._data.getUint32(this._base + 28, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set reserved(value: U64) {
    storeU64(this._data, this._base + 24, value);
  }

  get reserved_lo(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set reserved_lo(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get reserved_hi(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set reserved_hi(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }
}

/** struct fuse_uring_req_header: 288 bytes. */
export class UringReqHeader extends View<typeof structs.fuse_uring_req_header> {
  static readonly SIZE = 288;

  readonly ring_ent_in_out: UringEntInOut;

  constructor(data: DataView, base = 0) {
    super(data, base);
    this.ring_ent_in_out = new UringEntInOut(data, base + 256);
  }

  override attach(data: DataView, base: number): void {
    super.attach(data, base);
    this.ring_ent_in_out.attach(data, base + 256);
  }

  get layout(): typeof structs.fuse_uring_req_header {
    return structs.fuse_uring_req_header;
  }

  get in_out(): number[] {
    return loadArray(this._data, this._base, structs.fuse_uring_req_header.members.in_out) as number[];
  }

  set in_out(value: readonly number[]) {
    storeArray(this._data, this._base, structs.fuse_uring_req_header.members.in_out, value);
  }

  get op_in(): number[] {
    return loadArray(this._data, this._base + 128, structs.fuse_uring_req_header.members.op_in) as number[];
  }

  set op_in(value: readonly number[]) {
    storeArray(this._data, this._base + 128, structs.fuse_uring_req_header.members.op_in, value);
  }
}

/** struct fuse_write_in: 40 bytes. */
export class WriteIn extends View<typeof structs.fuse_write_in> {
  static readonly SIZE = 40;

  get layout(): typeof structs.fuse_write_in {
    return structs.fuse_write_in;
  }

  get fh(): U64 {
    const lo = this._data.getUint32(this._base, true);
    const hi = this._data.getUint32(this._base + 4, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set fh(value: U64) {
    storeU64(this._data, this._base, value);
  }

  get fh_lo(): number {
    return this._data.getUint32(this._base, true);
  }

  set fh_lo(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get fh_hi(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set fh_hi(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }

  get offset(): U64 {
    const lo = this._data.getUint32(this._base + 8, true);
    const hi = this._data.getUint32(this._base + 12, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set offset(value: U64) {
    storeU64(this._data, this._base + 8, value);
  }

  get offset_lo(): number {
    return this._data.getUint32(this._base + 8, true);
  }

  set offset_lo(value: number) {
    this._data.setUint32(this._base + 8, value, true);
  }

  get offset_hi(): number {
    return this._data.getUint32(this._base + 12, true);
  }

  set offset_hi(value: number) {
    this._data.setUint32(this._base + 12, value, true);
  }

  get size(): number {
    return this._data.getUint32(this._base + 16, true);
  }

  set size(value: number) {
    this._data.setUint32(this._base + 16, value, true);
  }

  get write_flags(): number {
    return this._data.getUint32(this._base + 20, true);
  }

  set write_flags(value: number) {
    this._data.setUint32(this._base + 20, value, true);
  }

  get lock_owner(): U64 {
    const lo = this._data.getUint32(this._base + 24, true);
    const hi = this._data.getUint32(this._base + 28, true);
    return hi === 0 ? lo : joinU64(lo, hi);
  }

  set lock_owner(value: U64) {
    storeU64(this._data, this._base + 24, value);
  }

  get lock_owner_lo(): number {
    return this._data.getUint32(this._base + 24, true);
  }

  set lock_owner_lo(value: number) {
    this._data.setUint32(this._base + 24, value, true);
  }

  get lock_owner_hi(): number {
    return this._data.getUint32(this._base + 28, true);
  }

  set lock_owner_hi(value: number) {
    this._data.setUint32(this._base + 28, value, true);
  }

  get flags(): number {
    return this._data.getUint32(this._base + 32, true);
  }

  set flags(value: number) {
    this._data.setUint32(this._base + 32, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 36, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 36, value, true);
  }
}

/** struct fuse_write_out: 8 bytes. */
export class WriteOut extends View<typeof structs.fuse_write_out> {
  static readonly SIZE = 8;

  get layout(): typeof structs.fuse_write_out {
    return structs.fuse_write_out;
  }

  get size(): number {
    return this._data.getUint32(this._base, true);
  }

  set size(value: number) {
    this._data.setUint32(this._base, value, true);
  }

  get padding(): number {
    return this._data.getUint32(this._base + 4, true);
  }

  set padding(value: number) {
    this._data.setUint32(this._base + 4, value, true);
  }
}
