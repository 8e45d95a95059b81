import { backendRequests } from '../message/catalog.js';
import { RequestChannel } from '../message/request_channel.js';
import { backendRequestName } from '../message/requests.js';

/**
 * The back-end's own requests to the front-end (specification: "Back-end communication"): a change of the configuration
 * space, mappings of shared memory, and the like. It ends with the connection, or earlier if the front-end closes it.
 */
export class BackendChannel extends RequestChannel<typeof backendRequests> {
  /** @internal */
  constructor(fd: number) {
    super(fd, backendRequests, backendRequestName);
  }
}
