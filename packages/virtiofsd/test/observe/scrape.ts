import { type IncomingHttpHeaders, request } from 'node:http';
import { type ParsedFamily, parseOpenMetrics } from './open-metrics.js';

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Asks over HTTP: at the path of a socket, or a port of this machine. */
export function ask(place: string | number, { path = '/metrics', method = 'GET' } = {}): Promise<Answer> {
  const where = typeof place === 'string' ? { socketPath: place } : { host: '127.0.0.1', port: place };
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, path, method, agent: false }, (response) => {
      let text = '';
      response.on('data', (piece) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** The metrics at a place, which are what the specification says. */
export async function metricsAt(place: string | number): Promise<Found> {
  const { text } = await ask(place);
  return new Found(parseOpenMetrics(text));
}

/** Metrics to look for one in. */
export class Found {
  readonly families: readonly ParsedFamily[];

  constructor(families: readonly ParsedFamily[]) {
    this.families = families;
  }

  /** The value of the one sample of a name with these labels; undefined if there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.families
      .flatMap(({ samples }) => samples)
      .filter((sample) => sample.name === name)
      .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value));
    if (found.length > 1) throw new Error(`${found.length} samples of ${name}`);
    return found[0]?.value;
  }
}
