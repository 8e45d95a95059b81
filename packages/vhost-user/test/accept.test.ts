import { getrlimit, RLIMIT_NOFILE, raw, setrlimit, unixConnect } from '@vfs/sys';
import { expect, it } from 'vitest';
import { rig, until } from './support.js';

it('a process without free descriptors says so, lives on, and serves the next front-end', async () => {
  using r = rig();
  // In the backlog: it is accepted when this test first waits.
  const early = unixConnect(r.path);
  const limit = getrlimit(RLIMIT_NOFILE);
  const taken: number[] = [];
  try {
    setrlimit(RLIMIT_NOFILE, { ...limit, soft: 512 });
    for (let fd = raw.dup(early); fd >= 0; fd = raw.dup(early)) taken.push(fd);
    const message = 'warn: no descriptor left to accept a front-end; trying again';
    await until(() => r.log.lines.includes(message));
  } finally {
    for (const fd of taken) raw.close(fd);
    raw.close(early);
    setrlimit(RLIMIT_NOFILE, limit);
  }
  const frontend = await r.connect();
  await frontend.startQueue(0);
  expect(r.log.errors).toBe('');
});
