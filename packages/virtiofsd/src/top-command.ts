import { type MetricsAddress, parseMetricsAddress } from './observe/metrics-place.js';
import { type CommandDescription, commandOf } from './options/command-description.js';
import { type OptionEntry, UsageError } from './options/entry.js';
import { parseArguments } from './options/parse.js';
import { type Print, usageError } from './options/print.js';
import { parseSeconds, parseText } from './options/values.js';
import type { TopOptions } from './top/run-top.js';

const SHORTEST = 0.1;
const LONGEST = 3600;

interface GivenTop {
  socket?: string;
  address?: MetricsAddress;
  interval?: number;
  once?: boolean;
  json?: boolean;
}

const TOP_OPTIONS: readonly OptionEntry<GivenTop>[] = [
  {
    name: 'socket',
    group: 'Observation',
    value: 'SOCK',
    completes: 'file',
    help: 'what the daemon was given as --metrics-socket',
    take: (given, text) => {
      given.socket = parseText(text, 'give the path of the socket');
    },
  },
  {
    name: 'address',
    group: 'Observation',
    value: 'HOST:PORT',
    help: 'or what it was given as --metrics',
    take: (given, text) => {
      given.address = parseMetricsAddress(text);
    },
  },
  {
    name: 'interval',
    group: 'Observation',
    value: 'SECONDS',
    default: '1',
    help: 'how often to look',
    take: (given, text) => {
      given.interval = parseSeconds(text);
      if (given.interval < SHORTEST || given.interval > LONGEST) {
        throw new UsageError(`give ${SHORTEST} to ${LONGEST} seconds`);
      }
    },
  },
  {
    name: 'once',
    group: 'Observation',
    help: 'show what has happened since the daemon was started, and exit',
    take: (given) => {
      given.once = true;
    },
  },
  {
    name: 'json',
    group: 'Observation',
    help: 'print a line of JSON each time',
    take: (given) => {
      given.json = true;
    },
  },
];

export const TOP: CommandDescription<GivenTop> = {
  name: 'virtiofsd top',
  summary: 'shows what a running daemon does',
  description:
    'Shows what a daemon does that was started with --metrics-socket or --metrics: on a terminal as a table that changes, ' +
    'else as a line each time.',
  operands: [],
  options: TOP_OPTIONS,
};

/** What the command line asks for. */
export type TopRequest = { readonly kind: 'top'; readonly options: TopOptions } | Print;

/** Reads the arguments behind `top`. */
export function parseTopCommand(args: readonly string[]): TopRequest {
  const given: GivenTop = {};
  const parsed = parseArguments(commandOf(TOP), TOP.options, args, given);
  if (parsed.kind === 'print') return parsed;
  const { socket, address, interval = 1, once = false, json = false } = given;
  const place = socket ?? address;
  if (place === undefined || (socket !== undefined && address !== undefined)) {
    return usageError('give one of --socket and --address', TOP.name);
  }
  return { kind: 'top', options: { place, interval, once, json } };
}
