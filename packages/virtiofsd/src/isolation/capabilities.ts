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
  settings,
  capabilityChanges,
}: Pick<Options, 'settings' | 'capabilityChanges'>): CapabilitySet {
  const usual = settings.inodeFileHandles === 'never' ? USUAL : USUAL.union(FOR_FILE_HANDLES);
  return capabilityChanges.reduce(
    (set, { add, capability }) => (add ? set.with(capability) : set.without(capability)),
    usual,
  );
}
