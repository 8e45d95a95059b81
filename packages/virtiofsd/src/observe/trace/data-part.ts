import {
  decode,
  FUSE_GETXATTR,
  FUSE_INIT,
  FUSE_IOCTL,
  FUSE_READ,
  FUSE_SETXATTR,
  FUSE_SETXATTR_EXT,
  FUSE_WRITE,
  InHeader,
  InitOut,
  IoctlIn,
  IoctlOut,
  type ObservedRequest,
  OutHeader,
  SetxattrIn,
  WriteIn,
} from '@vfs/fuse-proto';

/** The first form of setxattr_in. */
const SHORT_SETXATTR = 8;

/** Tells where in messages the content of files and attributes begins, which is nobody's business unless asked for. */
export class DataPart {
  #setxattr = SHORT_SETXATTR;

  /** From which byte of a request on it is data; Infinity: there is none. */
  ofRequest({ opcode, request, held }: ObservedRequest): number {
    switch (opcode) {
      case FUSE_WRITE:
        return InHeader.SIZE + WriteIn.SIZE;
      case FUSE_IOCTL:
        return InHeader.SIZE + IoctlIn.SIZE;
      case FUSE_SETXATTR: {
        const name = InHeader.SIZE + this.#setxattr;
        const end = request.indexOf(0, name);
        return end < 0 || end >= held ? name : end + 1;
      }
      default:
        return Number.POSITIVE_INFINITY;
    }
  }

  /** The same of a reply of `length` bytes. */
  ofReply({ opcode, reply }: ObservedRequest, length: number): number {
    switch (opcode) {
      case FUSE_READ:
        return OutHeader.SIZE;
      case FUSE_IOCTL:
        return OutHeader.SIZE + IoctlOut.SIZE;
      case FUSE_GETXATTR:
        return OutHeader.SIZE;
      case FUSE_INIT:
        if (length >= OutHeader.SIZE + InitOut.SIZE) this.#learn(reply);
        return Number.POSITIVE_INFINITY;
      default:
        return Number.POSITIVE_INFINITY;
    }
  }

  #learn(reply: Uint8Array): void {
    const { flags } = decode(InitOut, reply, OutHeader.SIZE);
    this.#setxattr = (BigInt(flags) & FUSE_SETXATTR_EXT) !== 0n ? SetxattrIn.SIZE : SHORT_SETXATTR;
  }
}
