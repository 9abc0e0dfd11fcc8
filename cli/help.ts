import type { Command, Option } from 'commander';

/** What is told of an option: its choices, and its default where its words do not tell that already and there is any. */
function optionDescription({ description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  const told = /\(default\b/.test(description);
  const isNone = defaultValue === undefined || typeof defaultValue === 'boolean' || isEmptyList(defaultValue);
  const facts = [
    ...(argChoices === undefined ? [] : [argChoices.join(', ')]),
    ...(told || isNone ? [] : [`default: ${defaultValueDescription ?? String(defaultValue)}`]),
  ];
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`;
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** How help looks, of the program and all its commands. */
export function configureHelp(program: Command): Command {
  return program
    .configureHelp({ sortSubcommands: false, optionDescription })
    .commandsGroup('Help:')
    .helpCommand('help [command]', 'all about a command')
    .addHelpText('after', '\n`ensemble COMMAND --help` tells all about a command. Without one the app opens.');
}
