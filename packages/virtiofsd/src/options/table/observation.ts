import { parseMetricsAddress } from '../../observe/metrics-place.js';
import type { OptionEntry } from '../entry.js';
import type { Given } from '../given.js';
import { parseText, parseWhole } from '../values.js';

const LONGEST = 3_600_000;
const MOST_DATA = 1 << 20;
const LARGEST_TRACE = 1 << 20;

/** What can be seen of the daemon while it serves. */
export const OBSERVATION_ENTRIES: readonly OptionEntry<Given>[] = [
  {
    name: 'metrics-socket',
    group: 'Observation',
    value: 'SOCK',
    completes: 'file',
    help: 'publish metrics in OpenMetrics format at a Unix socket of this path, over HTTP (GET /metrics)',
    details: [
      'Only the user of the daemon can connect; what a dead daemon has left at the path is replaced.',
    ],
    take: (given, text) => {
      given.metricsSocket = parseText(text, 'give the path of the socket to create');
    },
  },
  {
    name: 'metrics',
    group: 'Observation',
    value: 'HOST:PORT',
    help: 'publish them at a TCP port too; without a host only this machine reaches it',
    details: [
      'HOST is an IPv4 address or an IPv6 address in brackets. There is no access control: whoever reaches the port can read.',
    ],
    take: (given, text) => {
      given.metricsAddress = parseMetricsAddress(text);
    },
  },
  {
    name: 'slow-request-ms',
    group: 'Observation',
    value: 'MS',
    default: '0',
    help: 'warn of requests that take at least this long; with 0 of none',
    take: (given, text) => {
      given.slowRequestMs = parseWhole(text, 0, LONGEST);
    },
  },
  {
    name: 'trace',
    group: 'Observation',
    value: 'FILE',
    completes: 'file',
    help: "record requests and replies in a file, for 'virtiofsd replay'; names are in it, data of files is not",
    details: [
      'The file must not lie in the shared folder. One that exists is overwritten if it is empty or an earlier recording.',
    ],
    take: (given, text) => {
      given.traceFile = parseText(text, 'give the path of the file to write');
    },
  },
  {
    name: 'trace-data',
    group: 'Observation',
    value: 'BYTES',
    default: '0',
    help: 'how much to record of the data of each READ and WRITE, and of values of extended attributes',
    take: (given, text) => {
      given.traceData = parseWhole(text, 0, MOST_DATA);
    },
  },
  {
    name: 'trace-limit',
    group: 'Observation',
    value: 'MIB',
    default: '1024',
    help: 'stop recording when the file has this size',
    take: (given, text) => {
      given.traceLimitMib = parseWhole(text, 1, LARGEST_TRACE);
    },
  },
];
