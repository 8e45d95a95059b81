import { SYSCALLS } from './constants/syscalls.js';

/** A system call of Linux on x86-64 or arm64. */
export type SyscallName = keyof typeof SYSCALLS;

/** An architecture whose system calls are known here, as `process.arch` names it. */
export type SyscallArch = 'x64' | 'arm64';

const tables = new Map<SyscallArch, Map<number, SyscallName>>();

/** The architecture of this process. @throws RangeError when its system calls are not known here */
export function syscallArch(arch: string = process.arch): SyscallArch {
  if (arch !== 'x64' && arch !== 'arm64') throw new RangeError(`the system calls of ${arch} are not known`);
  return arch;
}

/**
 * The number of a system call, or undefined when the architecture does not have it.
 *
 * @param arch - @default that of this process
 * @throws RangeError for a name that no architecture has
 */
export function syscallNumber(name: SyscallName, arch: SyscallArch = syscallArch()): number | undefined {
  if (!Object.hasOwn(SYSCALLS, name)) throw new RangeError(`there is no system call '${String(name)}'`);
  const number = SYSCALLS[name][arch === 'x64' ? 0 : 1];
  return number < 0 ? undefined : number;
}

/** The name of a system call, or undefined for a number without one. */
export function syscallName(number: number, arch: SyscallArch = syscallArch()): SyscallName | undefined {
  let table = tables.get(arch);
  if (!table) {
    table = new Map();
    for (const name of Object.keys(SYSCALLS) as SyscallName[]) {
      const each = syscallNumber(name, arch);
      if (each !== undefined) table.set(each, name);
    }
    tables.set(arch, table);
  }
  return table.get(number);
}
