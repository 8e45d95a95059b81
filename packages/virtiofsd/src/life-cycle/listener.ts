import type { Options } from '../options.js';
import { StartError } from '../start-error.js';
import { InheritedSocket } from './inherited-socket.js';
import { SocketPath } from './socket-path.js';

/** A Unix socket that listens for a virtual machine. */
export interface Listener extends Disposable {
  /** The listening socket. */
  readonly fd: number;
  /** A descriptor that a process which serves must inherit: as long as it is open, no other daemon takes the place. */
  readonly lock?: number;
  /** Where virtual machines connect, in words. */
  readonly place: string;
  /** Lets virtual machines find the socket. @throws StartError */
  publish(): void;
}

/** What the command line says about where to listen. */
export type Place = Pick<Options, 'fd' | 'socketPath' | 'socketGroup'>;

/** Listens where the command line says. @throws StartError */
export function openListener({ fd, socketPath, socketGroup }: Place): Listener {
  if (fd !== undefined) return new InheritedSocket(fd);
  if (socketPath !== undefined) return new SocketPath(socketPath, socketGroup);
  throw new StartError('there is no socket to listen at: give --socket-path or --fd');
}
