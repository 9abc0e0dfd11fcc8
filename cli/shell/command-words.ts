import type { Argument, Command, Option } from 'commander';

/** What a shell can offer for a word: files that end so, folders, some words, or nothing. */
export type Offer =
  | { readonly kind: 'files'; readonly ending?: string }
  | { readonly kind: 'folders' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'nothing' };

export interface OptionWords {
  /** How it is written, the short one first: `-o`, `--output`. */
  readonly names: readonly string[];
  readonly help: string;
  /** What its value is called, and what may stand there; undefined: it has none. */
  readonly value?: { readonly name: string; readonly offer: Offer; readonly optional: boolean };
  /** It may be given several times. */
  readonly repeats: boolean;
}

export interface ArgumentWords {
  readonly name: string;
  readonly help: string;
  readonly offer: Offer;
  readonly optional: boolean;
  /** The last one takes all words that follow. */
  readonly repeats: boolean;
}

/** A command as completions and the manual page tell of it. */
export interface CommandWords {
  readonly name: string;
  readonly help: string;
  readonly arguments: readonly ArgumentWords[];
  readonly options: readonly OptionWords[];
}

/** All commands of the program, from their definitions, so that nothing is told twice. */
export function commandWords(program: Command): readonly CommandWords[] {
  return program.commands.map((command) => ({
    name: command.name(),
    help: command.description(),
    arguments: command.registeredArguments.map(argumentWords),
    options: [...command.options.map(optionWords), HELP],
  }));
}

const HELP: OptionWords = { names: ['-h', '--help'], help: 'say what there is', repeats: false };

function optionWords(option: Option): OptionWords {
  const { short, long, description, optional, variadic, defaultValue } = option;
  const name = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1];
  return {
    names: [short, long].filter((one) => one !== undefined),
    help: description,
    ...(name !== undefined && { value: { name, offer: offerOf(name, option.argChoices), optional } }),
    repeats: variadic || Array.isArray(defaultValue),
  };
}

function argumentWords(argument: Argument): ArgumentWords {
  const { description, required, variadic } = argument;
  const name = argument.name();
  return { name, help: description, offer: offerOf(name, argument.argChoices), optional: !required, repeats: variadic };
}

/** What may stand for `<name>` follows from what it is called. */
function offerOf(name: string, choices: readonly string[] | undefined): Offer {
  if (choices !== undefined) return { kind: 'words', words: choices };
  switch (name.replace('...', '')) {
    case 'dir':
    case 'folder':
      return { kind: 'folders' };
    case 'source':
    case 'files':
      return { kind: 'files', ending: '.torrent' };
    case 'file':
    case 'path':
      return { kind: 'files' };
    default:
      return { kind: 'nothing' };
  }
}
