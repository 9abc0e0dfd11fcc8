import type { CommandWords, Offer, OptionWords } from './command-words.ts';

/** Completions for fish. Loaded by `ensemble completions fish | source`, or as `ensemble.fish` in its folder of completions. */
export function fishCompletions(commands: readonly CommandWords[]): string {
  return `# Completions of ensemble for fish: ensemble completions fish | source
function __ensemble_is
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test "$words[2]" = "$argv[1]"
end

function __ensemble_first
    test (count (commandline -opc)) -eq 1
end

complete -c ensemble -f
complete -c ensemble -n __ensemble_first -s h -l help -d 'say what there is'
complete -c ensemble -n __ensemble_first -s V -l version -d 'say which version it is'
${commands.map(({ name, help }) => `complete -c ensemble -n __ensemble_first -a ${name} -d ${quoted(help)}`).join('\n')}
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ name, arguments: all, options }: CommandWords): string[] {
  const base = `complete -c ensemble -n '__ensemble_is ${name}'`;
  // It does not tell one argument from the next: what may stand anywhere is offered.
  const offers = new Map(all.map(({ offer }) => [actionOf(offer), true]));
  return [
    ...[...offers.keys()].filter((action) => action !== '').map((action) => `${base} ${action}`),
    ...options.map((option) => `${base} ${optionFlags(option)}`),
  ];
}

function optionFlags({ names, help, value }: OptionWords): string {
  const written = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  // What is exclusive keeps away what the command's arguments offer.
  const isFile = value?.offer.kind === 'files';
  const follows =
    value === undefined || value.optional ? '' : ` ${isFile ? '-r' : '-x'} ${actionOf(value.offer)}`.trimEnd();
  return `${written.join(' ')}${follows} -d ${quoted(help)}`;
}

function actionOf(offer: Offer): string {
  switch (offer.kind) {
    case 'files':
      return offer.ending === undefined ? '-F' : `-k -a '(__fish_complete_suffix ${offer.ending})'`;
    case 'folders':
      return `-a '(__fish_complete_directories)'`;
    case 'words':
      return `-a ${quoted(offer.words.join(' '))}`;
    case 'nothing':
      return '';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
