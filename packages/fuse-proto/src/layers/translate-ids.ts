import { FATTR_GID, FATTR_UID } from '../abi/flags.js';
import type { Context } from '../context.js';
import { EPERM } from '../errno.js';
import type { FileSystem, Outcome } from '../file-system.js';
import { delegate } from './delegate.js';

/**
 * How user and group numbers of the peer and of the file system correspond. The functions toward the file
 * system may return undefined for a number that must not get there.
 */
export interface IdMap {
  /** From the peer's user numbers to the file system's. */
  uidIn(uid: number): number | undefined;
  /** From the file system's user numbers to the peer's. */
  uidOut(uid: number): number;
  gidIn(gid: number): number | undefined;
  gidOut(gid: number): number;
}

/** Of RENAME: something is created in the old place, which is the caller's. */
const RENAME_WHITEOUT = 4;

/** The owner, as attr and statx both have it. */
interface Owner {
  uid: number;
  gid: number;
}

/** Changes the caller in the request's private copy. Returns 0, or −EPERM for a number that is forbidden. */
function enter(ctx: Context, map: IdMap): number {
  const uid = map.uidIn(ctx.uid);
  const gid = map.gidIn(ctx.gid);
  const groups = ctx.groups?.map((group) => map.gidIn(group));
  if (uid === undefined || gid === undefined) return -EPERM;
  ctx.uid = uid;
  ctx.gid = gid;
  if (groups !== undefined) {
    const allowed = groups.filter((group) => group !== undefined);
    if (allowed.length < groups.length) return -EPERM;
    ctx.groups = allowed;
  }
  return 0;
}

/** Changes the owner in a reply, once the outcome is known to be good. */
function leave(outcome: Outcome, owner: Owner, map: IdMap): Outcome {
  if (typeof outcome !== 'number') return outcome.then((result) => leave(result, owner, map));
  if (outcome >= 0) {
    owner.uid = map.uidOut(owner.uid);
    owner.gid = map.gidOut(owner.gid);
  }
  return outcome;
}

/**
 * The file system with other user and group numbers: the caller's on creations, ACCESS and IOCTL (root's aside) and the new owner
 * of SETATTR are translated on the way in, owners in attributes on the way out. A forbidden number is EPERM.
 * Numbers inside ACLs are not translated: do not combine the two.
 */
export function translateIds(inner: FileSystem, map: IdMap): FileSystem {
  const layer = delegate(inner);
  const { lookup, getattr, setattr, symlink, mknod, mkdir, link, rename, create, tmpfile } = layer;
  const { readdirplus, statx, access, ioctl } = layer;
  if (lookup !== undefined) {
    layer.lookup = (ctx, parent, name, reply) => leave(lookup(ctx, parent, name, reply), reply.attr, map);
  }
  if (getattr !== undefined) {
    layer.getattr = (ctx, nodeid, input, reply) => leave(getattr(ctx, nodeid, input, reply), reply.attr, map);
  }
  if (setattr !== undefined) {
    layer.setattr = (ctx, nodeid, input, reply) => {
      const uid = (input.valid & FATTR_UID) === 0 ? input.uid : map.uidIn(input.uid);
      const gid = (input.valid & FATTR_GID) === 0 ? input.gid : map.gidIn(input.gid);
      if (uid === undefined || gid === undefined) return -EPERM;
      input.uid = uid;
      input.gid = gid;
      return leave(setattr(ctx, nodeid, input, reply), reply.attr, map);
    };
  }
  if (symlink !== undefined) {
    layer.symlink = (ctx, parent, name, target, reply) => {
      const error = enter(ctx, map);
      return error < 0 ? error : leave(symlink(ctx, parent, name, target, reply), reply.attr, map);
    };
  }
  if (mknod !== undefined) {
    layer.mknod = (ctx, parent, name, input, reply) => {
      const error = enter(ctx, map);
      return error < 0 ? error : leave(mknod(ctx, parent, name, input, reply), reply.attr, map);
    };
  }
  if (mkdir !== undefined) {
    layer.mkdir = (ctx, parent, name, input, reply) => {
      const error = enter(ctx, map);
      return error < 0 ? error : leave(mkdir(ctx, parent, name, input, reply), reply.attr, map);
    };
  }
  if (link !== undefined) {
    layer.link = (ctx, nodeid, parent, name, reply) =>
      leave(link(ctx, nodeid, parent, name, reply), reply.attr, map);
  }
  if (rename !== undefined) {
    layer.rename = (ctx, parent, name, newParent, newName, flags) => {
      const error = (flags & RENAME_WHITEOUT) === 0 ? 0 : enter(ctx, map);
      return error < 0 ? error : rename(ctx, parent, name, newParent, newName, flags);
    };
  }
  if (create !== undefined) {
    layer.create = (ctx, parent, name, input, entry, reply) => {
      const error = enter(ctx, map);
      return error < 0 ? error : leave(create(ctx, parent, name, input, entry, reply), entry.attr, map);
    };
  }
  if (tmpfile !== undefined) {
    layer.tmpfile = (ctx, parent, input, entry, reply) => {
      const error = enter(ctx, map);
      return error < 0 ? error : leave(tmpfile(ctx, parent, input, entry, reply), entry.attr, map);
    };
  }
  if (access !== undefined) {
    layer.access = (ctx, nodeid, input) => {
      const error = enter(ctx, map);
      return error < 0 ? error : access(ctx, nodeid, input);
    };
  }
  if (ioctl !== undefined) {
    layer.ioctl = (ctx, nodeid, input, argument, reply, output) => {
      const { uid } = ctx;
      const error = enter(ctx, map);
      // Who may do what to the files of others has that privilege as root of the peer, whoever that is here.
      if (uid === 0) ctx.uid = uid;
      return error < 0 ? error : ioctl(ctx, nodeid, input, argument, reply, output);
    };
  }
  if (statx !== undefined) {
    layer.statx = (ctx, nodeid, input, reply) => leave(statx(ctx, nodeid, input, reply), reply.stat, map);
  }
  if (readdirplus !== undefined) {
    layer.readdirplus = (ctx, nodeid, input, reply) => {
      const translate = (result: number): number => {
        if (result >= 0) reply.forEachEntry((entry) => leave(0, entry.attr, map));
        return result;
      };
      const outcome = readdirplus(ctx, nodeid, input, reply);
      return typeof outcome === 'number' ? translate(outcome) : outcome.then(translate);
    };
  }
  return layer;
}
