/** Virtio feature bits of the transport (virtio 6, and VHOST_F_LOG_ALL and VHOST_USER_F_PROTOCOL_FEATURES of vhost). */
export const Feature = {
  /** VHOST_F_LOG_ALL: log every write to guest memory. */
  LOG_ALL: 1n << 26n,
  /** VIRTIO_F_INDIRECT_DESC: a descriptor may point to a table of descriptors. */
  INDIRECT_DESC: 1n << 28n,
  /** VIRTIO_F_EVENT_IDX: each side says at which index it wants to be notified. */
  EVENT_IDX: 1n << 29n,
  /** VHOST_USER_F_PROTOCOL_FEATURES: the two PROTOCOL_FEATURES requests exist; rings start disabled. */
  PROTOCOL_FEATURES: 1n << 30n,
  /** VIRTIO_F_VERSION_1: not a legacy device. */
  VERSION_1: 1n << 32n,
  /** VIRTIO_F_ACCESS_PLATFORM: addresses go through an IOMMU. */
  ACCESS_PLATFORM: 1n << 33n,
  /** VIRTIO_F_RING_PACKED: packed virtqueues. */
  RING_PACKED: 1n << 34n,
} as const;

/** Protocol feature bits (specification: "Protocol features"). */
export const ProtocolFeature = {
  MQ: 1n << 0n,
  LOG_SHMFD: 1n << 1n,
  RARP: 1n << 2n,
  REPLY_ACK: 1n << 3n,
  NET_MTU: 1n << 4n,
  BACKEND_REQ: 1n << 5n,
  CROSS_ENDIAN: 1n << 6n,
  CRYPTO_SESSION: 1n << 7n,
  PAGEFAULT: 1n << 8n,
  CONFIG: 1n << 9n,
  BACKEND_SEND_FD: 1n << 10n,
  HOST_NOTIFIER: 1n << 11n,
  INFLIGHT_SHMFD: 1n << 12n,
  RESET_DEVICE: 1n << 13n,
  INBAND_NOTIFICATIONS: 1n << 14n,
  CONFIGURE_MEM_SLOTS: 1n << 15n,
  STATUS: 1n << 16n,
  XEN_MMAP: 1n << 17n,
  SHARED_OBJECT: 1n << 18n,
  DEVICE_STATE: 1n << 19n,
} as const;

/** The names of the bits set in `bits`, for logs: `MQ|REPLY_ACK`; unknown bits by number. */
export function featureNames(bits: bigint, names: Readonly<Record<string, bigint>>): string {
  const parts: string[] = [];
  for (let bit = 0n; bit < 64n; bit++) {
    const mask = 1n << bit;
    if ((bits & mask) === 0n) continue;
    parts.push(Object.keys(names).find((name) => names[name] === mask) ?? `bit ${bit}`);
  }
  return parts.join('|') || 'none';
}
