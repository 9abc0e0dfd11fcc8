import type { CommandWords, Offer } from './command-words.ts';

/** Completions for bash. Loaded by `source <(ensemble completions bash)`, or as a file of bash-completion. */
export function bashCompletions(commands: readonly CommandWords[]): string {
  return `# Completions of ensemble for bash: source <(ensemble completions bash)
_ensemble_files() {
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -d -- "$1") $(compgen -f -X '!*'"$2" -- "$1"))
}

_ensemble_folders() {
    local IFS=$'\\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -d -- "$1"))
}

_ensemble() {
    local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} word i count=0
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$current"))
        return
    fi
    # Bash takes --option=value apart.
    if [[ $current == = ]]; then
        current=
    elif [[ $before == = ]]; then
        before=\${COMP_WORDS[COMP_CWORD-2]}
    fi
    case $command:$before in
${commands.flatMap(valueCases).join('\n')}
    esac
    if [[ $current == -* ]]; then
        case $command in
${commands.map((command) => `            ${command.name}) COMPREPLY=($(compgen -W '${optionNames(command).join(' ')}' -- "$current")) ;;`).join('\n')}
        esac
        return
    fi
    # Which of the arguments it is: values of options do not count.
    for ((i = 2; i < COMP_CWORD; i++)); do
        word=\${COMP_WORDS[i]}
        case $command:$word in
${skipCases(commands).join('\n')}
            *:=) ((i++)) ;;
            *:-*) ;;
            *) ((count++)) ;;
        esac
    done
    case $command:$count in
${commands.flatMap(argumentCases).join('\n')}
    esac
}

complete -F _ensemble ensemble
`;
}

function optionNames({ options }: CommandWords): string[] {
  return options.flatMap(({ names }) => names);
}

/** What may follow an option that takes a value. */
function valueCases({ name, options }: CommandWords): string[] {
  return options.flatMap(({ names, value }) => {
    if (value === undefined) return [];
    // What need not follow is only offered after `=`.
    const cases = names.map((one) => `${name}:${one}`).join('|');
    const act = actionOf(value.offer);
    if (value.optional)
      return [`        ${cases}) if [[ \${COMP_WORDS[COMP_CWORD-1]} == = ]]; then ${act} return; fi ;;`];
    return [`        ${cases}) ${act} return ;;`];
  });
}

/** Options whose value is the next word. */
function skipCases(commands: readonly CommandWords[]): string[] {
  return commands.flatMap(({ name, options }) => {
    const taking = options.filter(({ value }) => value !== undefined && !value.optional).flatMap(({ names }) => names);
    // With `=` its value is two words further.
    return taking.length === 0
      ? []
      : [
          `            ${taking.map((one) => `${name}:${one}`).join('|')}) [[ \${COMP_WORDS[i+1]} == = ]] && ((i++)); ((i++)) ;;`,
        ];
  });
}

function argumentCases({ name, arguments: all }: CommandWords): string[] {
  return all.map(({ offer, repeats }, at) => `        ${name}:${repeats ? '*' : at}) ${actionOf(offer)} ;;`);
}

function actionOf(offer: Offer): string {
  switch (offer.kind) {
    case 'files':
      return `_ensemble_files "$current" '${offer.ending ?? ''}';`;
    case 'folders':
      return '_ensemble_folders "$current";';
    case 'words':
      return `COMPREPLY=($(compgen -W '${offer.words.join(' ')}' -- "$current"));`;
    case 'nothing':
      return '';
  }
}
