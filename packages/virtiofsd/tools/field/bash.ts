import type { Operand } from '../../src/options/command-description.js';
import { flagOf } from '../../src/options/entry.js';
import { type Described, type Entry, NOTICE, offered, offerOf, valuesOf, wordOf } from './completed.js';

/** Completion for bash, which needs nothing of the package bash-completion. */
export function bashCompletion(daemon: Described, commands: readonly Described[]): string {
  const words = commands.map(wordOf);
  return `# Completion of virtiofsd for bash. ${NOTICE}

# Offers the words of a list, or what there is of a kind.
__virtiofsd_offer() {
  local cur=$1
  shift
  case $1 in
    @directory) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    @file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    @group) mapfile -t COMPREPLY < <(compgen -g -- "$cur") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur") ;;
  esac
  # A value follows without a space.
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}

_virtiofsd() {
  local cur=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD-1]} equals= command=
  COMPREPLY=()
  # The equals sign is a word of its own.
  if [[ $cur == = ]]; then
    equals== cur=
  elif [[ $option == = ]]; then
    equals== option=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if ((COMP_CWORD > 1)); then
    case \${COMP_WORDS[1]} in ${words.join(' | ')}) command=\${COMP_WORDS[1]} ;; esac
  fi
  case $command:$option$equals in
${[daemon, ...commands].map((command) => valueCases(command, command === daemon)).join('')}  esac
  [[ $equals ]] && return
  if [[ $cur == -* ]]; then
    case $command in
${commands.map((command) => `      ${wordOf(command)}) __virtiofsd_offer "$cur" ${flags(command)} ;;\n`).join('')}      *) __virtiofsd_offer "$cur" ${flags(daemon)} --version ;;
    esac
    return
  fi
  case $command in
    '') ((COMP_CWORD == 1)) && __virtiofsd_offer "$cur" ${words.join(' ')} ;;
${commands
  .filter(({ operands }) => operands.length > 0)
  .map(
    (command) => `    ${wordOf(command)}) __virtiofsd_offer "$cur" ${offerValues(command.operands[0]!)} ;;\n`,
  )
  .join('')}  esac
}
complete -F _virtiofsd virtiofsd
`;
}

/** The options of a command that have something to offer for a value. */
function valueCases(command: Described, isDaemon: boolean): string {
  const name = isDaemon ? '' : wordOf(command);
  return offered(command)
    .filter((entry) => entry.value !== undefined)
    .map((entry) => {
      const flag = flagOf(entry);
      const patterns = [`${name}:${flag}=`, ...(entry.needsEquals ? [] : [`${name}:${flag}`])];
      const values = offerValues(entry);
      const offer = values === '' ? '' : `__virtiofsd_offer "$cur" ${values}; `;
      return `    ${patterns.join(' | ')}) ${offer}return ;;\n`;
    })
    .join('');
}

function offerValues(what: Entry | Operand): string {
  const values = valuesOf(what);
  return typeof values === 'string' ? `@${values}` : values.join(' ');
}

function flags(command: Described): string {
  return [...offered(command).map(offerOf), '--help'].join(' ');
}
