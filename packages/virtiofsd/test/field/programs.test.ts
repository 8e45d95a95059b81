import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from '../support/daemon.js';
import { temporaryDirectory } from '../support/fixture.js';

const share = (path: string) => fileURLToPath(new URL(`../../share/${path}`, import.meta.url));
const PAGE = share('man/man1/virtiofsd.1');
const BASH = share('bash-completion/completions/virtiofsd');
const ZSH = share('zsh/site-functions/_virtiofsd');
const FISH = share('fish/vendor_completions.d/virtiofsd.fish');

/** Runs a program that is to be content. */
function content(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

describe('the manual page', () => {
  it('has nothing that mandoc warns of', () => {
    expect(content('mandoc', '-Tlint', '-Wwarning', PAGE)).toBe('');
  });

  it('has every character that was meant', () => {
    const html = content('mandoc', '-Thtml', PAGE);
    expect(html).toContain('--posix-acl[=&lt;WHEN&gt;]');
    expect(html).toContain("':0:100000:65536:'");
    expect(html).toMatch(/virtiofsd mount \[<\/b><i>OPTION<\/i><b>\]\.\.\.\s*<\/b>/);
  });
});

describe('completion in bash', () => {
  /** What is offered for the last of the words, which are those that bash makes of a line. */
  function offered(words: readonly string[], cwd = '/'): string[] {
    const script = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _virtiofsd; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const args = ['--noprofile', '--norc', '-c', script, BASH, 'virtiofsd', ...words];
    const { stdout, stderr } = spawnSync('bash', args, { encoding: 'utf8', cwd });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line !== '');
  }

  it('offers options, their values, and commands', () => {
    expect(offered(['--so'])).toEqual(['--socket-path', '--socket-group']);
    expect(offered(['--cache', 'a'])).toEqual(['auto', 'always']);
    expect(offered(['--cache', '='])).toEqual(['auto', 'always', 'never', 'metadata']);
    expect(offered(['--cache', '=', 'n'])).toEqual(['never']);
    expect(offered(['m'])).toEqual(['mount']);
    expect(offered(['--xattr', ''])).toEqual([]);
  });

  it('knows which values need an equals sign', () => {
    expect(offered(['--inode-'])).toEqual(['--inode-file-handles=']);
    expect(offered(['--inode-file-handles', '=', 'm'])).toEqual(['mandatory']);
    expect(offered(['--posix-acl', 'a'])).toEqual([]);
  });

  it('offers directories where one is meant', () => {
    const folder = temporaryDirectory();
    mkdirSync(join(folder, 'a folder'));
    expect(offered(['--shared-dir', ''], folder)).toEqual(['a folder']);
    expect(offered(['mount', ''], folder)).toEqual(['a folder']);
  });

  it('offers a command its own options', () => {
    expect(offered(['mount', '--al'])).toEqual(['--allow-direct-io', '--allow-mmap', '--allow-other']);
    expect(offered(['completion', ''])).toEqual(['bash', 'zsh', 'fish']);
  });

  it('does not offer what is deprecated', () => {
    expect(offered(['--socket'])).not.toContain('--socket');
    expect(offered(['-'])).not.toContain('-o');
  });

  it('is printed by the command', async () => {
    expect((await run(['completion', 'bash'])).stdout).toBe(readFileSync(BASH, 'utf8'));
    expect((await run(['completion', 'tcsh'])).status).toBe(2);
  });
});

describe('completion in other shells', () => {
  it('is understood by zsh', () => {
    content('zsh', '-n', ZSH);
    expect(readFileSync(ZSH, 'utf8')).toMatch(/^#compdef virtiofsd\n/);
  });

  it('offers in fish what it should', () => {
    const offered = (line: string) => {
      const script = `source ${FISH}; complete --do-complete=${JSON.stringify(line)}`;
      return content('fish', '--no-config', '-c', script)
        .split('\n')
        .map((each) => each.split('\t')[0]);
    };
    expect(offered('virtiofsd --socket-')).toEqual(['--socket-group', '--socket-path', '']);
    expect(offered('virtiofsd --cache ')).toEqual(['always', 'auto', 'metadata', 'never', '']);
    expect(offered('virtiofsd mount --allow-o')).toEqual(['--allow-other', '']);
    expect(offered('virtiofsd completion ')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
  });
});

it('the description for virtual machine monitors has the features that the daemon prints', async () => {
  const description = JSON.parse(readFileSync(share('qemu/vhost-user/50-virtiofsd.json'), 'utf8'));
  const { type, features } = JSON.parse((await run(['--print-capabilities'])).stdout);
  expect(description).toEqual({
    description: expect.any(String),
    type,
    binary: expect.any(String),
    features,
  });
});
