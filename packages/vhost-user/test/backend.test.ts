import { describe, expect, it } from 'vitest';
import { Feature, FrontendRequest, ProtocolFeature } from '../src/index.js';
import { rig } from './support.js';

describe('Backend driven by Frontend', () => {
  it('negotiates and answers requests', async () => {
    using r = rig();
    const frontend = await r.connect();
    expect(frontend.queueCount).toBe(2);
    const queue = await frontend.startQueue(1);
    const question = frontend.memory.allocate(5);
    const answer = frontend.memory.allocate(8);
    question.u8.set([1, 2, 3, 4, 5]);
    expect(await queue.submit([question], [answer])).toBe(5);
    expect([...answer.u8]).toEqual([5, 4, 3, 2, 1, 0, 0, 0]);
    expect(r.log.errors).toBe('');
  });
});
