import type { Command } from 'commander';
import { Option } from 'commander';
import { isStoreUrl } from '../core/base/store-place.ts';
import type { SeedRule } from '../core/base/choices.ts';
import type { Endpoint } from '../core/base/endpoint.ts';
import { EnsembleError } from '../core/base/errors.ts';
import {
  type DownloadOptions,
  OPTION_NAMES,
  type OptionName,
  ordinaryOptions,
} from '../core/engine/download-options.ts';
import { DOWNLOAD_OPTIONS, type OptionGroup } from '../core/engine/option-table.ts';
import {
  bindList,
  dealingName,
  label,
  linkList,
  path,
  peerList,
  programWords,
  proxyList,
  rate,
  seedRule,
  serveAt,
  strategyName,
  tagList,
  trackerList,
} from '../core/engine/values.ts';
import { DEALING_NAMES, dealsPieces } from '../core/strategy/dealings/dealings.ts';
import { STRATEGY_NAMES } from '../core/strategy/orders/strategies.ts';
import type { Context } from './context.ts';
import { resolvePath } from './context.ts';
import { type FileWish, parseRanges } from './file-choice.ts';
import {
  addPeer,
  addText,
  addUrl,
  parseBindList,
  parseLabel,
  parseLinks,
  parseProgram,
  parseProxyList,
  parseRate,
  parseSeconds,
  parseSeedRule,
  parseServeAt,
  parseSpan,
  parseTags,
  parseWhole,
} from './options.ts';

/** What commander gives for the options below; a command that lacks an option gets its default. */
export type DownloadFlags = Partial<Omit<DownloadOptions, 'output' | 'filePriorities'>> &
  FileWish & {
    readonly output: string;
    readonly dhtBootstrap?: readonly Endpoint[];
    /** Milliseconds. */
    readonly seedTime?: number;
    readonly timeout?: number;
    readonly json?: boolean;
  };

/** What one command says of an option differently from the schema. */
interface Said {
  readonly help?: string;
  /** The default, and how the help describes it; `undefined`: none, so that the command sees whether the option was given. */
  readonly preset?: unknown;
  readonly presetText?: string;
}

export function addJson(command: Command): Command {
  return command.option('--json', 'one JSON object a line on standard output');
}

/** Options on how pieces are shared out, for `get` and `identity`. */
export function addSharing(command: Command): Command {
  // A lone identity without a common directory has another layout unless one is named.
  const help = 'where pieces lie until assembly (default: in-place; without a folder that identities share: parts)';
  return addGroup(command, 'sharing', { layout: { preset: undefined, help } });
}

/** Options for addresses, peers and limits, for every command that joins a swarm. */
export function addNetwork(command: Command): Command {
  return addDhtBootstrap(addGroup(command, 'network')).option(
    '--timeout <seconds>',
    'give up after this time, keeping what is there',
    parseSeconds,
  );
}

/** The way by which SOURCE is fetched where it is an address, for commands that do nothing else on the network. */
export function addWay(command: Command): Command {
  addOption(command, 'bind', { help: 'the local address or interface name by which SOURCE is fetched' });
  return addOption(command, 'proxies', { help: 'the proxy by which alone SOURCE is fetched' });
}

/** Where nodes of the DHT start from. */
export function addDhtBootstrap(command: Command): Command {
  return command.option(
    '--dht-bootstrap <host:port>',
    'a node of the DHT to start from, in place of the well-known ones (repeatable)',
    addPeer,
    [],
  );
}

/** What happens after completion. */
export function addSeed(command: Command, preset: 'never' | 'forever'): Command {
  return addGroup(command, 'end', { seed: { preset: { kind: preset }, presetText: preset } });
}

/** Every option of a group, as the schema has it. */
export function addGroup(command: Command, group: OptionGroup, said: Partial<Record<OptionName, Said>> = {}): Command {
  for (const name of OPTION_NAMES) {
    const option = DOWNLOAD_OPTIONS[name];
    if ('group' in option && option.group === group) addOption(command, name, said[name]);
  }
  return command;
}

/** One option, as the schema has it: how it is written, its help, its choices or bounds, and its default. */
export function addOption(command: Command, name: OptionName, said: Said = {}): Command {
  const entry = DOWNLOAD_OPTIONS[name];
  for (const [flags, help] of Object.entries('flags' in entry ? entry.flags : {})) {
    // Files are chosen by pattern and number; commands turn these into priorities (`file-choice.ts`).
    if (name === 'filePriorities') {
      if (flags.startsWith('--files')) command.option(flags, help, parseRanges);
      else command.option(flags, help, addText, []);
      continue;
    }
    if (flags.startsWith('--seed-time')) {
      command.option(flags, help, parseSpan);
      continue;
    }
    const option = new NamedOption(name, flags, said.help ?? help);
    const preset = 'preset' in said ? said.preset : 'usual' in entry ? entry.usual : undefined;
    if (preset !== undefined && preset !== false && !option.negate) option.default(preset, said.presetText);
    command.addOption(readAs(option, name));
  }
  return command;
}

/** An option whose value is stored under the schema's name for it, whatever its flag is called. */
class NamedOption extends Option {
  readonly #name: OptionName;

  constructor(name: OptionName, flags: string, help: string) {
    super(flags, help);
    this.#name = name;
  }

