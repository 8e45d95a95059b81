import { UsageError } from '../options/entry.js';

/** Where metrics are published over TCP. */
export interface MetricsAddress {
  /** An address, not a name. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';

/** Reads HOST:PORT, :PORT or PORT. @throws UsageError */
export function parseMetricsAddress(text: string): MetricsAddress {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(colon, 0));
  const digits = text.slice(colon + 1);
  const port = Number(digits);
  if (!/^\d+$/.test(digits) || port > 65_535) {
    throw new UsageError('give HOST:PORT, such as 127.0.0.1:9477, or a port alone, from 0 to 65535');
  }
  return { host: hostOf(host), port };
}

function hostOf(text: string): string {
  if (text === '' || text === 'localhost') return LOOPBACK;
  const bracketed = /^\[(.*)\]$/.exec(text)?.[1];
  // A colon that is part of the address and one before the port look alike: hence the brackets.
  if (bracketed !== undefined && isVersion6(bracketed)) return bracketed;
  if (isVersion4(text)) return text;
  throw new UsageError(
    'give the address of an interface, such as 127.0.0.1:9477 or [::1]:9477: names are not looked up',
  );
}

/** Not by node:net, which takes a good part of a start to load. */
function isVersion4(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
}

function isVersion6(text: string): boolean {
  return /^[\da-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`);
}

/** Whether only this machine can reach it. */
export function isLoopback({ host }: MetricsAddress): boolean {
  return host === '::1' || host.startsWith('127.');
}

/** How an address is written. */
export function addressText({ host, port }: MetricsAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
