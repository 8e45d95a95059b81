import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  AVAIL_F_NO_INTERRUPT,
  availableLayout,
  availableRingSize,
  DescriptorFlag,
  descriptorLayout,
  descriptorTableSize,
  Feature,
  iotlbPayload,
  needsEvent,
  PackedEventFlag,
  PackedFlag,
  packedDescriptorLayout,
  packedEventLayout,
  regionStruct,
  ringAlignment,
  USED_F_NO_NOTIFY,
  usedLayout,
  usedRingSize,
  VRING_F_LOG,
  vringAddressPayload,
  vringStatePayload,
  WRAP_SHIFT,
} from '../src/index.js';

/** Evaluates C expressions of integer type against the kernel's headers. */
function evaluate(expressions: readonly string[]): bigint[] {
  const directory = mkdtempSync(join(tmpdir(), 'layout-'));
  try {
    const source = `
      #include <stddef.h>
      #include <stdio.h>
      #include <linux/virtio_config.h>
      #include <linux/virtio_ring.h>
      #include <linux/vhost_types.h>
      int main(void) {
        ${expressions.map((e) => `printf("%llu\\n", (unsigned long long)(${e}));`).join('\n')}
        return 0;
      }`;
    writeFileSync(join(directory, 'a.c'), source);
    execFileSync('cc', ['-o', join(directory, 'a'), join(directory, 'a.c')]);
    return execFileSync(join(directory, 'a'), { encoding: 'utf8' }).trim().split('\n').map(BigInt);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** C expression on the left, our value on the right. */
function matches(facts: Record<string, number | bigint>): void {
  const expressions = Object.keys(facts);
  const values = evaluate(expressions);
  const theirs = Object.fromEntries(expressions.map((e, i) => [e, values[i]]));
  const ours = Object.fromEntries(Object.entries(facts).map(([e, value]) => [e, BigInt(value)]));
  expect(ours).toEqual(theirs);
}

describe('layouts as the kernel headers have them', () => {
  it('linux/virtio_ring.h', () => {
    matches({
      'sizeof(struct vring_desc)': descriptorLayout.size,
      'offsetof(struct vring_desc, addr)': descriptorLayout.addr,
      'offsetof(struct vring_desc, len)': descriptorLayout.len,
      'offsetof(struct vring_desc, flags)': descriptorLayout.flags,
      'offsetof(struct vring_desc, next)': descriptorLayout.next,
      'offsetof(struct vring_avail, flags)': availableLayout.flags,
      'offsetof(struct vring_avail, idx)': availableLayout.idx,
      'offsetof(struct vring_avail, ring)': availableLayout.ring,
      'sizeof(((struct vring_avail *)0)->ring[0])': availableLayout.entry,
      'offsetof(struct vring_used, flags)': usedLayout.flags,
      'offsetof(struct vring_used, idx)': usedLayout.idx,
      'offsetof(struct vring_used, ring)': usedLayout.ring,
      'sizeof(struct vring_used_elem)': usedLayout.entry,
      'offsetof(struct vring_used_elem, id)': usedLayout.id,
      'offsetof(struct vring_used_elem, len)': usedLayout.len,
      VRING_DESC_ALIGN_SIZE: ringAlignment.descriptor,
      VRING_AVAIL_ALIGN_SIZE: ringAlignment.available,
      VRING_USED_ALIGN_SIZE: ringAlignment.used,
      VRING_DESC_F_NEXT: DescriptorFlag.NEXT,
      VRING_DESC_F_WRITE: DescriptorFlag.WRITE,
      VRING_DESC_F_INDIRECT: DescriptorFlag.INDIRECT,
      VRING_USED_F_NO_NOTIFY: USED_F_NO_NOTIFY,
      VRING_AVAIL_F_NO_INTERRUPT: AVAIL_F_NO_INTERRUPT,
      '256 * sizeof(struct vring_desc)': descriptorTableSize(256),
      // used_event is ring[num]: the ring ends behind it.
      'offsetof(struct vring_avail, ring[257])': availableRingSize(256),
      'offsetof(struct vring_used, ring[256]) + sizeof(__virtio16)': usedRingSize(256),
    });
  });

  it('linux/virtio_ring.h, packed', () => {
    matches({
      'sizeof(struct vring_packed_desc)': packedDescriptorLayout.size,
      'offsetof(struct vring_packed_desc, addr)': packedDescriptorLayout.addr,
      'offsetof(struct vring_packed_desc, len)': packedDescriptorLayout.len,
      'offsetof(struct vring_packed_desc, id)': packedDescriptorLayout.id,
      'offsetof(struct vring_packed_desc, flags)': packedDescriptorLayout.flags,
      'sizeof(struct vring_packed_desc_event)': packedEventLayout.size,
      'offsetof(struct vring_packed_desc_event, off_wrap)': packedEventLayout.off_wrap,
      'offsetof(struct vring_packed_desc_event, flags)': packedEventLayout.flags,
      '1 << VRING_PACKED_DESC_F_AVAIL': PackedFlag.AVAIL,
      '1 << VRING_PACKED_DESC_F_USED': PackedFlag.USED,
      VRING_PACKED_EVENT_FLAG_ENABLE: PackedEventFlag.ENABLE,
      VRING_PACKED_EVENT_FLAG_DISABLE: PackedEventFlag.DISABLE,
      VRING_PACKED_EVENT_FLAG_DESC: PackedEventFlag.DESC,
      VRING_PACKED_EVENT_F_WRAP_CTR: WRAP_SHIFT,
    });
  });

  it('feature bits', () => {
    matches({
      '1ull << VIRTIO_RING_F_INDIRECT_DESC': Feature.INDIRECT_DESC,
      '1ull << VIRTIO_RING_F_EVENT_IDX': Feature.EVENT_IDX,
      '1ull << VIRTIO_F_VERSION_1': Feature.VERSION_1,
      '1ull << VIRTIO_F_ACCESS_PLATFORM': Feature.ACCESS_PLATFORM,
      '1ull << VIRTIO_F_RING_PACKED': Feature.RING_PACKED,
      '1ull << VHOST_F_LOG_ALL': Feature.LOG_ALL,
    });
  });

  it('linux/vhost_types.h', () => {
    matches({
      'sizeof(struct vhost_vring_state)': vringStatePayload.size,
      'offsetof(struct vhost_vring_state, index)': vringStatePayload.offsets.index,
      'offsetof(struct vhost_vring_state, num)': vringStatePayload.offsets.num,
      'sizeof(struct vhost_vring_addr)': vringAddressPayload.size,
      'offsetof(struct vhost_vring_addr, index)': vringAddressPayload.offsets.index,
      'offsetof(struct vhost_vring_addr, flags)': vringAddressPayload.offsets.flags,
      'offsetof(struct vhost_vring_addr, desc_user_addr)': vringAddressPayload.offsets.descriptor,
      'offsetof(struct vhost_vring_addr, used_user_addr)': vringAddressPayload.offsets.used,
      'offsetof(struct vhost_vring_addr, avail_user_addr)': vringAddressPayload.offsets.available,
      'offsetof(struct vhost_vring_addr, log_guest_addr)': vringAddressPayload.offsets.log,
      '1 << VHOST_VRING_F_LOG': VRING_F_LOG,
      'sizeof(struct vhost_memory_region)': regionStruct.size,
      'offsetof(struct vhost_memory_region, guest_phys_addr)': regionStruct.offsets.guestAddress,
      'offsetof(struct vhost_memory_region, memory_size)': regionStruct.offsets.size,
      'offsetof(struct vhost_memory_region, userspace_addr)': regionStruct.offsets.userAddress,
      'offsetof(struct vhost_memory_region, flags_padding)': regionStruct.offsets.mmapOffset,
      'sizeof(struct vhost_iotlb_msg)': iotlbPayload.size,
      'offsetof(struct vhost_iotlb_msg, iova)': iotlbPayload.offsets.iova,
      'offsetof(struct vhost_iotlb_msg, size)': iotlbPayload.offsets.size,
      'offsetof(struct vhost_iotlb_msg, uaddr)': iotlbPayload.offsets.userAddress,
      'offsetof(struct vhost_iotlb_msg, perm)': iotlbPayload.offsets.permissions,
      'offsetof(struct vhost_iotlb_msg, type)': iotlbPayload.offsets.type,
    });
  });

  it('vring_need_event', () => {
    const cases: [number, number, number][] = [];
    for (const event of [0, 1, 5, 0x7fff, 0xfffe, 0xffff]) {
      for (const after of [0, 1, 6, 0x8000, 0xffff]) {
        for (const before of [0, 5, 6, 0x7ffe, 0xfffe, 0xffff]) cases.push([event, after, before]);
      }
    }
    const theirs = evaluate(cases.map((c) => `vring_need_event(${c.join(', ')})`));
    expect(cases.map(([e, a, b]) => needsEvent(e, a, b))).toEqual(theirs.map((v) => v === 1n));
  });
});
