import type { Device } from '../device.js';
import { ProtocolError } from '../errors.js';
import { Feature, featureNames, ProtocolFeature } from '../features.js';

/** What the transport can do for any device. */
const TRANSPORT_FEATURES =
  Feature.VERSION_1 |
  Feature.PROTOCOL_FEATURES |
  Feature.EVENT_IDX |
  Feature.INDIRECT_DESC |
  Feature.RING_PACKED |
  Feature.LOG_ALL;
const TRANSPORT_PROTOCOL_FEATURES =
  ProtocolFeature.MQ |
  ProtocolFeature.LOG_SHMFD |
  ProtocolFeature.REPLY_ACK |
  ProtocolFeature.INFLIGHT_SHMFD |
  ProtocolFeature.RESET_DEVICE |
  ProtocolFeature.CONFIGURE_MEM_SLOTS |
  ProtocolFeature.STATUS;

/** The feature bits of a session: what is offered, and what the front-end has chosen so far. */
export class Negotiation {
  /** Virtio feature bits, as GET_FEATURES answers. */
  readonly offered: bigint;
  /** Protocol feature bits, as GET_PROTOCOL_FEATURES answers. */
  readonly offeredProtocol: bigint;
  #accepted = 0n;
  #acceptedProtocol = 0n;

  constructor(device: Device) {
    this.offered = TRANSPORT_FEATURES | device.features;
    let protocol = TRANSPORT_PROTOCOL_FEATURES;
    if (device.config !== undefined) protocol |= ProtocolFeature.CONFIG;
    if (device.saveState !== undefined && device.loadState !== undefined) {
      protocol |= ProtocolFeature.DEVICE_STATE;
    }
    if (device.useChannel !== undefined) {
      protocol |= ProtocolFeature.BACKEND_REQ | ProtocolFeature.BACKEND_SEND_FD;
    }
    this.offeredProtocol = protocol;
  }

  /** SET_FEATURES. @throws ProtocolError NOT_NEGOTIATED for a bit that was not offered */
  accept(features: bigint): void {
    expectSubset('feature', features, this.offered, Feature);
    this.#accepted = features;
  }

  /** SET_PROTOCOL_FEATURES. @throws ProtocolError NOT_NEGOTIATED for a bit that was not offered */
  acceptProtocol(features: bigint): void {
    expectSubset('protocol feature', features, this.offeredProtocol, ProtocolFeature);
    this.#acceptedProtocol = features;
  }

  /** Whether all bits of `feature` are in use. */
  has(feature: bigint): boolean {
    return (this.#accepted & feature) === feature;
  }

  hasProtocol(feature: bigint): boolean {
    return (this.#acceptedProtocol & feature) === feature;
  }

  offersProtocol(feature: bigint): boolean {
    return (this.offeredProtocol & feature) === feature;
  }

  /** What was accepted, for logs. */
  toString(): string {
    const features = featureNames(this.#accepted, Feature);
    return `features ${features}, protocol features ${featureNames(this.#acceptedProtocol, ProtocolFeature)}`;
  }
}

function expectSubset(
  what: string,
  bits: bigint,
  offered: bigint,
  names: Readonly<Record<string, bigint>>,
): void {
  const extra = bits & ~offered;
  if (extra !== 0n) {
    throw new ProtocolError('NOT_NEGOTIATED', `${what} ${featureNames(extra, names)} was not offered`);
  }
}
