import { EIO } from '../errno.js';
import type { FileSystem } from '../file-system.js';
import { errnoOf } from '../outcome.js';
import { delegate, type Method, methods } from './delegate.js';

/**
 * Called when a method has its result.
 *
 * `nodeid` is the node or parent the request is about, 0 for `init` and `destroy`. `outcome` is what the
 * method returned (0 for nothing), or −errno for what it threw. `milliseconds` is how long it took, waiting
 * included. A tracer must not throw: that would count as the method's own failure.
 */
export type Tracer = (method: Method, nodeid: number, outcome: number, milliseconds: number) => void;

/** Where a method's arguments have the node. */
function nodePosition(method: Method): number {
  if (method === 'init' || method === 'destroy') return -1;
  return method === 'forget' ? 0 : 1;
}

function isLate(outcome: unknown): outcome is PromiseLike<unknown> {
  return typeof (outcome as { then?: unknown } | undefined | null)?.then === 'function';
}

/** The file system with `tracer` told of every call: for logs, metrics and tests. */
export function traced(inner: FileSystem, tracer: Tracer): FileSystem {
  const layer = delegate(inner) as Record<Method, ((...args: unknown[]) => unknown) | undefined>;
  for (const method of methods) {
    const own = layer[method];
    if (own === undefined) continue;
    const position = nodePosition(method);
    layer[method] = (...args) => {
      const start = performance.now();
      const node = args[position];
      const done = (outcome: unknown) => {
        tracer(
          method,
          typeof node === 'number' ? node : 0,
          typeof outcome === 'number' ? outcome : 0,
          performance.now() - start,
        );
        return outcome;
      };
      const failed = (error: unknown) => {
        done(-(errnoOf(error) ?? EIO));
        throw error;
      };
      let outcome: unknown;
      try {
        outcome = own(...args);
      } catch (error) {
        return failed(error);
      }
      return isLate(outcome) ? outcome.then(done, failed) : done(outcome);
    };
  }
  return layer as FileSystem;
}
