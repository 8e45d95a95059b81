import { accessSync, constants, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Options } from '../options.js';
import { type Finding, lacking, ok } from './finding.js';

/** Whose the files are that guests make. */
export function checkOwners(options: Options): Finding {
  const topic = 'owners';
  if (process.geteuid!() === 0) return ok(topic, 'files belong to whom the guest says');
  if (options.uidMap.length > 0 && options.sandbox === 'namespace') {
    return ok(topic, 'files belong to the users of --uid-map');
  }
  return lacking(
    topic,
    false,
    'files that the guest makes belong to this user; only root and this user can make any in the guest',
    'run as root, or give other ids by --uid-map and --gid-map',
  );
}

/** Whether a user can have ids besides the own one; nothing for root, who needs nobody for that. */
export function checkSubordinateIds(options: Options): Finding[] {
  if (process.geteuid!() === 0) return [];
  return (['uid', 'gid'] as const).map((kind) => {
    const topic = `other ${kind}s`;
    const map = kind === 'uid' ? options.uidMap : options.gidMap;
    const own = kind === 'uid' ? process.geteuid!() : process.getegid!();
    const needed = map.some(({ outside, count }) => outside !== own || count !== 1) || map.length > 1;
    const helper = `new${kind}map`;
    if (!isInstalled(helper)) {
      return lacking(topic, needed, `${helper} is not installed`, 'install it (package uidmap)');
    }
    const granted = grants(`/etc/sub${kind}`);
    if (granted.length === 0) {
      const fix = `as root: usermod --add-sub${kind}s 100000-165535 ${userName()}`;
      return lacking(topic, needed, `/etc/sub${kind} grants this user none`, fix);
    }
    return ok(topic, `granted are ${granted.join(', ')}`);
  });
}

function isInstalled(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The ranges that a file of lines USER:FIRST:COUNT has for this user. */
function grants(path: string): string[] {
  const names = [userName(), String(process.geteuid!())];
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .filter(([user, first, count]) => names.includes(user!) && first && count)
      .map(([, first, count]) => `${first} to ${Number(first) + Number(count) - 1}`);
  } catch {
    return [];
  }
}

/** The name, or the number of a user who has none. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.geteuid!());
  }
}
