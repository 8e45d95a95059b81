import { ProtocolFeature } from '../features.js';
import {
  configPayload,
  deviceStatePayload,
  emptyPayload,
  inflightPayload,
  iotlbPayload,
  logPayload,
  memoryTablePayload,
  opaquePayload,
  sharedObjectPayload,
  shmemConfigPayload,
  shmemMapPayload,
  singleRegionPayload,
  u64Payload,
  vringAddressPayload,
  vringAreaPayload,
  vringStatePayload,
} from './payloads.js';
import { BackendRequest, FrontendRequest } from './requests.js';
import type { Codec } from './struct.js';

/** What the specification says about a request, apart from what it does. */
export interface RequestRule<T = unknown, TI = T, R = unknown, RI = R> {
  readonly body: Codec<T, TI>;
  /** The reply's body; absent: the request has no reply of its own, only an acknowledgement where one is asked for. */
  readonly reply?: Codec<R, RI>;
  /** Fewest and most descriptors that the request carries. @default [0, 0] */
  readonly descriptors?: readonly [fewest: number, most: number];
  /** The protocol feature the request belongs to. */
  readonly feature?: bigint;
  /** The feature has to be offered only, not negotiated, before the request is legal. */
  readonly offeredSuffices?: boolean;
}

function rule<T, TI, R = never, RI = never>(rule: RequestRule<T, TI, R, RI>): RequestRule<T, TI, R, RI> {
  return rule;
}

const F = FrontendRequest;
const P = ProtocolFeature;

/** Every request of the front-end (specification: "Front-end message types"). */
export const frontendRequests = {
  [F.GET_FEATURES]: rule({ body: emptyPayload, reply: u64Payload }),
  [F.SET_FEATURES]: rule({ body: u64Payload }),
  [F.SET_OWNER]: rule({ body: emptyPayload }),
  [F.RESET_OWNER]: rule({ body: emptyPayload }),
  [F.SET_MEM_TABLE]: rule({ body: memoryTablePayload, descriptors: [0, 32] }),
  [F.SET_LOG_BASE]: rule({
    body: logPayload,
    // Without REPLY_ACK too: the front-end waits until its log is in use.
    reply: u64Payload,
    descriptors: [1, 1],
    feature: P.LOG_SHMFD,
  }),
  [F.SET_LOG_FD]: rule({ body: emptyPayload, descriptors: [1, 1] }),
  [F.SET_VRING_NUM]: rule({ body: vringStatePayload }),
  [F.SET_VRING_ADDR]: rule({ body: vringAddressPayload }),
  [F.SET_VRING_BASE]: rule({ body: vringStatePayload }),
  [F.GET_VRING_BASE]: rule({ body: vringStatePayload, reply: vringStatePayload }),
  [F.SET_VRING_KICK]: rule({ body: u64Payload, descriptors: [0, 1] }),
  [F.SET_VRING_CALL]: rule({ body: u64Payload, descriptors: [0, 1] }),
  [F.SET_VRING_ERR]: rule({ body: u64Payload, descriptors: [0, 1] }),
  [F.GET_PROTOCOL_FEATURES]: rule({ body: emptyPayload, reply: u64Payload }),
  [F.SET_PROTOCOL_FEATURES]: rule({ body: u64Payload }),
  [F.GET_QUEUE_NUM]: rule({ body: emptyPayload, reply: u64Payload, feature: P.MQ, offeredSuffices: true }),
  [F.SET_VRING_ENABLE]: rule({ body: vringStatePayload }),
  [F.SEND_RARP]: rule({ body: u64Payload, feature: P.RARP }),
  [F.NET_SET_MTU]: rule({ body: u64Payload, feature: P.NET_MTU }),
  [F.SET_BACKEND_REQ_FD]: rule({
    body: emptyPayload,
    descriptors: [1, 1],
    feature: P.BACKEND_REQ,
    offeredSuffices: true,
  }),
  [F.IOTLB_MSG]: rule({ body: iotlbPayload, reply: u64Payload }),
  [F.SET_VRING_ENDIAN]: rule({ body: vringStatePayload, feature: P.CROSS_ENDIAN }),
  [F.GET_CONFIG]: rule({ body: configPayload, reply: configPayload, feature: P.CONFIG }),
  [F.SET_CONFIG]: rule({ body: configPayload, feature: P.CONFIG }),
  [F.CREATE_CRYPTO_SESSION]: rule({ body: opaquePayload, reply: opaquePayload, feature: P.CRYPTO_SESSION }),
  [F.CLOSE_CRYPTO_SESSION]: rule({ body: u64Payload, feature: P.CRYPTO_SESSION }),
  [F.POSTCOPY_ADVISE]: rule({ body: emptyPayload, reply: emptyPayload, feature: P.PAGEFAULT }),
  [F.POSTCOPY_LISTEN]: rule({ body: emptyPayload, feature: P.PAGEFAULT }),
  [F.POSTCOPY_END]: rule({ body: emptyPayload, reply: u64Payload, feature: P.PAGEFAULT }),
  [F.GET_INFLIGHT_FD]: rule({ body: inflightPayload, reply: inflightPayload, feature: P.INFLIGHT_SHMFD }),
  [F.SET_INFLIGHT_FD]: rule({ body: inflightPayload, descriptors: [1, 1], feature: P.INFLIGHT_SHMFD }),
  [F.GPU_SET_SOCKET]: rule({ body: emptyPayload, descriptors: [1, 1] }),
  [F.RESET_DEVICE]: rule({ body: emptyPayload, feature: P.RESET_DEVICE }),
  [F.VRING_KICK]: rule({ body: vringStatePayload, feature: P.INBAND_NOTIFICATIONS }),
  [F.GET_MAX_MEM_SLOTS]: rule({ body: emptyPayload, reply: u64Payload, feature: P.CONFIGURE_MEM_SLOTS }),
  [F.ADD_MEM_REG]: rule({ body: singleRegionPayload, descriptors: [1, 1], feature: P.CONFIGURE_MEM_SLOTS }),
  // A descriptor is legal here for the sake of old front-ends; it is closed unused.
  [F.REM_MEM_REG]: rule({ body: singleRegionPayload, descriptors: [0, 1], feature: P.CONFIGURE_MEM_SLOTS }),
  [F.SET_STATUS]: rule({ body: u64Payload, feature: P.STATUS }),
  [F.GET_STATUS]: rule({ body: emptyPayload, reply: u64Payload, feature: P.STATUS }),
  [F.GET_SHARED_OBJECT]: rule({ body: sharedObjectPayload, reply: u64Payload, feature: P.SHARED_OBJECT }),
  [F.SET_DEVICE_STATE_FD]: rule({
    body: deviceStatePayload,
    reply: u64Payload,
    descriptors: [1, 1],
    feature: P.DEVICE_STATE,
  }),
  [F.CHECK_DEVICE_STATE]: rule({ body: emptyPayload, reply: u64Payload, feature: P.DEVICE_STATE }),
  [F.GET_SHMEM_CONFIG]: rule({ body: emptyPayload, reply: shmemConfigPayload }),
} as const satisfies Record<FrontendRequest, unknown>;