  override attributeName(): string {
    return this.#name;
  }
}

/** Those of these options that were typed, for commands that leave the others as they are. */
export function typedOptions<K extends OptionName>(
  command: Command,
  names: readonly K[],
): Partial<Pick<DownloadOptions, K>> {
  const isTyped = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  const typed: Partial<Record<OptionName, unknown>> = {};
  for (const name of names.filter(isTyped)) typed[name] = command.getOptionValue(name);
  if (isTyped('seedTime')) {
    typed.seed = withSeedTime(typed.seed as SeedRule | undefined, command.getOptionValue('seedTime') as number);
  }
  return typed as Partial<Pick<DownloadOptions, K>>;
}

/** A seed rule with a goal in time (ms), besides those that it has. */
function withSeedTime(rule: SeedRule | undefined, time: number): SeedRule {
  const goals = rule?.kind === 'goals' || rule?.kind === 'ratio' ? rule : {};
  return { ratio: 'none', idle: 'none', ...goals, kind: 'goals', time };
}

/** Parses what is typed into a value of the option's schema; commander refuses anything else (exit code 2). */
function readAs(option: Option, name: OptionName): Option {
  const { schema } = DOWNLOAD_OPTIONS[name];
  if (schema.type === 'picklist') return option.choices(schema.options);
  if (schema.type === 'number')
    return option.argParser(parseWhole(schema.pipe[2].requirement, schema.pipe[3].requirement));
  if (schema === rate) return option.argParser(parseRate);
  if (schema === seedRule) return option.argParser(parseSeedRule);
  if (schema === bindList) return option.argParser(parseBindList);
  if (schema === linkList) return option.argParser(parseLinks);
  if (schema === proxyList) return option.argParser(parseProxyList);
  if (schema === label) return option.argParser(parseLabel);
  if (schema === tagList) return option.argParser(parseTags);
  if (schema === programWords) return option.argParser(parseProgram);
  if (schema === trackerList) return option.argParser(addUrl('http', 'https', 'udp'));
  if (schema === peerList) return option.argParser(addPeer);
  if ('wrapped' in schema && schema.wrapped === strategyName) return option.choices(STRATEGY_NAMES);
  if ('wrapped' in schema && schema.wrapped === dealingName) return option.choices(DEALING_NAMES);
  if ('wrapped' in schema && schema.wrapped === serveAt) return option.preset('127.0.0.1').argParser(parseServeAt);
  return option;
}

/** Whether its value is a path, which is typed relative to the current folder. */
function isPath(name: OptionName): boolean {
  const { schema } = DOWNLOAD_OPTIONS[name];
  return schema === path || ('wrapped' in schema && schema.wrapped === path);
}

/** Where nodes of the DHT start from: what an earlier run kept, and who was named. */
export function dhtOptions(
  { backend, env }: Context,
  { dhtBootstrap = [] }: Pick<DownloadFlags, 'dhtBootstrap'>,
): { readonly dhtFolder?: string; readonly dhtBootstrap?: readonly Endpoint[] } {
  let dhtFolder: string | undefined;
  try {
    dhtFolder = backend.defaultStateFolder(env);
  } catch {
    // Without a home every run starts from the well-known nodes.
  }
  return {
    ...(dhtFolder === undefined ? {} : { dhtFolder }),
    ...(dhtBootstrap.length === 0 ? {} : { dhtBootstrap }),
  };
}

/** Flags as the engine's options. EnsembleError('usage') for combinations that make no sense. */
export function downloadOptions(context: Context, flags: DownloadFlags): DownloadOptions {
  if (flags.common !== undefined && isStoreUrl(flags.common)) throw noStoreHere('--common');
  const chosen: Partial<Record<OptionName, unknown>> = {};
  for (const name of OPTION_NAMES) {
    const value = name === 'filePriorities' ? undefined : flags[name];
    if (value !== undefined)
      chosen[name] = typeof value === 'string' && isPath(name) ? resolvePath(context, value) : value;
  }
  if (flags.seedTime !== undefined) chosen.seed = withSeedTime(flags.seed, flags.seedTime);
  const options = ordinaryOptions(resolvePath(context, flags.output), chosen as Partial<DownloadOptions>);
  const { port, identities, takeOver, selection, dealing, tcp, utp } = options;
  if (port > 0 && port + identities - 1 > 65535) {
    throw new EnsembleError(
      'usage',
      `--port ${port}: identity ${identities} would listen beyond 65535. Take a lower one.`,
    );
  }
  if (!tcp && !utp) {
    throw new EnsembleError('usage', '--no-tcp and --no-utp together leave no way to a peer: leave one of them out.');
  }
  if (takeOver && selection !== 'fixed') {
    throw new EnsembleError('usage', `--take-over is for --select fixed: with ${selection} idle identities always do.`);
  }
  if (dealsPieces(dealing) && selection !== 'fixed') {
    throw new EnsembleError('usage', `--dealing ${dealing} deals out pieces: it is for --select fixed.`);
  }
  return options;
}

/** A server where machines meet is named where only a folder will do. */
export function noStoreHere(where: string): EnsembleError {
  const one = '`ensemble get --common nats://HOST/NAME` on each';
  return new EnsembleError('usage', `${where} takes a folder here. At a server machines meet by ${one}.`);
}
