import { bash, type Workload } from './workload.js';

/** Those of stress-ng that work on files in a folder and can check what they read back. */
const STRESSORS = [
  ...[
    'access',
    'chdir',
    'chmod',
    'chown',
    'copy-file',
    'dentry',
    'dir',
    'dirdeep',
    'dirmany',
    'dup',
    'fallocate',
  ],
  ...[
    'fcntl',
    'filename',
    'flock',
    'fpunch',
    'fstat',
    'getdent',
    'hdd',
    'iomix',
    'link',
    'lockf',
    'locka',
    'metamix',
  ],
  ...[
    'mmap',
    'open',
    'readahead',
    'rename',
    'seek',
    'sendfile',
    'splice',
    'symlink',
    'sync-file',
    'touch',
    'utime',
  ],
];

const SECONDS = 10;

/** All stressors at once, each of which also checks what it did. */
export const stressNg: Workload = {
  name: 'stress-ng --verify',
  async run({ mounted }, effort) {
    const known = (await bash(mounted, 'stress-ng --stressors')).split(/\s+/);
    const stressors = STRESSORS.filter((name) => known.includes(name)).flatMap((name) => [`--${name}`, '1']);
    const sizes = ['--mmap-file', '--mmap-bytes', '16m', '--hdd-bytes', '16m', '--temp-path', '.'];
    await bash(
      mounted,
      'stress-ng "$@"',
      ...stressors,
      '--timeout',
      `${SECONDS * effort}s`,
      '--verify',
      ...sizes,
    );
    await bash(mounted, '[ -z "$(ls -A)" ] || { ls -A; exit 1; }');
  },
};

/** Random writes of many sizes at once, whose checksums are read back. */
export function fio(engine: 'psync' | 'mmap' | 'libaio', direct: boolean): Workload {
  return {
    name: `fio verify, ${engine}${direct ? ' with O_DIRECT' : ''}`,
    async run({ mounted }, effort) {
      const sizes = engine === 'mmap' ? ['--bs=4k'] : ['--bsrange=4k-256k', '--bs_unaligned=0'];
      await bash(
        mounted,
        'fio "$@"',
        ...[
          '--name=job',
          '--directory=.',
          '--rw=randrw',
          `--ioengine=${engine}`,
          '--iodepth=8',
          '--numjobs=2',
        ],
        ...[
          `--size=${24 * effort}m`,
          ...sizes,
          `--direct=${Number(direct)}`,
          '--verify=crc32c',
          '--do_verify=1',
        ],
        ...['--verify_fatal=1', '--verify_state_save=0', '--fsync=64', '--randseed=1', '--group_reporting'],
        ...['--output=/dev/null'],
      );
      await bash(mounted, 'rm job.*');
    },
  };
}
