import { type Listener, openListener } from '../life-cycle/listener.js';
import { checkModuleFile } from '../module/load-module.js';
import type { Options } from '../options.js';
import { checkSharedFolder } from '../shared-folder.js';
import { StartError } from '../start-error.js';
import { splitAdvice } from './advice.js';
import { type Finding, ok } from './finding.js';

/** Whether the folder can be shared, or the module loaded that there is instead. */
export function checkFolder({ sharedDir, module }: Options): Finding {
  if (sharedDir === undefined) {
    const path = module!.path;
    return attempt('module', `'${path}' can be read`, () => checkModuleFile(path));
  }
  return attempt('shared folder', `'${sharedDir}' can be shared`, () => checkSharedFolder(sharedDir));
}

/** Whether the socket can be made: it is, beside its place, and removed again. */
export function checkSocket(options: Options): Finding {
  const place = options.socketPath ?? `descriptor ${options.fd}`;
  return attempt('socket', `the machine can connect at ${place}`, () => {
    const listener: Listener = openListener(options);
    listener[Symbol.dispose]();
  });
}

function attempt(topic: string, text: string, action: () => void): Finding {
  try {
    action();
    return ok(topic, text);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return { topic, verdict: 'bad', ...splitAdvice(error.message) };
  }
}
