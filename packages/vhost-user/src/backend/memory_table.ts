import { raw } from '@vfs/sys';
import { ProtocolError } from '../errors.js';
import { GuestMemory } from '../memory/guest_memory.js';
import { MemoryRegion } from '../memory/region.js';
import type { ReceivedDescriptors } from '../message/descriptors.js';
import type { RegionDescription } from '../message/payloads.js';
import { hex } from '../u64.js';

/** Most regions that SET_MEM_TABLE may name: the descriptors that fit in one message. */
export const MAX_TABLE_REGIONS = 32;

/**
 * Maps the regions of a SET_MEM_TABLE request; each needs a descriptor, in the same order. Descriptors are closed once
 * mapped.
 *
 * @throws ProtocolError and nothing stays mapped
 */
export function mapTable(
  descriptions: readonly RegionDescription[],
  descriptors: ReceivedDescriptors,
): GuestMemory {
  if (descriptions.length === 0 || descriptions.length > MAX_TABLE_REGIONS) {
    throw new ProtocolError(
      'BAD_MEMORY',
      `memory table of ${descriptions.length} regions, 1 to ${MAX_TABLE_REGIONS} are legal`,
    );
  }
  if (descriptors.count !== descriptions.length) {
    throw new ProtocolError(
      'BAD_DESCRIPTORS',
      `memory table of ${descriptions.length} regions with ${descriptors.count} descriptors`,
    );
  }
  const regions: MemoryRegion[] = [];
  try {
    for (const description of descriptions) regions.push(mapRegion(description, descriptors));
    return new GuestMemory(regions);
  } finally {
    // The table holds references of its own.
    for (const region of regions) region.release();
  }
}

/** Most regions that ADD_MEM_REG may build up, as GET_MAX_MEM_SLOTS answers: what Linux's own vhost takes by default. */
export const MAX_MEMORY_SLOTS = 509;

/** The table of `memory` and one region more (ADD_MEM_REG). @throws ProtocolError and nothing stays mapped */
export function withRegion(
  memory: GuestMemory | undefined,
  description: RegionDescription,
  descriptors: ReceivedDescriptors,
): GuestMemory {
  const regions = memory?.regions ?? [];
  if (regions.length >= MAX_MEMORY_SLOTS) {
    throw new ProtocolError('BAD_MEMORY', `a memory region beyond the ${MAX_MEMORY_SLOTS} that are possible`);
  }
  const region = mapRegion(description, descriptors);
  try {
    return new GuestMemory([...regions, region]);
  } finally {
    region.release();
  }
}

/**
 * The table of `memory` without the region of that guest address, front-end address and size (REM_MEM_REG).
 *
 * @throws ProtocolError when there is none
 */
export function withoutRegion(memory: GuestMemory | undefined, description: RegionDescription): GuestMemory {
  const { guestAddress, userAddress, size } = description;
  const regions = memory?.regions ?? [];
  const rest = regions.filter(
    ({ start, end, userStart }) =>
      BigInt(start) !== guestAddress || userStart !== userAddress || BigInt(end - start) !== size,
  );
  if (rest.length === regions.length) {
    throw new ProtocolError('BAD_MEMORY', `no memory region ${hex(guestAddress)}+${hex(size)} to remove`);
  }
  return new GuestMemory(rest);
}

/** Maps one region from the next descriptor of the message. @throws ProtocolError */
export function mapRegion(description: RegionDescription, descriptors: ReceivedDescriptors): MemoryRegion {
  const fd = descriptors.take();
  if (fd === undefined) throw new ProtocolError('BAD_DESCRIPTORS', 'memory region without a descriptor');
  try {
    return new MemoryRegion(description, fd);
  } finally {
    raw.close(fd);
  }
}
