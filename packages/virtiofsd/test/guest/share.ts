import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { temporaryFolder } from '../../../../scripts/lib/cleanup.mjs';
import { startDaemon } from '../../../../scripts/lib/daemon.mjs';
import { Guest } from '../../../../scripts/lib/guest.mjs';
import type { Supervised } from '../../../../scripts/lib/supervise.mjs';

/** Whether the daemon may act as any user, as it does for a guest whose users are many. */
export const hostIsRoot = process.getuid?.() === 0;

/** Far more than any command here needs, even under emulation on a busy machine. */
const COMMAND_SECONDS = 300;

/** `refused COMMAND...` succeeds when the command fails: `!` would not do, because `set -e` takes no notice of it. */
const PRELUDE = 'refused() { if "$@" 2>/dev/null; then echo "not refused: $*" >&2; return 1; fi; }\n';

/** A daemon, and a guest that has mounted its folder. */
export class Share {
  readonly folder: string;
  readonly socket: string;
  readonly daemon: Supervised;
  readonly guest: Guest;
  readonly #remove: () => void;
  #places = 0;

  private constructor(top: string, daemon: Supervised, guest: Guest, remove: () => void) {
    this.folder = join(top, 'share');
    this.socket = join(top, 'socket');
    this.daemon = daemon;
    this.guest = guest;
    this.#remove = remove;
  }

  static async start(processors = 1, args: readonly string[] = []): Promise<Share> {
    const temporary = temporaryFolder();
    const folder = join(temporary.path, 'share');
    mkdirSync(folder);
    const socket = join(temporary.path, 'socket');
    const daemon = await startDaemon(folder, socket, { args });
    try {
      const guest = await Guest.boot(inject('guestImage'), socket, { daemon, processors });
      return new Share(temporary.path, daemon, guest, temporary.remove);
    } catch (error) {
      daemon.kill('SIGKILL');
      throw error;
    }
  }

  /** A new folder in the share for one test. */
  place(): Place {
    this.#places += 1;
    return new Place(this, `place-${this.#places}`);
  }

  /** Ends what still runs, and removes the files. */
  async stop(): Promise<void> {
    await this.guest.kill();
    this.daemon.kill('SIGKILL');
    await this.daemon.ended;
    this.#remove();
  }
}

/** A folder in the share, seen from both sides. Scripts of the guest run in it. */
export class Place {
  readonly host: string;
  readonly #guest: Guest;
  readonly #inGuest: string;

  constructor(share: Share, name: string) {
    this.host = join(share.folder, name);
    this.#inGuest = `/mnt/${name}`;
    this.#guest = share.guest;
    mkdirSync(this.host);
    // Every user of the guest may use it, whatever the umask here.
    chmodSync(this.host, 0o777);
  }

  /** Runs a script in the guest that must succeed in every step, and returns what it printed, without the last line's end. */
  async sh(script: string): Promise<string> {
    const text = await this.#guest.check(`${PRELUDE}cd ${this.#inGuest}\n${script}`, {
      timeout: COMMAND_SECONDS,
    });
    return text.replace(/\n$/, '');
  }

  /** The path on the host. */
  path(name: string): string {
    return join(this.host, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(this.path(name), content);
  }
}

/** Boots a guest for all tests of a file or `describe` block; they get theirs by calling what is returned. */
export function shareForThisFile(processors = 1, args: readonly string[] = []): () => Share {
  let share: Share | undefined;
  beforeAll(async () => {
    share = await Share.start(processors, args);
  });
  afterAll(async () => {
    await share?.stop();
  });
  return () => {
    if (share === undefined) throw new Error('no guest was booted');
    return share;
  };
}
