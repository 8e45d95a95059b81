/**
 * Programs of the classic Berkeley packet filter, as seccomp(2) runs them: an instruction is 8 bytes, { u16 code, u8
 * jt, u8 jf, u32 k }, jumps go forward only.
 */

const LD_W_ABS = 0x20;
const JMP_JA = 0x05;
const JMP_JEQ_K = 0x15;
const JMP_JGE_K = 0x35;
const RET_K = 0x06;

/** The most instructions the kernel takes. */
export const BPF_MAXINSNS = 4096;
export const SIZEOF_SOCK_FILTER = 8;

/** One instruction. */
export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** Loads the u32 at `offset` of struct seccomp_data into the accumulator. */
export function load(offset: number): Instruction {
  return { code: LD_W_ABS, jt: 0, jf: 0, k: offset };
}

/** Ends the program. */
export function ret(value: number): Instruction {
  return { code: RET_K, jt: 0, jf: 0, k: value };
}

/** Goes on with `then` when the accumulator is `value`, else with `otherwise`. */
export function ifEqual(
  value: number,
  then: readonly Instruction[],
  otherwise: readonly Instruction[],
): Instruction[] {
  return branch(JMP_JEQ_K, value, then, otherwise);
}

/** Goes on with `then` when the accumulator is at least `value`, unsigned, else with `otherwise`. */
export function ifAtLeast(
  value: number,
  then: readonly Instruction[],
  otherwise: readonly Instruction[],
): Instruction[] {
  return branch(JMP_JGE_K, value, then, otherwise);
}

/** Both parts must end the program. */
function branch(
  code: number,
  k: number,
  then: readonly Instruction[],
  otherwise: readonly Instruction[],
): Instruction[] {
  // A conditional jump reaches 255 instructions far, an unconditional one any distance.
  if (then.length <= 0xff) return [{ code, jt: 0, jf: then.length, k }, ...then, ...otherwise];
  return [{ code, jt: 1, jf: 0, k }, { code: JMP_JA, jt: 0, jf: 0, k: then.length }, ...then, ...otherwise];
}

/** The bytes of a program. */
export function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * SIZEOF_SOCK_FILTER);
  const view = new DataView(bytes.buffer);
  for (const [i, { code, jt, jf, k }] of program.entries()) {
    const at = i * SIZEOF_SOCK_FILTER;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, jt);
    view.setUint8(at + 3, jf);
    view.setUint32(at + 4, k, true);
  }
  return bytes;
}
