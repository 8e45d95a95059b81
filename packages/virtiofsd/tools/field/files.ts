import { COMMANDS } from '../../src/commands.js';
import { DAEMON } from '../../src/options/command-line.js';
import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { manualPage } from './manual-page.js';
import { optionsPage } from './options-page.js';
import { vmmDescription } from './vmm-description.js';
import { zshCompletion } from './zsh.js';

/** What of share/ comes from the option table, by its path there. */
export const FIELD_FILES: Readonly<Record<string, () => string>> = {
  'man/man1/virtiofsd.1': () => manualPage(DAEMON, COMMANDS),
  'bash-completion/completions/virtiofsd': () => bashCompletion(DAEMON, COMMANDS),
  'zsh/site-functions/_virtiofsd': () => zshCompletion(DAEMON, COMMANDS),
  'fish/vendor_completions.d/virtiofsd.fish': () => fishCompletion(DAEMON, COMMANDS),
  'qemu/vhost-user/50-virtiofsd.json': vmmDescription,
};

/** docs/options.md */
export function optionsDocument(): string {
  return optionsPage(DAEMON, COMMANDS);
}
