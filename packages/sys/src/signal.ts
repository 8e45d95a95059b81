import { constants } from 'node:os';

/** A signal: its name or its number of 1 to 64. */
export type Signal = NodeJS.Signals | number;

const numbers = new Map<string, number>(Object.entries(constants.signals));
const names = new Map<number, NodeJS.Signals>();
for (const [name, number] of numbers) if (!names.has(number)) names.set(number, name as NodeJS.Signals);

/** The number of a signal. @throws RangeError for a name that does not exist, or a number out of range */
export function signalNumber(signal: Signal): number {
  const number = typeof signal === 'number' ? signal : numbers.get(signal);
  if (number === undefined || !Number.isInteger(number) || number < 1 || number > 64) {
    throw new RangeError(`there is no signal ${String(signal)}`);
  }
  return number;
}

/** The name of a signal: `'SIGTERM'`; `'SIG<number>'` for one without a name. */
export function signalName(number: number): string {
  return names.get(number) ?? `SIG${number}`;
}
