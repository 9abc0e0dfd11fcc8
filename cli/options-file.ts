import path from 'node:path';
import { type Command, InvalidArgumentError, type Option } from 'commander';
import { EnsembleError } from '../core/base/errors.ts';
import { type Context, resolvePath } from './context.ts';

const MAX_BYTES = 1024 * 1024;
/** Lines at the top hold for these. What other commands do is asked of them alone. */
const GENERAL: readonly string[] = ['get', 'identity', 'seed'];
/** Only typed. */
const NEVER: ReadonlySet<string> = new Set(['help', 'json', 'options', 'no-options']);

/** A line that says something. */
interface Line {
  readonly number: number;
  /** The command that it is for; undefined: it stands at the top. */
  readonly section: string | undefined;
  readonly key: string;
  readonly value: string | undefined;
}

export interface OptionsFlags {
  /** A file, or false: none. */
  readonly options?: string | boolean;
}

/** Every command has them. */
export function addOptionsFile(command: Command): Command {
  return command
    .option('--options <file>', 'read options from this file (default: ~/.config/ensemble/options)')
    .option('--no-options', 'read no options from a file');
}

/**
 * Gives a command the options of the user's file that were not typed. Throws EnsembleError('usage'), naming file and line, for what it
 * cannot take.
 */
export async function applyOptionsFile(context: Context, command: Command): Promise<void> {
  const { options } = command.opts<OptionsFlags>();
  const reads = command.options.some(({ long }) => long === '--options');
  if (!reads || options === false) return;
  const typed = typeof options === 'string' ? resolvePath(context, options) : undefined;
  const file = typed ?? defaultFile(context);
  if (file === undefined) return;
  const data = await context.backend.disk.readFile(file, MAX_BYTES);
  if (data === undefined) {
    if (typed === undefined) return;
    throw new EnsembleError('usage', `There is no file ${typed}, from which options were to be read (--options).`);
  }
  const siblings = command.parent?.commands ?? [];
  const lines = readLines(new TextDecoder().decode(data), file);
  for (const { section, number, key } of lines) {
    if (section !== undefined && !siblings.some((one) => one.name() === section)) {
      throw wrong(file, number, `there is no command ${section}, for which ${key} is meant.`);
    }
  }
  const general = siblings.filter((one) => GENERAL.includes(one.name()));
  const typedOnes = new Set(command.options.map((one) => one.attributeName()).filter((name) => isTyped(command, name)));
  for (const line of lines) {
    const { section, number, key } = line;
    if (section === undefined ? !GENERAL.includes(command.name()) : section !== command.name()) continue;
    const option = optionOf(command, line);
    if (option === undefined) {
      const isOfAnother = section === undefined && general.some((one) => optionOf(one, line) !== undefined);
      if (!isOfAnother)
        throw wrong(file, number, `there is no option ${key} for ${section ?? 'get, identity or seed'}.`);
    } else if (!typedOnes.has(option.attributeName())) apply(context, option, line, { command, file });
  }
}

function isTyped(command: Command, name: string): boolean {
  return command.getOptionValueSource(name) === 'cli';
}

function defaultFile({ backend, env }: Context): string | undefined {
  if ((env['ENSEMBLE_NO_OPTIONS'] ?? '') !== '') return undefined;
  const folder = process.platform === 'win32' ? env['APPDATA'] : env['XDG_CONFIG_HOME'];
  if (folder !== undefined && path.isAbsolute(folder)) return path.join(folder, 'ensemble', 'options');
  const home = backend.home();
  return home === undefined ? undefined : path.join(home, '.config', 'ensemble', 'options');
}

/** `key = value`, `key`, and `[command]`, before which all commands that download are meant. */
function readLines(text: string, file: string): Line[] {
  let section: string | undefined;
  const lines: Line[] = [];
  for (const [at, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const number = at + 1;
    const head = /^\[\s*([a-z-]+)\s*\]$/.exec(line);
    const said = /^(?:--)?([a-z][a-z-]*)(?:\s*=\s*(.*))?$/.exec(line);
    if (head !== null) section = head[1];
    else if (said?.[1] !== undefined) lines.push({ number, section, key: said[1], value: said[2] });
    else throw wrong(file, number, 'give the long name of an option, = and its value: down = 2M.');
  }
  return lines;
}

/** The option that a line means: `dht = false` is `--no-dht`. */
function optionOf(command: Command, { key, value }: Line): Option | undefined {
  if (NEVER.has(key)) return undefined;
  const named = (long: string): Option | undefined => command.options.find((option) => option.long === `--${long}`);
  return (value === 'false' ? named(`no-${key}`) : undefined) ?? named(key) ?? named(`no-${key}`);
}

function apply(
  context: Context,
  option: Option,
  { number, key, value }: Line,
  { command, file }: { readonly command: Command; readonly file: string },
): void {
  if (!option.required && !option.optional) {
    if (value !== undefined && value !== 'true' && value !== 'false') {
      throw wrong(file, number, `${key} takes no value.`);
    }
    // `dht = true` and `sequential = false` ask for what is usual.
    const isMeant = option.long === `--${key}` ? value !== 'false' : value === 'false';
    if (isMeant) command.parseOptions([option.long ?? '']);
    return;
  }
  if (value === undefined && !option.optional) throw wrong(file, number, `${key} needs a value: ${key} = ...`);
  const refuse = (why: string): never => {
    throw wrong(file, number, `${key}: ${why}`);
  };
  const meant = value === undefined ? undefined : atHome(context, option, value, refuse);
  try {
    if (meant !== undefined) option.parseArg?.(meant, [] as never);
  } catch (error) {
    if (error instanceof InvalidArgumentError || error instanceof EnsembleError) {
      throw wrong(file, number, `${key} cannot be so. ${error.message}`);
    }
    throw error;
  }
  command.parseOptions([meant === undefined ? `--${key}` : `--${key}=${meant}`]);
}

/** A shell would have read `~/` before. */
function atHome({ backend }: Context, { flags }: Option, value: string, refuse: (why: string) => never): string {
  if (!value.startsWith('~/') || !/<(?:dir|file)/.test(flags)) return value;
  const home = backend.home() ?? refuse('there is no home folder that "~/" could mean: give the whole path.');
  return path.join(home, value.slice(2));
}

function wrong(file: string, line: number, why: string): EnsembleError {
  return new EnsembleError('usage', `${file}, line ${line}: ${why}`);
}
