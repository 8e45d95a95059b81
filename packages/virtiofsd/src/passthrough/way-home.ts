/** How often it is tried. Nothing but a moment without memory can be in the way. */
const ATTEMPTS = 1000;

/**
 * Makes a system call by which this thread becomes again what it was before a request: user, groups, capabilities. To serve on as
 * somebody of the guest's choosing is not an option: what does not work in the end ends the process.
 */
export function mustReturn(syscall: string, act: () => number): void {
  let result = act();
  for (let attempt = 1; result < 0 && attempt < ATTEMPTS; attempt++) result = act();
  if (result >= 0) return;
  process.stderr.write(
    `virtiofsd: cannot become again who it was: ${syscall} failed with errno ${-result}\n`,
  );
  process.abort();
}
