import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '../log.js';
import { errorCode, StartError } from '../start-error.js';
import { FAMILIES, type Snapshot } from './families.js';
import { addressText, isLoopback, type MetricsAddress } from './metrics-place.js';
import { MetricsSocket } from './metrics-socket.js';
import { CONTENT_TYPE, exposition } from './openmetrics.js';

/** What a scraper may take, in milliseconds, and how many there may be at once. */
const TIMEOUT = 5000;
const MOST_CONNECTIONS = 32;
const LONGEST_HEADER = 8192;

/** Looks at what is to be published. */
export type Source = () => Promise<Snapshot>;

/** Publishes metrics over HTTP. */
export class MetricsServer implements Disposable {
  readonly #log: Logger;
  readonly #servers: Server[] = [];
  #socket: MetricsSocket | undefined;
  #source: Source | undefined;

  private constructor(log: Logger) {
    this.#log = log;
  }

  /** @param socket - the path of a Unix socket @throws StartError */
  static async open(
    socket: string | undefined,
    address: MetricsAddress | undefined,
    log: Logger,
  ): Promise<MetricsServer> {
    const server = new MetricsServer(log);
    try {
      if (socket !== undefined) await server.#listenAt(socket);
      if (address !== undefined) await server.#listenOn(address);
      return server;
    } catch (error) {
      server[Symbol.dispose]();
      throw error;
    }
  }

  /** From now on there is something to publish. */
  attend(source: Source): void {
    this.#source = source;
  }

  [Symbol.dispose](): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
    this.#socket?.[Symbol.dispose]();
  }

  async #listenAt(path: string): Promise<void> {
    this.#socket = new MetricsSocket(path);
    await this.#listen({ fd: this.#socket.take() });
    this.#log.info(`metrics at ${path}`);
  }

  async #listenOn(address: MetricsAddress): Promise<void> {
    let server: Server;
    try {
      server = await this.#listen({ ...address, exclusive: true });
    } catch (error) {
      throw new StartError(
        `the metrics cannot be published at ${addressText(address)} (${errorCode(error)}): choose another --metrics`,
      );
    }
    const bound = server.address() as { readonly port: number };
    const place = addressText({ host: address.host, port: bound.port });
    this.#log.info(`metrics at http://${place}/metrics`);
    if (!isLoopback(address)) this.#log.warn(`whoever reaches ${place} can read the metrics`);
  }

  #listen(where: object): Promise<Server> {
    const server = createServer(
      {
        requestTimeout: TIMEOUT,
        headersTimeout: TIMEOUT,
        keepAliveTimeout: TIMEOUT,
        maxHeaderSize: LONGEST_HEADER,
      },
      (request, response) => void this.#answer(request, response),
    );
    server.maxConnections = MOST_CONNECTIONS;
    server.unref();
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(where, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#log.warn(`metrics: ${error.message}`));
        resolve(server);
      });
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    request.resume();
    if (url.split('?')[0] !== '/metrics') {
      refuse(response, 404, 'There is nothing but /metrics.\n');
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      refuse(response, 405, 'Metrics can only be read.\n');
      return;
    }
    if (!this.#source) {
      refuse(response, 503, 'The daemon is starting.\n');
      return;
    }
    try {
      const text = exposition(FAMILIES, await this.#source());
      response.writeHead(200, { 'content-type': CONTENT_TYPE, 'content-length': Buffer.byteLength(text) });
      response.end(method === 'HEAD' ? undefined : text);
    } catch (error) {
      this.#log.error(`metrics: ${(error as Error).stack}`);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'The log says why there are no metrics.\n');
    }
  }
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}
