import type { AnyView } from './abi/view.js';
import * as abi from './abi/views.js';

/** Moves all views of an object to the same place of other bytes. */
function attachAll(views: object, data: DataView, base: number): void {
  for (const view of Object.values(views) as AnyView[]) view.attach(data, base);
}

/** The fixed part of a request, seen as each structure it can be: views over the bytes behind the header. */
export class Inputs {
  readonly forget: abi.ForgetIn;
  readonly getattr: abi.GetattrIn;
  readonly setattr: abi.SetattrIn;
  readonly mknod: abi.MknodIn;
  readonly mkdir: abi.MkdirIn;
  readonly rename: abi.RenameIn;
  readonly rename2: abi.Rename2In;
  readonly link: abi.LinkIn;
  readonly open: abi.OpenIn;
  readonly create: abi.CreateIn;
  readonly read: abi.ReadIn;
  readonly write: abi.WriteIn;
  readonly flush: abi.FlushIn;
  readonly release: abi.ReleaseIn;
  readonly fsync: abi.FsyncIn;
  readonly lseek: abi.LseekIn;
  readonly fallocate: abi.FallocateIn;
  readonly init: abi.InitIn;
  readonly interrupt: abi.InterruptIn;
  readonly batchForget: abi.BatchForgetIn;
  readonly access: abi.AccessIn;
  readonly setxattr: abi.SetxattrIn;
  readonly getxattr: abi.GetxattrIn;
  readonly lk: abi.LkIn;
  readonly bmap: abi.BmapIn;
  readonly ioctl: abi.IoctlIn;
  readonly poll: abi.PollIn;
  readonly copyFileRange: abi.CopyFileRangeIn;
  readonly setupmapping: abi.SetupmappingIn;
  readonly removemapping: abi.RemovemappingIn;
  readonly statx: abi.StatxIn;
  readonly notifyRetrieve: abi.NotifyRetrieveIn;

  constructor(data: DataView, base: number) {
    this.forget = new abi.ForgetIn(data, base);
    this.getattr = new abi.GetattrIn(data, base);
    this.setattr = new abi.SetattrIn(data, base);
    this.mknod = new abi.MknodIn(data, base);
    this.mkdir = new abi.MkdirIn(data, base);
    this.rename = new abi.RenameIn(data, base);
    this.rename2 = new abi.Rename2In(data, base);
    this.link = new abi.LinkIn(data, base);
    this.open = new abi.OpenIn(data, base);
    this.create = new abi.CreateIn(data, base);
    this.read = new abi.ReadIn(data, base);
    this.write = new abi.WriteIn(data, base);
    this.flush = new abi.FlushIn(data, base);
    this.release = new abi.ReleaseIn(data, base);
    this.fsync = new abi.FsyncIn(data, base);
    this.lseek = new abi.LseekIn(data, base);
    this.fallocate = new abi.FallocateIn(data, base);
    this.init = new abi.InitIn(data, base);
    this.interrupt = new abi.InterruptIn(data, base);
    this.batchForget = new abi.BatchForgetIn(data, base);
    this.access = new abi.AccessIn(data, base);
    this.setxattr = new abi.SetxattrIn(data, base);
    this.getxattr = new abi.GetxattrIn(data, base);
    this.lk = new abi.LkIn(data, base);
    this.bmap = new abi.BmapIn(data, base);
    this.ioctl = new abi.IoctlIn(data, base);
    this.poll = new abi.PollIn(data, base);
    this.copyFileRange = new abi.CopyFileRangeIn(data, base);
    this.setupmapping = new abi.SetupmappingIn(data, base);
    this.removemapping = new abi.RemovemappingIn(data, base);
    this.statx = new abi.StatxIn(data, base);
    this.notifyRetrieve = new abi.NotifyRetrieveIn(data, base);
  }

  attach(data: DataView, base: number): void {
    attachAll(this, data, base);
  }
}

/** The payload of a reply, seen as each structure it can be: views over the bytes behind the header. */
export class Outputs {
  readonly entry: abi.EntryOut;
  readonly attr: abi.AttrOut;
  readonly open: abi.OpenOut;
  readonly write: abi.WriteOut;
  readonly kstatfs: abi.Kstatfs;
  readonly lseek: abi.LseekOut;
  readonly init: abi.InitOut;
  readonly getxattr: abi.GetxattrOut;
  readonly lk: abi.LkOut;
  readonly bmap: abi.BmapOut;
  readonly ioctl: abi.IoctlOut;
  readonly poll: abi.PollOut;
  readonly statx: abi.StatxOut;
  readonly copyFileRange: abi.CopyFileRangeOut;

  constructor(data: DataView, base: number) {
    this.entry = new abi.EntryOut(data, base);
    this.attr = new abi.AttrOut(data, base);
    this.open = new abi.OpenOut(data, base);
    this.write = new abi.WriteOut(data, base);
    this.kstatfs = new abi.Kstatfs(data, base);
    this.lseek = new abi.LseekOut(data, base);
    this.init = new abi.InitOut(data, base);
    this.getxattr = new abi.GetxattrOut(data, base);
    this.lk = new abi.LkOut(data, base);
    this.bmap = new abi.BmapOut(data, base);
    this.ioctl = new abi.IoctlOut(data, base);
    this.poll = new abi.PollOut(data, base);
    this.statx = new abi.StatxOut(data, base);
    this.copyFileRange = new abi.CopyFileRangeOut(data, base);
  }

  attach(data: DataView, base: number): void {
    attachAll(this, data, base);
  }
}
