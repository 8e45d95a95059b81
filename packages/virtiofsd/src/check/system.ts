import { getrlimit, isSeccompActionAvailable, memfdCreate, OwnedFd, RLIMIT_NOFILE, SysError } from '@vfs/sys';
import { landlockUse } from '../isolation/landlock.js';
import { descriptorBudget, setDescriptorLimit } from '../life-cycle/descriptor-limit.js';
import { Log } from '../log.js';
import type { Options, SeccompMode } from '../options.js';
import { StartError } from '../start-error.js';
import { type Finding, lacking, ok } from './finding.js';

const ACTIONS = { kill: 'kill_process', log: 'log', trap: 'trap' } as const;
/** Fewer are soon used up without file handles. */
const PLENTY = 100_000;

/** Whether system calls can be filtered. */
export function checkSeccomp({ seccomp }: { readonly seccomp: SeccompMode }): Finding {
  const topic = 'seccomp';
  if (seccomp === 'none') return ok(topic, 'not wanted');
  if (isSeccompActionAvailable(ACTIONS[seccomp])) return ok(topic, `the kernel has the action '${seccomp}'`);
  return lacking(topic, true, `the kernel does not have the action '${seccomp}'`, 'use --seccomp=none');
}

/** Whether Landlock confines what is changed to the share. */
export function checkLandlock(options: Options): Finding {
  const topic = 'Landlock';
  const use = landlockUse(options);
  if (use === 'used') return ok(topic, 'the daemon can change nothing outside of the share, in any sandbox');
  if (use === 'file handles') {
    const fix = 'give --inode-file-handles=never if the sandbox is not enough';
    return lacking(topic, false, 'not used: it does not go together with file handles', fix);
  }
  if (use === 'module') return ok(topic, 'not used: a module without a folder and a sandbox may need more');
  return lacking(
    topic,
    false,
    'the kernel does not have it, or not all of it',
    'use Linux 5.19 or later, with lsm=landlock,…',
  );
}

/** How many files can be open; the limit of this process is set for that. */
export function checkDescriptors({ rlimitNofile, threadPoolSize }: Options): Finding {
  const topic = 'open files';
  const silent = new Log('off').module('check');
  const fix = 'raise the limit (ulimit -Hn, LimitNOFILE= of systemd)';
  try {
    setDescriptorLimit(rlimitNofile, silent);
    const budget = descriptorBudget(threadPoolSize, silent);
    const text = `the guest can have ${budget} open (limit ${getrlimit(RLIMIT_NOFILE).soft})`;
    return budget < PLENTY ? lacking(topic, false, text, fix) : ok(topic, text);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return lacking(topic, true, error.message, fix);
  }
}

/** Whether slow disks keep others waiting. */
export function checkThreads({ threadPoolSize }: Options): Finding {
  const topic = 'slow disks';
  if (threadPoolSize > 0) return ok(topic, `${threadPoolSize} threads wait for them`);
  return lacking(
    topic,
    false,
    'a request that waits for a disk keeps the others waiting',
    'on anything slower than memory, give --thread-pool-size=8',
  );
}

/** Whether a machine can have memory that the daemon sees. */
export function checkMemory(): Finding {
  const topic = 'shared memory';
  try {
    new OwnedFd(memfdCreate('virtiofsd-check')).close();
    return ok(topic, 'give the machine -object memory-backend-memfd,share=on,… or the like of your VMM');
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const fix = 'give the machine -object memory-backend-file,share=on,mem-path=/dev/shm,…';
    return lacking(topic, false, `there is no memfd (${error.code})`, fix);
  }
}
