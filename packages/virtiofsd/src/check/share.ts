import {
  AT_FDCWD,
  ENODATA,
  EOPNOTSUPP,
  EPERM,
  getxattr,
  nameToHandleAt,
  O_DIRECTORY,
  O_PATH,
  O_RDONLY,
  OwnedFd,
  openat,
  openByHandleAt,
  SysError,
} from '@vfs/sys';
import type { Options } from '../options.js';
import { type Finding, lacking, ok } from './finding.js';

/** What the file system of the share can do. Nothing in it is changed. */
export function checkFileSystem({ sharedDir, settings }: Options): Finding[] {
  if (sharedDir === undefined) return [];
  const attributes = extendedAttributes(sharedDir, 'user.virtiofsd');
  const lists = extendedAttributes(sharedDir, 'system.posix_acl_access');
  const elsewhere = 'share a folder of another file system, or mount it with user_xattr';
  return [
    fileHandles(sharedDir, settings),
    attributes
      ? ok('attributes', 'extended attributes of the user can be had')
      : lacking(
          'attributes',
          settings.xattr === true,
          'the file system has no extended attributes',
          elsewhere,
        ),
    lists
      ? ok('ACLs', 'access control lists can be had')
      : lacking(
          'ACLs',
          settings.posixAcl !== undefined && settings.posixAcl !== 'never',
          'the file system has no access control lists',
          'mount it with the option acl, or leave out --posix-acl',
        ),
  ];
}

function fileHandles(sharedDir: string, { inodeFileHandles = 'prefer' }: Options['settings']): Finding {
  const topic = 'file handles';
  const needed = inodeFileHandles === 'mandatory';
  if (inodeFileHandles === 'never') return ok(topic, 'not wanted: every file takes a descriptor');
  try {
    using folder = new OwnedFd(openat(AT_FDCWD, sharedDir, O_RDONLY | O_DIRECTORY));
    const handle = nameToHandleAt(folder, '.', 0);
    new OwnedFd(openByHandleAt(folder, handle, O_PATH)).close();
    return ok(topic, 'files are remembered by handle, and take no descriptor');
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const without = 'every file that the guest knows takes a descriptor';
    if (error.errno === EPERM) {
      const text = `handles cannot be opened without the capability DAC_READ_SEARCH: ${without}`;
      return lacking(topic, needed, text, 'run as root if many files are used');
    }
    const text =
      error.errno === EOPNOTSUPP
        ? `the file system has none: ${without}`
        : `they cannot be had (${error.code}): ${without}`;
    return lacking(topic, needed, text, 'share a folder of another file system, or raise --rlimit-nofile');
  }
}

function extendedAttributes(path: string, name: string): boolean {
  try {
    getxattr({ path }, name);
    return true;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return error.errno === ENODATA;
  }
}
