/**
 * Somebody on the host who will not let a guest work in peace: renames, replaces by links that lead outside, deletes and recreates what is
 * below the first argument, until its stdin ends. The second argument is outside. Says the number of changes it made.
 */
import {
  closeSync,
  constants,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const [inside, outside] = process.argv.slice(2);
const names = ['a', 'b', 'c', 'd'];
let running = true;
let changes = 0;
process.stdin.on('end', () => {
  running = false;
});
process.stdin.resume();

const pick = (list) => list[Math.floor(Math.random() * list.length)];
const { O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;

/** Does something to a name in the directory or in one below. It never follows the links it makes: what happens outside is not its doing. */
function somewhere(action) {
  const directory = Math.random() < 0.5 ? inside : join(inside, pick(names));
  const fd = openSync(directory, O_DIRECTORY | O_NOFOLLOW);
  try {
    return action(`/proc/self/fd/${fd}/${pick(names)}`);
  } finally {
    closeSync(fd);
  }
}

function write(path, flags) {
  const fd = openSync(path, O_CREAT | O_WRONLY | O_NOFOLLOW | flags);
  writeSync(fd, 'inside');
  closeSync(fd);
}

const remove = (path) => rmSync(path, { recursive: true, force: true });

const actions = [
  (path) => somewhere((other) => renameSync(path, other)),
  (path) => somewhere((other) => linkSync(path, other)),
  remove,
  (path) => write(path, 0),
  (path) => write(path, O_TRUNC),
  (path) => mkdirSync(path),
  (path) => {
    remove(path);
    symlinkSync(pick([outside, join(outside, 'secret'), '..', '../..', '/']), path);
  },
];

function disturb() {
  for (let i = 0; i < 50; i++) {
    try {
      somewhere(pick(actions));
      changes++;
    } catch (error) {
      if (error?.code === undefined) throw error;
    }
  }
  if (running) setImmediate(disturb);
  else console.log(changes);
}
disturb();
