/** How long the requests in flight may take to finish once the daemon is told to end, in milliseconds. */
export const DRAIN_DEADLINE = 10_000;

/** How much longer than that a worker may take to end, in milliseconds: then something in it hangs. */
export const GRACE = 2000;

/** How long a worker may take to end once it is killed, in milliseconds: only a system call that the kernel cannot cut short takes longer. */
export const KILL_GRACE = 1000;