const B = BackendRequest;

/**
 * Every request of the back-end (specification: "Back-end message types"). None has a reply of its own but
 * SHARED_OBJECT_LOOKUP; the others are acknowledged where that is asked for.
 */
export const backendRequests = {
  [B.IOTLB_MSG]: rule({ body: iotlbPayload }),
  [B.CONFIG_CHANGE_MSG]: rule({ body: emptyPayload, feature: P.CONFIG }),
  [B.VRING_HOST_NOTIFIER_MSG]: rule({
    body: vringAreaPayload,
    descriptors: [0, 1],
    feature: P.HOST_NOTIFIER,
  }),
  [B.VRING_CALL]: rule({ body: vringStatePayload, feature: P.INBAND_NOTIFICATIONS }),
  [B.VRING_ERR]: rule({ body: vringStatePayload, feature: P.INBAND_NOTIFICATIONS }),
  [B.SHARED_OBJECT_ADD]: rule({ body: sharedObjectPayload, feature: P.SHARED_OBJECT }),
  [B.SHARED_OBJECT_REMOVE]: rule({ body: sharedObjectPayload, feature: P.SHARED_OBJECT }),
  [B.SHARED_OBJECT_LOOKUP]: rule({ body: sharedObjectPayload, reply: u64Payload, feature: P.SHARED_OBJECT }),
  [B.SHMEM_MAP]: rule({ body: shmemMapPayload, descriptors: [1, 1] }),
  [B.SHMEM_UNMAP]: rule({ body: shmemMapPayload }),
} as const satisfies Record<BackendRequest, unknown>;

/** What a rule's body decodes to. */
export type BodyOf<Rule> = Rule extends RequestRule<infer T, infer _I, infer _R, infer _RI> ? T : never;
/** What a rule's body is encoded from. */
export type InputOf<Rule> = Rule extends RequestRule<infer _T, infer I, infer _R, infer _RI> ? I : never;
/** What a rule's reply decodes to; never where the request has no reply of its own. */
export type ReplyOf<Rule> = Rule extends RequestRule<infer _T, infer _I, infer R, infer _RI> ? R : never;

type FrontendRules = typeof frontendRequests;

/** The decoded body of a front-end's request. */
export type RequestBody<R extends FrontendRequest> = BodyOf<FrontendRules[R]>;
/** What the body of a front-end's request is encoded from. */
export type RequestInput<R extends FrontendRequest> = InputOf<FrontendRules[R]>;
/** The decoded body of the reply to a front-end's request; never where it has none. */
export type ReplyBody<R extends FrontendRequest> = ReplyOf<FrontendRules[R]>;
