/** What a daemon has logged that it should not. That a file system has no file handles is worth telling, and no fault. */
export function complaints(log: string): string[] {
  return log.split('\n').filter((line) => / (WARN|ERROR) /.test(line) && !line.includes('file handles'));
}
