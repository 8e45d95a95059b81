import { expect, it } from 'vitest';
import { addressText, isLoopback, parseMetricsAddress } from '../../src/observe/metrics-place.js';
import { parseCommandLine } from '../../src/options/command-line.js';
import { UsageError } from '../../src/options/entry.js';

it.each([
  ['9477', '127.0.0.1:9477', true],
  [':9477', '127.0.0.1:9477', true],
  ['localhost:1', '127.0.0.1:1', true],
  ['127.1.2.3:0', '127.1.2.3:0', true],
  ['[::1]:65535', '[::1]:65535', true],
  ['0.0.0.0:80', '0.0.0.0:80', false],
  ['[::]:80', '[::]:80', false],
  ['192.0.2.1:80', '192.0.2.1:80', false],
])('metrics at %s are at %s', (text, place, loopback) => {
  const address = parseMetricsAddress(text);
  expect(addressText(address)).toBe(place);
  expect(isLoopback(address)).toBe(loopback);
});

it.each(['', 'localhost', '65536', '-1', '1.2.3:80', '::1:80', '[::1]', '[127.0.0.1:80', 'host:80', '1:2:3'])(
  'metrics cannot be at %j',
  (text) => {
    expect(() => parseMetricsAddress(text)).toThrow(UsageError);
  },
);

function parsed(...args: string[]) {
  const request = parseCommandLine(['--shared-dir', 'd', '--socket-path', 's', ...args], { version: '1' });
  return request.kind === 'run' ? request.options.observation : request.text;
}

it('nothing is observed unless asked for, and what is asked for is written down', () => {
  expect(parsed()).toEqual({});
  expect(parsed('--slow-request-ms', '0')).toEqual({});
  expect(parsed('--metrics', '1', '--metrics-socket', 'm', '--slow-request-ms=5', '--trace=t')).toEqual({
    metricsSocket: 'm',
    metricsAddress: { host: '127.0.0.1', port: 1 },
    slowRequestMs: 5,
    trace: { file: 't', data: 0, limit: 2 ** 30 },
  });
  expect(parsed('--trace=t', '--trace-data=100', '--trace-limit=1')).toEqual({
    trace: { file: 't', data: 100, limit: 2 ** 20 },
  });
  expect(parsed('--trace-data=100')).toContain('--trace-data is of no use without --trace');
  expect(parsed('--trace-limit=1')).toContain('--trace-limit is of no use without --trace');
});
