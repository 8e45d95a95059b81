import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Session } from '@vfs/fuse-proto';
import { Log } from '../../src/log.js';
import type { MigrationOptions } from '../../src/migration/options.js';
import { ShareMigration } from '../../src/migration/share-migration.js';
import { PassthroughFileSystem } from '../../src/passthrough/file-system.js';
import { Share, type ShareOptions } from '../../src/passthrough/share.js';
import { Running } from '../support/daemon.js';
import { after, temporaryDirectory, throughBuffers } from '../support/fixture.js';
import { FuseClient } from '../support/fuse-client.js';
import { type Migratable, migratable } from '../support/migration.js';

/** The reference daemon, if it is here. */
export const RUST = process.env['VFS_PEER_RUST'];

/** One end of a migration. */
export interface End extends Pick<Migratable, 'client' | 'save' | 'start'> {
  /** Why a state was refused; undefined: it was not. */
  load(state: Uint8Array): Promise<string | undefined>;
  readonly messages: readonly string[];
  readonly share?: Share;
}

/** This package's share, without a socket. */
export function ours(directory: string, options: MigrationOptions & Partial<ShareOptions> = {}): End {
  const messages: string[] = [];
  const log = new Log('debug', (line) => messages.push(line));
  const share = new Share({ directory, log: log.module('passthrough'), ...options });
  after(() => share[Symbol.dispose]());
  const session = new Session(new PassthroughFileSystem(share), {
    log: log.module('fuse'),
  });
  const migration = new ShareMigration(share, session, options);
  const client = new FuseClient(throughBuffers(session));
  return {
    client,
    messages,
    share,
    start: async () => {},
    save: async () => migration.save(),
    load: async (state) => {
      try {
        migration.load(state);
        return undefined;
      } catch (error) {
        return String(error);
      }
    },
  };
}

/** The reference daemon on the same folder. */
export async function rust(directory: string, ...args: string[]): Promise<End> {
  const socket = join(temporaryDirectory(), 'socket');
  const daemon = new Running(
    ['--shared-dir', directory, '--socket-path', socket, '--sandbox=none', ...args],
    [RUST!],
  );
  while (!existsSync(socket)) await setTimeout(10);
  const end = await migratable(socket);
  return {
    client: end.client,
    start: end.start,
    save: end.save,
    load: async (state) => ((await end.load(state)) ? undefined : daemon.stderr || 'refused'),
    get messages() {
      return daemon.stderr.split('\n');
    },
  };
}
