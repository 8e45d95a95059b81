import { execFileSync } from 'node:child_process';
import { describe, test } from 'vitest';
import { shareForThisFile } from './share.js';

/** The daemon's options: by default, and with as much as possible left to the guest. */
const OPTIONS = [[], ['--cache=always', '--writeback', '--killpriv-v2']];

describe.each(OPTIONS.map((options) => ({ options })))('with the options $options', ({ options }) => {
  const share = shareForThisFile(1, options);

  test('a tree is packed, unpacked, copied and compared, and the host has what the guest wrote', async () => {
    const place = share().place();
    await place.sh(`
      mkdir tree
      for i in 1 2 3 4 5 6 7 8; do
        mkdir "tree/folder $i"
        for j in 1 2 3 4 5; do head -c $((i * 977 + j * 20011)) /dev/urandom >"tree/folder $i/$j"; done
        ln "tree/folder $i/1" "tree/folder $i/hard"; ln -s 2 "tree/folder $i/soft"
      done
      tar -cf tree.tar tree; mkdir unpacked; tar -xf tree.tar -C unpacked
      diff -r tree unpacked/tree; cp -a tree copy; diff -r tree copy
      sync; (cd tree; find . -type f | sort | xargs -I{} sha256sum '{}') >sums; sync`);
    execFileSync('sh', ['-c', 'cd tree && sha256sum --quiet -c ../sums'], { cwd: place.host });
    await place.sh('rm -r tree unpacked copy tree.tar sums; [ -z "$(ls -A)" ]');
  });
});
