/** What a filter program returns for a struct seccomp_data: the kernel's interpreter, for the instructions that src/bpf.ts writes. */
export function evaluate(program: Uint8Array, data: DataView): number {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const k = view.getUint32(at + 4, true);
    const jump = (holds: boolean): number => view.getUint8(at + (holds ? 2 : 3)) * 8;
    switch (view.getUint16(at, true)) {
      case 0x20:
        accumulator = data.getUint32(k, true);
        break;
      case 0x05:
        at += k * 8;
        break;
      case 0x15:
        at += jump(accumulator === k);
        break;
      case 0x35:
        at += jump(accumulator >= k);
        break;
      case 0x06:
        return k;
      default:
        throw new RangeError('an unknown instruction');
    }
  }
  throw new RangeError('the program does not end');
}
