import { expect, it } from 'vitest';
import { readOrders, writeOrders } from '../../src/isolation/orders.js';
import { completeOptions } from '../../src/options/complete.js';

it('orders arrive as they were given, with what JSON does not know', () => {
  const options = completeOptions({ sharedDir: '/srv/größe "\n', socketPath: '/run/s' });
  const given = {
    options: {
      ...options,
      settings: { ...options.settings, negativeTimeout: Number.POSITIVE_INFINITY },
      uidMap: [{ inside: 2n ** 63n, outside: 0, count: 1 } as never],
    },
    budget: 2 ** 53 - 1,
  };
  const file = writeOrders(given);
  expect(readOrders(file.release())).toStrictEqual(given);
});
