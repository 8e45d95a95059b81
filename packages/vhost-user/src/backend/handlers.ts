import { OwnedFd } from '@vfs/sys';
import { ProtocolError, RefusedError } from '../errors.js';
import { EventDescriptor } from '../event_descriptor.js';
import { Feature } from '../features.js';
import { DirtyLog } from '../memory/dirty_log.js';
import type { ReplyBody, RequestBody } from '../message/catalog.js';
import type { ReceivedDescriptors } from '../message/descriptors.js';
import { MAX_CONFIG_SIZE, type VringState } from '../message/payloads.js';
import { FrontendRequest } from '../message/requests.js';
import { createInflightLog, InflightLog } from './inflight.js';
import { MAX_MEMORY_SLOTS, mapTable, withoutRegion, withRegion } from './memory_table.js';
import type { Session } from './session.js';
import type { Vring } from './vring.js';

/**
 * What a request does. It returns the reply's body (anything for a request without one), or a promise of it while later
 * messages wait; an error means that the request failed, which ends the connection.
 */
export type Handler<R extends FrontendRequest> = (
  session: Session,
  body: RequestBody<R>,
  descriptors: ReceivedDescriptors,
) => [ReplyBody<R>] extends [never]
  ? unknown
  : ReplyBody<R> | ReplyWithDescriptor<ReplyBody<R>> | Promise<ReplyBody<R>>;

/** A reply that carries a descriptor, which is closed once it is sent. */
export class ReplyWithDescriptor<T> {
  constructor(
    readonly body: T,
    readonly file: OwnedFd,
  ) {}
}

/** Bits of SET_VRING_KICK, CALL and ERR. */
const VRING_INDEX_MASK = 0xffn;
const VRING_NO_DESCRIPTOR = 0x100n;

const F = FrontendRequest;

