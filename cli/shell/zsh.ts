import type { CommandWords, Offer, OptionWords } from './command-words.ts';

/** Completions for zsh. Loaded by `source <(ensemble completions zsh)`, or as the file `_ensemble` in a folder of `fpath`. */
export function zshCompletions(commands: readonly CommandWords[]): string {
  return `#compdef ensemble
# Completions of ensemble for zsh: source <(ensemble completions zsh), after compinit.
_ensemble() {
    local context state state_descr line curcontext="$curcontext"
    typeset -A opt_args
    _arguments -C \\
        '(- *)'{-h,--help}'[say what there is]' \\
        '(- *)'{-V,--version}'[say which version it is]' \\
        '1:command:->command' \\
        '*::argument:->argument'
    case $state in
        command)
            local -a commands=(
${commands.map(({ name, help }) => `                ${quoted(`${name}:${help}`)}`).join('\n')}
            )
            _describe command commands
            ;;
        argument)
            case $words[1] in
${commands.map(commandCase).join('\n')}
            esac
            ;;
    esac
}

if [[ $funcstack[1] == _ensemble ]]; then
    _ensemble "$@"
else
    compdef _ensemble ensemble
fi
`;
}

function commandCase({ name, arguments: all, options }: CommandWords): string {
  const specs = [
    ...options.map(optionSpec),
    ...all.map(
      ({ name: argument, offer, optional, repeats }, at) =>
        quoted(`${repeats ? '*' : at + 1}:${optional && !repeats ? ':' : ''}${escaped(argument)}:`) + actionOf(offer),
    ),
  ];
  return `                ${name})
                    _arguments -s -S \\
${specs.map((spec) => `                        ${spec}`).join(' \\\n')}
                    ;;`;
}

function optionSpec({ names, help, value, repeats }: OptionWords): string {
  const [first = '', ...others] = names;
  const told = `[${escaped(help)}]`;
  const follows = value === undefined ? '' : quoted(`${told}${value.optional ? '::' : ':'}${escaped(value.name)}:`);
  const rest = value === undefined ? quoted(told) : follows + actionOf(value.offer);
  // A long name takes its value after = as well.
  const written = (name: string): string => {
    if (value === undefined) return name;
    return value.optional ? `${name}=-` : name.startsWith('--') ? `${name}=` : name;
  };
  if (repeats)
    return names.length === 1 ? quoted(`*${written(first)}`) + rest : `'*'{${names.map(written).join(',')}}${rest}`;
  if (others.length === 0) return quoted(written(first)) + rest;
  return quoted(`(${names.join(' ')})`) + `{${names.map(written).join(',')}}` + rest;
}

function actionOf(offer: Offer): string {
  switch (offer.kind) {
    case 'files':
      return offer.ending === undefined ? '_files' : quoted(`_files -g "*${offer.ending}"`);
    case 'folders':
      return quoted('_files -/');
    case 'words':
      return quoted(`(${offer.words.join(' ')})`);
    case 'nothing':
      return quoted(' ');
  }
}

/** Signs that mean something in a spec of _arguments. */
function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, String.raw`\$&`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
