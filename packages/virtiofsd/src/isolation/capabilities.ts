import { CapabilitySet } from '@vfs/sys';
import type { Options } from '../options.js';

/** What a worker needs to do to files whatever their owners can do. */
const USUAL = CapabilitySet.of(
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_MKNOD',
  'CAP_SETFCAP',
);

/** open_by_handle_at(2) asks for it. */
const FOR_FILE_HANDLES = CapabilitySet.of('CAP_DAC_READ_SEARCH');

/** The capabilities that a worker is to have, where it can. */
export function wantedCapabilities({
  sharedDir,
  settings,
  capabilityChanges,
}: Pick<Options, 'sharedDir' | 'settings' | 'capabilityChanges'>): CapabilitySet {
  const usual = usualCapabilities(sharedDir !== undefined, settings.inodeFileHandles !== 'never');
  return capabilityChanges.reduce(
    (set, { add, capability }) => (add ? set.with(capability) : set.without(capability)),
    usual,
  );
}

function usualCapabilities(hasFolder: boolean, fileHandles: boolean): CapabilitySet {
  // A module alone has no files of others to handle.
  if (!hasFolder) return CapabilitySet.none;
  return fileHandles ? USUAL.union(FOR_FILE_HANDLES) : USUAL;
}