/** The requests that are supported; each belongs to a section of the same name in the specification. */
export const handlers: { readonly [R in FrontendRequest]?: Handler<R> } = {
  [F.GET_FEATURES]: (session) => session.negotiation.offered,
  [F.SET_FEATURES]: (session, features) => session.acceptFeatures(features),
  [F.GET_PROTOCOL_FEATURES]: (session) => session.negotiation.offeredProtocol,
  [F.SET_PROTOCOL_FEATURES]: (session, features) => session.negotiation.acceptProtocol(features),
  [F.SET_OWNER]: (session) => {
    if (session.owned) throw new ProtocolError('BAD_STATE', 'SET_OWNER for a second time');
    session.owned = true;
  },
  // Deprecated: the specification recommends to ignore it or to disable all rings.
  [F.RESET_OWNER]: (session) => {
    session.owned = false;
    for (const vring of session.vrings) vring.setEnabled(false);
  },
  [F.SET_MEM_TABLE]: (session, regions, descriptors) => session.replaceMemory(mapTable(regions, descriptors)),

  [F.SET_BACKEND_REQ_FD]: (session, _body, descriptors) => session.openChannel(descriptors.take()!),
  [F.SET_LOG_BASE]: (session, { logSize, logOffset }, descriptors) => {
    using file = new OwnedFd(descriptors.take()!);
    session.setLog(new DirtyLog(logSize, logOffset, file.fd));
    return 0n;
  },
  [F.SET_LOG_FD]: (session, _body, descriptors) =>
    session.setLogEvent(new EventDescriptor('the log descriptor', descriptors.take()!)),

  [F.GET_INFLIGHT_FD]: (session, wanted) => {
    const packed = session.negotiation.has(Feature.RING_PACKED);
    const { description, file } = createInflightLog(wanted, session.vrings.length, packed);
    return new ReplyWithDescriptor(description, file);
  },
  [F.SET_INFLIGHT_FD]: (session, description, descriptors) => {
    using file = new OwnedFd(descriptors.take()!);
    const packed = session.negotiation.has(Feature.RING_PACKED);
    session.setInflightLog(new InflightLog(description, file.fd, session.vrings.length, packed));
  },

  [F.GET_MAX_MEM_SLOTS]: () => BigInt(MAX_MEMORY_SLOTS),
  [F.ADD_MEM_REG]: (session, region, descriptors) =>
    session.replaceMemory(withRegion(session.memory, region, descriptors)),
  [F.REM_MEM_REG]: (session, region) => session.replaceMemory(withoutRegion(session.memory, region)),

  [F.RESET_DEVICE]: (session) => session.reset(),
  [F.SET_STATUS]: (session, status) => {
    if (status > 0xffn) throw new ProtocolError('BAD_VALUE', `a device status of 0x${status.toString(16)}`);
    // Zero is a reset in virtio, but front-ends also say it when they merely pause: RESET_DEVICE is what resets.
    session.status = Number(status);
  },
  [F.GET_STATUS]: (session) => BigInt(session.status),

  [F.SET_DEVICE_STATE_FD]: (session, { direction, phase }, descriptors) => {
    const suspended = !session.vrings.some(({ running }) => running);
    return session.deviceState.start(direction, phase, descriptors.take()!, suspended);
  },
  [F.CHECK_DEVICE_STATE]: (session) => session.deviceState.check(),

  [F.GET_QUEUE_NUM]: (session) => BigInt(session.vrings.length),
  [F.SET_VRING_NUM]: (session, { index, num }) => session.vring(index).setSize(num, session.maxQueueSize),
  [F.SET_VRING_ADDR]: (session, address) => session.vring(address.index).setAddress(address, session.memory),
  [F.SET_VRING_BASE]: (session, { index, num }) => session.vring(index).setBase(num),
  [F.GET_VRING_BASE]: (session, { index }) => {
    const vring = session.vring(index);
    return new Promise<VringState>((resolve) => vring.stop((num) => resolve({ index, num })));
  },
  [F.SET_VRING_KICK]: (session, value, descriptors) => {
    const vring = ringOf(session, value);
    vring.setKick(takeEvent('kick', vring, value, descriptors));
  },
  [F.SET_VRING_CALL]: (session, value, descriptors) => {
    const vring = ringOf(session, value);
    vring.setCall(takeEvent('call', vring, value, descriptors));
  },
  [F.SET_VRING_ERR]: (session, value, descriptors) => {
    const vring = ringOf(session, value);
    vring.setError(takeEvent('error', vring, value, descriptors));
  },
  [F.SET_VRING_ENABLE]: (session, { index, num }) => {
    if (num > 1) throw new ProtocolError('BAD_VALUE', `SET_VRING_ENABLE with ${num}, 0 or 1 are legal`);
    session.vring(index).setEnabled(num === 1);
  },

  [F.GET_CONFIG]: (session, { offset, size, flags }) => {
    // An empty payload tells the front-end that its request cannot be met.
    const payload = new Uint8Array(offset + size > MAX_CONFIG_SIZE ? 0 : size);
    const config = session.device.config ?? payload;
    // Fields that this device does not have read as zeros.
    payload.set(config.subarray(Math.min(offset, config.length), offset + payload.length));
    return { offset, size: payload.length, flags, payload };
  },
  [F.SET_CONFIG]: (session, { offset, size, flags, payload }) => {
    const { device } = session;
    if (flags > 1 || payload.length !== size) {
      throw new ProtocolError('BAD_VALUE', `SET_CONFIG with flags ${flags} and ${payload.length} bytes`);
    }
    if (offset + size > (device.config?.length ?? 0)) {
      throw new RefusedError(`${size} bytes at ${offset} are beyond the configuration space`);
    }
    if (!device.writeConfig?.(offset, payload, flags === 1)) {
      throw new RefusedError(`${size} bytes at ${offset} of the configuration space are read-only`);
    }
  },
};

function ringOf(session: Session, value: bigint): Vring {
  if ((value & ~(VRING_INDEX_MASK | VRING_NO_DESCRIPTOR)) !== 0n) {
    throw new ProtocolError(
      'BAD_VALUE',
      `unknown bits in a ring's descriptor request: 0x${value.toString(16)}`,
    );
  }
  return session.vring(Number(value & VRING_INDEX_MASK));
}

/** The descriptor of SET_VRING_KICK, CALL or ERR, or undefined when bit 8 says that there is none. */
function takeEvent(
  kind: string,
  vring: Vring,
  value: bigint,
  descriptors: ReceivedDescriptors,
): EventDescriptor | undefined {
  const none = (value & VRING_NO_DESCRIPTOR) !== 0n;
  const what = `the ${kind} descriptor of queue ${vring.index}`;
  if (none !== (descriptors.count === 0)) {
    throw new ProtocolError('BAD_DESCRIPTORS', none ? `${what} came unannounced` : `${what} is missing`);
  }
  const fd = descriptors.take();
  return fd === undefined ? undefined : new EventDescriptor(what, fd);
}
