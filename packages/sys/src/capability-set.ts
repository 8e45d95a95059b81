import * as numbers from './constants/capability.js';
import { checkInt, checkU64, high32, joinU64, low32, type U64 } from './u64.js';

/** The name of a capability, as capabilities(7) has it: `'CAP_CHOWN'`. */
export type CapabilityName = keyof typeof numbers;

/** A capability: its name, in any case and with or without `CAP_`, or its number. */
export type Capability = CapabilityName | (string & {}) | number;

const names: readonly string[] = Object.entries(numbers)
  .sort(([, a], [, b]) => a - b)
  .map(([name]) => name);

/**
 * The number of a capability.
 *
 * @param capability - `'CAP_SYS_ADMIN'`, `'sys_admin'`, or a number of 0 to 63: the kernel may know more than this
 *   package
 * @throws RangeError for a name that does not exist or a number out of range
 */
export function capabilityNumber(capability: Capability): number {
  if (typeof capability === 'number') return checkInt(capability, 'capability', 0, 63);
  const name = String(capability).toUpperCase();
  const number = names.indexOf(name.startsWith('CAP_') ? name : `CAP_${name}`);
  if (number < 0) throw new RangeError(`there is no capability '${capability}'`);
  return number;
}

/** The name of a capability: `'CAP_CHOWN'`; `'CAP_<number>'` for one without a name here. */
export function capabilityName(number: number): CapabilityName | `CAP_${number}` {
  return (names[checkInt(number, 'number', 0, 63)] as CapabilityName | undefined) ?? `CAP_${number}`;
}

/** A set of capabilities. Immutable; iterates over their numbers, ascending. */
export class CapabilitySet implements Iterable<number> {
  /** No capability. */
  static readonly none = new CapabilitySet(0, 0);

  private constructor(
    /** Capabilities 0 to 31, as a u32. */
    readonly low: number,
    /** Capabilities 32 to 63, as a u32. */
    readonly high: number,
  ) {}

  /** `CapabilitySet.of('chown', 'CAP_KILL')`. @throws RangeError for a name that does not exist */
  static of(...capabilities: readonly Capability[]): CapabilitySet {
    return CapabilitySet.none.with(...capabilities);
  }

  /** The set with these bits. */
  static fromMask(mask: U64): CapabilitySet {
    checkU64(mask, 'mask');
    return CapabilitySet.fromHalves(low32(mask), high32(mask));
  }

  /** The set with these bits, in two halves. */
  static fromHalves(low: number, high: number): CapabilitySet {
    return new CapabilitySet(low >>> 0, high >>> 0);
  }

  /** One bit per capability: a bigint only beyond 2^53−1, where the kernel has none yet. */
  get mask(): U64 {
    return joinU64(this.low, this.high);
  }

  get isEmpty(): boolean {
    return this.low === 0 && this.high === 0;
  }

  has(capability: Capability): boolean {
    const number = capabilityNumber(capability);
    return (((number < 32 ? this.low : this.high) >>> (number & 31)) & 1) === 1;
  }

  /** This set and more. */
  with(...capabilities: readonly Capability[]): CapabilitySet {
    let [low, high] = [this.low, this.high];
    for (const number of capabilities.map(capabilityNumber)) {
      if (number < 32) low |= 1 << number;
      else high |= 1 << (number - 32);
    }
    return CapabilitySet.fromHalves(low, high);
  }

  /** This set and less. */
  without(...capabilities: readonly Capability[]): CapabilitySet {
    return this.minus(CapabilitySet.of(...capabilities));
  }

  union(other: CapabilitySet): CapabilitySet {
    return CapabilitySet.fromHalves(this.low | other.low, this.high | other.high);
  }

  intersection(other: CapabilitySet): CapabilitySet {
    return CapabilitySet.fromHalves(this.low & other.low, this.high & other.high);
  }

  minus(other: CapabilitySet): CapabilitySet {
    return CapabilitySet.fromHalves(this.low & ~other.low, this.high & ~other.high);
  }

  equals(other: CapabilitySet): boolean {
    return this.low === other.low && this.high === other.high;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let number = 0; number < 64; number++) if (this.has(number)) yield number;
  }

  /** The names, in the kernel's order. */
  names(): string[] {
    return [...this].map(capabilityName);
  }

  toString(): string {
    return this.names().join(',');
  }
}
