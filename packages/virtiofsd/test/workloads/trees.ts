import { bash, type Workload } from './workload.js';

/** A tree of files of many sizes with links of both kinds, odd names and odd modes. `$1` is how many folders there are. */
export const MAKE_TREE = `
  for i in $(seq "$1"); do
    mkdir -p "tree/d$((i % 7))/folder $i"
    for j in $(seq 20); do
      head -c "$(((i * 977 + j * 4099) % 70000))" /dev/urandom >"tree/d$((i % 7))/folder $i/file $j"
    done
    ln "tree/d$((i % 7))/folder $i/file 1" "tree/d$((i % 7))/folder $i/hard"
    ln -s "../folder $i/file 2" "tree/d$((i % 7))/folder $i/soft"
    ln -s nowhere "tree/d$((i % 7))/folder $i/dangling"
    chmod 640 "tree/d$((i % 7))/folder $i/file 3"
    chmod 4711 "tree/d$((i % 7))/folder $i/file 4"
    touch -d '1999-12-31 23:59:59.123456789' "tree/d$((i % 7))/folder $i/file 5"
  done
  touch tree/$'line\\nbreak' tree/-dash tree/ünïcødé`;

/** Everything that stat tells of what is no folder (these have sizes and links as the file system likes). */
const DESCRIBE = "find tree ! -type d -printf '%P %y %m %n %U %G %s %Ts %l\\n' | sort";

export const tar: Workload = {
  name: 'tar and diff -r of a tree',
  async run({ mounted, host, aside }, effort) {
    await bash(aside, MAKE_TREE, 14 * effort);
    await bash(mounted, 'tar -C "$1" -cf - tree | tar -xpf -', aside);
    await bash(mounted, 'diff -r --no-dereference "$1/tree" tree', aside);
    await bash(host, 'diff -r --no-dereference "$1/tree" tree', aside);
    await bash(mounted, `diff <(cd "$1"; ${DESCRIBE}) <(${DESCRIBE})`, aside);
    await bash(mounted, 'tar -cf - tree | tar -C "$1" --compare -f -', aside);
    await bash(
      mounted,
      'cp -a tree copy; diff -r --no-dereference tree copy; rm -rf copy tree; [ -z "$(ls -A)" ]',
    );
  },
};

export const git: Workload = {
  name: 'git clone, commit, gc and fsck',
  async run({ mounted, host, aside }, effort) {
    await bash(aside, MAKE_TREE, 4 * effort);
    const identity = 'git -c user.name=test -c user.email=test@example.org -c init.defaultBranch=main';
    // Sockets and links to nowhere are as good as files to it; what it cannot have is an odd mode.
    await bash(
      aside,
      `git() { command ${identity} "$@"; }
       git init -q source && cp -a tree source/ && cd source
       git add -A && git commit -qm first
       for i in $(seq 20); do echo "$i" >>changing; git add changing; git commit -qm "change $i"; done
       git tag -a end -m end`,
    );
    await bash(
      mounted,
      `git() { command ${identity} -c safe.directory='*' "$@"; }
       git clone -q "file://$1/source" clone && cd clone
       git fsck --full --strict
       [ -z "$(git status --porcelain)" ]
       git checkout -q -b side HEAD~10
       echo side >side && git add side && git commit -qm side
       git merge -q --no-edit main
       git mv tree moved && git commit -qm moved
       git gc -q --aggressive --prune=now
       git fsck --full --strict
       git worktree add -q ../second main
       cd ../second && git diff --exit-code end && [ -z "$(git status --porcelain)" ]`,
      aside,
    );
    await bash(
      aside,
      `git() { command ${identity} -c safe.directory='*' "$@"; }
       git clone -q "file://$1/clone" back && cd back && git fsck --full --strict
       git checkout -q main && git diff --exit-code end`,
      host,
    );
  },
};

export const manyEntries: Workload = {
  name: 'a directory of 100,000 entries',
  async run({ mounted, host }, effort) {
    const count = 100_000 * effort;
    await bash(mounted, 'mkdir many; cd many; seq -f entry-%.0f "$1" | xargs touch', count);
    // What the listings have is the same with and without attributes, and nothing is there twice.
    const once = 'sort | uniq -c | awk -v n="$1" \'$1 != 1 { exit 1 } END { exit NR != n }\'';
    for (const folder of [mounted, host]) await bash(folder, `ls -U many | ${once}`, count);
    await bash(mounted, `find many -type f -size 0 -printf '%f\\n' | ${once}`, count);
    // Removing while listing: nothing is left out because places have moved.
    await bash(mounted, 'rm -r many; [ -z "$(ls -A)" ]');
  },
};
