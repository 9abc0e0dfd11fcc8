import { EXIT, EXIT_MEANING } from '../exit-codes.ts';
import type { ArgumentWords, CommandWords, Offer, OptionWords } from './command-words.ts';

interface ManualOptions {
  readonly version: string;
  /** When it is made: 2026-11-30. */
  readonly date: string;
  /** What the program is, in a sentence. */
  readonly about: string;
}

/** The manual page ensemble(1), for `man -l -`. */
export function manualPage(commands: readonly CommandWords[], { version, date, about }: ManualOptions): string {
  const lines = [
    `.TH ENSEMBLE 1 "${date}" "Ensemble ${version}" "User Commands"`,
    '.SH NAME',
    `ensemble \\- ${escaped(about.replace(/^A /, '').replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    '.B ensemble',
    '.RI [ command ]',
    '.RI [ argument ...]',
    '.RI [ option ...]',
    '.SH DESCRIPTION',
    roff(about),
    'Without a command it opens the desktop app, or serves its UI for a browser',
    'where there is no display.',
    '.PP',
    'Rates and sizes that are typed take K, M or G (1024), or kB, MB or GB (1000).',
    'With',
    '.B \\-\\-json',
    'standard output carries one JSON object a line.',
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH OPTIONS FILE',
    ...paragraphs(OPTIONS_FILE),
    '.SH EXIT STATUS',
    ...Object.entries(EXIT).flatMap(([name, code]) => [
      '.TP',
      `.B ${code}`,
      roff(EXIT_MEANING[name as keyof typeof EXIT]),
    ]),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, does]) => ['.TP', `.B ${name}`, roff(does)]),
    '.SH FILES',
    ...FILES.flatMap(([name, what]) => ['.TP', `.I ${escaped(name)}`, roff(what)]),
    '.SH SEE ALSO',
    '.BR transmission\\-remote (1),',
    '.BR aria2c (1)',
  ];
  return `${lines.join('\n')}\n`;
}

const OPTIONS_FILE = [
  'Long options, one a line, without the dashes: "down = 2M", "no-dht". Empty lines and those that begin with # are left out. Those at the top hold for get, identity and seed, as far as these have them; those below a line such as [serve] for that command alone. "~/" at the beginning of a file or folder is the home folder.',
  'What is typed wins over the file: an option that is typed is not taken from it. --no-options leaves it out, --options FILE reads another one.',
];

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['ENSEMBLE_NO_OPTIONS', 'where it is set, the options file is not read'],
  ['NO_COLOR', 'where it is set, nothing is coloured'],
  ['TERM', 'dumb: plain lines in place of a display'],
];

const FILES: readonly (readonly [string, string])[] = [
  ['~/.config/ensemble/options', 'the options file; below XDG_CONFIG_HOME where that is set'],
  ['~/.local/state/ensemble', 'catalog and settings of the app and of serve; below XDG_STATE_HOME where that is set'],
];

function commandLines({ name, help, arguments: all, options }: CommandWords): string[] {
  return [
    `.SS ensemble ${[name, ...all.map(written)].join(' ')}`,
    `${sentence(help)}`,
    ...all.flatMap((one) => ['.TP', `.I ${escaped(one.name)}`, roff(`${one.help}${choicesOf(one.offer)}`)]),
    ...options.flatMap(optionLines),
  ];
}

function written({ name, optional, repeats }: ArgumentWords): string {
  const text = `${name.toUpperCase()}${repeats ? '...' : ''}`;
  return optional ? `[${text}]` : text;
}

function optionLines({ names, help, value }: OptionWords): string[] {
  const follows = value === undefined ? '' : ` \\fI${escaped(value.optional ? `[${value.name}]` : value.name)}\\fR`;
  const all = names.map((name) => `\\fB${escaped(name)}\\fR`).join(', ');
  return ['.TP', `${all}${follows}`, roff(`${help}${value === undefined ? '' : choicesOf(value.offer)}`)];
}

function choicesOf(offer: Offer): string {
  return offer.kind === 'words' ? ` (${offer.words.join(', ')})` : '';
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.flatMap((text, at) => (at === 0 ? [roff(text)] : ['.PP', roff(text)]));
}

function sentence(text: string): string {
  return roff(`${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`);
}

/** Most characters of a line: roff fills them anyway. */
const WIDTH = 76;

/** Text as lines of roff: each sentence begins one, and none is long. */
function roff(text: string): string {
  return text
    .split(/(?<=[.:!?]) +(?=[A-Z`"~])/)
    .flatMap((one) => wrapped(escaped(one)))
    .map((line) => line.replace(/^(?=[.'])/, String.raw`\&`))
    .join('\n');
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** Backslashes and dashes as they are typed. */
function escaped(text: string): string {
  return text.replaceAll('\\', String.raw`\e`).replaceAll('-', String.raw`\-`);
}
