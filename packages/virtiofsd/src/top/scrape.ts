import { get } from 'node:http';
import { addressText, type MetricsAddress } from '../observe/metrics-place.js';
import { errorCode, StartError } from '../start-error.js';
import { type Metrics, MetricsFormatError, readMetrics } from './read-metrics.js';

/** In milliseconds: the daemon waits a second for a worker that does not answer. */
const TIMEOUT = 5000;
const LONGEST = 4 << 20;

/** Where a daemon publishes its metrics: the path of a socket, or an address. */
export type MetricsPlace = string | MetricsAddress;

/** How a place is written. */
export function placeText(place: MetricsPlace): string {
  return typeof place === 'string' ? place : addressText(place);
}

/** Asks a daemon for its metrics. @throws StartError */
export async function scrape(place: MetricsPlace): Promise<Metrics> {
  try {
    return readMetrics(await fetchText(place));
  } catch (error) {
    const code = errorCode(error);
    if (error instanceof MetricsFormatError) {
      throw new StartError(`what is at ${placeText(place)} is no virtiofsd: ${error.message}`);
    }
    if (code === undefined) throw error;
    const absent = code === 'ENOENT' || code === 'ECONNREFUSED';
    const advice = absent
      ? 'is a daemon running with --metrics-socket or --metrics, and this its place?'
      : (error as Error).message;
    throw new StartError(`no metrics at ${placeText(place)} (${code}): ${advice}`);
  }
}

function fetchText(place: MetricsPlace): Promise<string> {
  const where = typeof place === 'string' ? { socketPath: place } : place;
  return new Promise((resolve, reject) => {
    const request = get({ ...where, path: '/metrics', timeout: TIMEOUT, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > LONGEST) request.destroy(new MetricsFormatError('the metrics do not end'));
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new MetricsFormatError(`it answers with status ${response.statusCode}`));
      });
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    request.on('error', reject);
  });
}
