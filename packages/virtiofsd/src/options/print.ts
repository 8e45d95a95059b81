import { withoutControls } from '../log.js';

/** Print `text` and exit with `status`: help, version, or a usage error. */
export interface Print {
  readonly kind: 'print';
  readonly text: string;
  readonly status: number;
}

/** The exit status of a mistake on the command line. */
export const USAGE_STATUS = 2;

/** A mistake on the command line, in one line that ends by naming the help of `command`. */
export function usageError(message: string, command: string): Print {
  return {
    kind: 'print',
    text: `virtiofsd: ${withoutControls(message)}; see ${command} --help\n`,
    status: USAGE_STATUS,
  };
}
