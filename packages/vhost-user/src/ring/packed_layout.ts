/** Byte layout of a packed virtqueue (virtio 2.8; linux/virtio_ring.h). All fields are little-endian. */

/** struct vring_packed_desc: 16 bytes. */
export const packedDescriptorLayout = { size: 16, addr: 0, len: 8, id: 12, flags: 14 } as const;

/** struct vring_packed_desc_event: what one side wants to be told by the other. */
export const packedEventLayout = { size: 4, off_wrap: 0, flags: 2 } as const;

/** Alignment of the ring and of the two event structures, in bytes (virtio 2.8.10.1). */
export const packedAlignment = { descriptor: 16, event: 4 } as const;

/** Flags of a descriptor besides those of a split ring (virtio 2.8.1). */
export const PackedFlag = { AVAIL: 1 << 7, USED: 1 << 15 } as const;

/** Flags of an event structure (RING_EVENT_FLAGS_, virtio 2.8.10). */
export const PackedEventFlag = { ENABLE: 0, DISABLE: 1, DESC: 2 } as const;

/** Bit of off_wrap, and of the halves of a ring position, that holds the wrap counter. */
export const WRAP_SHIFT = 15;
const OFFSET_MASK = 0x7fff;

/**
 * Whether the other side wants to hear that `count` descriptors were made available or used up to position `next`.
 *
 * @param offWrap - the other side's off_wrap, for flags of DESC
 * @param wrap - the wrap counter that belongs to `next`
 */
export function packedNeedsEvent(
  size: number,
  offWrap: number,
  next: number,
  wrap: number,
  count: number,
): boolean {
  let event = offWrap & OFFSET_MASK;
  // An event position of the round before this one lies behind position 0.
  if (offWrap >> WRAP_SHIFT !== wrap) event -= size;
  return ((next - event - 1) & 0xffff) < count;
}
