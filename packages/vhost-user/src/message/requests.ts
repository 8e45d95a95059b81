/**
 * Requests of the front-end (specification: "Front-end message types"). Names are the specification's without the
 * VHOST_USER_ prefix.
 */
export enum FrontendRequest {
  /** Which virtio features the device has. */
  GET_FEATURES = 1,
  /** Which of them the driver uses. */
  SET_FEATURES = 2,
  /** Start of a session. */
  SET_OWNER = 3,
  /** Deprecated by the specification: disables all rings. */
  RESET_OWNER = 4,
  /** The whole memory table, one descriptor per region. */
  SET_MEM_TABLE = 5,
  /** The dirty log of a migration. */
  SET_LOG_BASE = 6,
  /** An eventfd that tells about changes of the dirty log. */
  SET_LOG_FD = 7,
  /** Ring size. */
  SET_VRING_NUM = 8,
  /** The three addresses of a ring. */
  SET_VRING_ADDR = 9,
  /** Where in the available ring to start. */
  SET_VRING_BASE = 10,
  /** Stops a ring and tells where in the available ring it stopped. */
  GET_VRING_BASE = 11,
  /** The eventfd of the driver's notifications. */
  SET_VRING_KICK = 12,
  /** The eventfd of the device's notifications. */
  SET_VRING_CALL = 13,
  /** The eventfd that tells about a ring that went wrong. */
  SET_VRING_ERR = 14,
  /** Which protocol features the back-end has. */
  GET_PROTOCOL_FEATURES = 15,
  /** Which of them the front-end uses. */
  SET_PROTOCOL_FEATURES = 16,
  /** How many queues the device has. */
  GET_QUEUE_NUM = 17,
  /** Enables or disables a ring. */
  SET_VRING_ENABLE = 18,
  /** Network devices: announce the guest's address. */
  SEND_RARP = 19,
  /** Network devices: the host's MTU. */
  NET_SET_MTU = 20,
  /** The socket of the back-end's own requests. */
  SET_BACKEND_REQ_FD = 21,
  /** IOMMU translations. */
  IOTLB_MSG = 22,
  /** Byte order of a legacy ring. */
  SET_VRING_ENDIAN = 23,
  /** Reads the configuration space. */
  GET_CONFIG = 24,
  /** Writes the configuration space. */
  SET_CONFIG = 25,
  /** Crypto devices. */
  CREATE_CRYPTO_SESSION = 26,
  /** Crypto devices. */
  CLOSE_CRYPTO_SESSION = 27,
  /** Post-copy migration: asks for a userfaultfd. */
  POSTCOPY_ADVISE = 28,
  /** Post-copy migration: begins. */
  POSTCOPY_LISTEN = 29,
  /** Post-copy migration: is over. */
  POSTCOPY_END = 30,
  /** A new in-flight log. */
  GET_INFLIGHT_FD = 31,
  /** The in-flight log to use, or to recover from. */
  SET_INFLIGHT_FD = 32,
  /** GPU devices. */
  GPU_SET_SOCKET = 33,
  /** Back to the initial state, keeping the owner. */
  RESET_DEVICE = 34,
  /** A kick as a message (in-band notifications). */
  VRING_KICK = 35,
  /** How many memory regions the back-end can take. */
  GET_MAX_MEM_SLOTS = 36,
  /** Adds one memory region. */
  ADD_MEM_REG = 37,
  /** Removes one memory region. */
  REM_MEM_REG = 38,
  /** The virtio device status. */
  SET_STATUS = 39,
  /** The virtio device status. */
  GET_STATUS = 40,
  /** A shared object by its UUID. */
  GET_SHARED_OBJECT = 41,
  /** Where to write the device state to, or read it from. */
  SET_DEVICE_STATE_FD = 42,
  /** Whether the transfer of the device state succeeded. */
  CHECK_DEVICE_STATE = 43,
  /** Which shared memory regions the device has. */
  GET_SHMEM_CONFIG = 44,
}

/** Requests of the back-end (specification: "Back-end message types"), on the socket of SET_BACKEND_REQ_FD. */
export enum BackendRequest {
  /** An IOTLB miss or access failure. */
  IOTLB_MSG = 1,
  /** The configuration space has changed. */
  CONFIG_CHANGE_MSG = 2,
  /** A page that the guest writes to in order to notify. */
  VRING_HOST_NOTIFIER_MSG = 3,
  /** A call as a message (in-band notifications). */
  VRING_CALL = 4,
  /** A ring error as a message (in-band notifications). */
  VRING_ERR = 5,
  /** Publishes a shared object. */
  SHARED_OBJECT_ADD = 6,
  /** Withdraws a shared object. */
  SHARED_OBJECT_REMOVE = 7,
  /** Asks for a shared object. */
  SHARED_OBJECT_LOOKUP = 8,
  /** Maps a file into a shared memory region of the device. */
  SHMEM_MAP = 9,
  /** Undoes SHMEM_MAP. */
  SHMEM_UNMAP = 10,
}

/** The request's name as the specification spells it, for logs; unknown ones by number. */
export function requestName(request: number): string {
  const name = FrontendRequest[request];
  return name === undefined ? `request ${request}` : `VHOST_USER_${name}`;
}

/** As {@link requestName}, for requests of the back-end. */
export function backendRequestName(request: number): string {
  const name = BackendRequest[request];
  return name === undefined ? `back-end request ${request}` : `VHOST_USER_BACKEND_${name}`;
}
