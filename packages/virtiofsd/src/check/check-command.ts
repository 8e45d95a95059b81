import { type CommandDescription, commandOf } from '../options/command-description.js';
import { completeOptions } from '../options/complete.js';
import { type OptionEntry, UsageError } from '../options/entry.js';
import type { Given } from '../options/given.js';
import { takeLegacy } from '../options/legacy.js';
import { parseArguments } from '../options/parse.js';
import { type Print, usageError } from '../options/print.js';
import { OPTIONS } from '../options/table/index.js';
import type { Options } from '../options.js';
import type { Finding } from './finding.js';
import { checkFolder, checkSocket } from './places.js';
import { jsonOf, tableOf } from './report.js';
import { checkSandboxes } from './sandboxes.js';
import { checkFileSystem } from './share.js';
import { checkDescriptors, checkLandlock, checkMemory, checkSeccomp, checkThreads } from './system.js';
import { checkOwners, checkSubordinateIds } from './user.js';

interface GivenCheck extends Given {
  json?: boolean;
}

const JSON_ENTRY: OptionEntry<GivenCheck> = {
  name: 'json',
  group: 'Information',
  help: 'report as JSON',
  take: (given) => {
    given.json = true;
  },
};

export const CHECK: CommandDescription<GivenCheck> = {
  name: 'virtiofsd check',
  summary: 'says what will and will not work here with the options given, and how to fix it',
  description:
    'Tries what the daemon would do here with the options given, and says what works, what does not, and how to fix it. It ' +
    'exits with 0 when the daemon would start, with 1 when it would not.',
  operands: [],
  options: [...OPTIONS.filter(({ name }) => name !== 'print-capabilities'), JSON_ENTRY],
};

/** What the command line asks for. */
export interface CheckRequest {
  readonly kind: 'check';
  readonly options: Options;
  readonly json: boolean;
}

/**
 * Reads the arguments behind `check`.
 *
 * @throws StartError for options that do not go together
 */
export function parseCheckCommand(args: readonly string[]): CheckRequest | Print {
  const given: GivenCheck = {};
  const parsed = parseArguments(commandOf(CHECK), CHECK.options, args, given);
  if (parsed.kind === 'print') return parsed;
  try {
    for (const text of given.legacy ?? []) takeLegacy(given, text);
    return { kind: 'check', options: completeOptions(given), json: given.json ?? false };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return usageError(error.message, CHECK.name);
  }
}

/** Looks, and reports. @returns the exit status */
export async function runCheck({ options, json }: CheckRequest): Promise<number> {
  const findings = await findingsOf(options);
  const color = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
  process.stdout.write(json ? jsonOf(findings) : tableOf(findings, color));
  return findings.some(({ verdict }) => verdict === 'bad') ? 1 : 0;
}

async function findingsOf(options: Options): Promise<Finding[]> {
  const folder = checkFolder(options);
  // Without a folder there is nothing to look at, and nothing to be confined to.
  const inside =
    folder.verdict === 'ok' ? [...checkFileSystem(options), ...(await checkSandboxes(options))] : [];
  return [
    folder,
    checkSocket(options),
    ...inside,
    ...checkSubordinateIds(options),
    checkSeccomp(options),
    checkLandlock(options),
    checkOwners(options),
    checkDescriptors(options),
    checkThreads(options),
    checkMemory(),
  ];
}
