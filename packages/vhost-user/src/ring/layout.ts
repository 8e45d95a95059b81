/** Byte layout of a split virtqueue (virtio 2.7; linux/virtio_ring.h). All fields are little-endian. */

/** struct vring_desc: 16 bytes. */
export const descriptorLayout = { size: 16, addr: 0, len: 8, flags: 12, next: 14 } as const;

/** struct vring_avail: flags, idx, ring[], then used_event. */
export const availableLayout = { header: 4, flags: 0, idx: 2, ring: 4, entry: 2 } as const;

/** struct vring_used: flags, idx, ring[] of {id, len}, then avail_event. */
export const usedLayout = { header: 4, flags: 0, idx: 2, ring: 4, entry: 8, id: 0, len: 4 } as const;

/** Alignment of the three parts, in bytes (virtio 2.7). */
export const ringAlignment = { descriptor: 16, available: 2, used: 4 } as const;

/** Flags of a descriptor (VRING_DESC_F_). */
export const DescriptorFlag = { NEXT: 1, WRITE: 2, INDIRECT: 4 } as const;

/** VRING_USED_F_NO_NOTIFY: the device needs no kick. A hint only. */
export const USED_F_NO_NOTIFY = 1;
/** VRING_AVAIL_F_NO_INTERRUPT: the driver needs no call. A hint only. */
export const AVAIL_F_NO_INTERRUPT = 1;

/** Largest size of a virtqueue (virtio 2.7). */
export const MAX_QUEUE_SIZE = 32768;

/** Bytes of the descriptor table of a ring of `size`. */
export function descriptorTableSize(size: number): number {
  return descriptorLayout.size * size;
}

/** Bytes of the available ring, used_event included. */
export function availableRingSize(size: number): number {
  return availableLayout.header + availableLayout.entry * size + 2;
}

/** Bytes of the used ring, avail_event included. */
export function usedRingSize(size: number): number {
  return usedLayout.header + usedLayout.entry * size + 2;
}

/**
 * Whether the other side wants to hear that its index went from `before` to `after`, when it asked to be told at `event`
 * (virtio 2.7.10; vring_need_event of linux/virtio_ring.h). All are free-running 16-bit indices.
 */
export function needsEvent(event: number, after: number, before: number): boolean {
  return ((after - event - 1) & 0xffff) < ((after - before) & 0xffff);
}
