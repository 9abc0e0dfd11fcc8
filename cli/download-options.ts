import type { Command } from 'commander';
import { Option } from 'commander';
import type { LayoutKind, SeedRule, SelectionMode } from '../core/base/choices.ts';
import type { Endpoint } from '../core/base/endpoint.ts';
import { EnsembleError } from '../core/base/errors.ts';
import type { BytesPerSecond } from '../core/base/ids.ts';
import { bytesPerSecond } from '../core/base/ids.ts';
import type { DownloadOptions } from '../core/engine/engine.ts';
import type { Context } from './context.ts';
import { resolvePath } from './context.ts';
import { addPeer, addText, parseBindList, parseRate, parseSeconds, parseSeedRule, parseWhole } from './options.ts';

export const MOST_IDENTITIES = 32;

/** What commander gives for the options below; a command that lacks an option gets its default. */
export interface DownloadFlags {
  readonly output: string;
  readonly identities?: number;
  readonly select?: SelectionMode;
  readonly share?: boolean;
  readonly layout?: LayoutKind;
  readonly common?: string;
  readonly bind?: readonly string[];
  readonly port?: number;
  readonly peer?: readonly Endpoint[];
  readonly down?: BytesPerSecond;
  readonly up?: BytesPerSecond;
  readonly identityDown?: BytesPerSecond;
  readonly identityUp?: BytesPerSecond;
  readonly maxUploads?: number;
  readonly maxPeers?: number;
  readonly seed?: SeedRule;
  readonly assemble?: boolean;
  readonly log?: string;
  readonly takeOver?: boolean;
  readonly stay?: boolean;
  readonly only?: readonly string[];
  readonly sequential?: boolean;
  readonly allowPrivate?: boolean;
  readonly reuse?: boolean;
  readonly timeout?: number;
  readonly json?: boolean;
}

export function addJson(command: Command): Command {
  return command.option('--json', 'one JSON object a line on standard output');
}

/** How pieces are shared out: `get` and `identity`. */
export function addSharing(command: Command): Command {
  return command
    .addOption(
      new Option('--select <how>', 'how pieces are shared out')
        .choices(['rarest', 'random', 'fixed'])
        .default('rarest'),
    )
    .option('--share', 'upload pieces that siblings downloaded (default)', true)
    .option('--no-share', 'upload only what the identity downloaded itself')
    .addOption(
      new Option('--layout <layout>', 'where pieces lie until assembly').choices(['in-place', 'parts', 'pieces']),
    )
    .option('--take-over', 'with fixed: idle identities take what slow ones have not begun')
    .option('--stay', 'identities whose share is done stay and share until the download is complete')
    .option('--only <pattern>', 'fetch only the files that fit, such as "*.iso" (repeatable)', addText, [])
    .option('--sequential', 'fetch pieces in order')
    .option('--allow-private', 'several identities on a private torrent: its tracker may forbid that');
}

/** Addresses, peers and limits: every command that joins a swarm. */
export function addNetwork(command: Command): Command {
  return command
    .option('--bind <addresses>', 'local addresses or interface names A[,B...], dealt to identities', parseBindList, [])
    .option('--port <port>', 'identity i listens on this port + i (default: a free port)', parseWhole(0, 65535), 0)
    .option('--peer <host:port>', 'a peer to try besides those found (repeatable)', addPeer, [])
    .option('--down <rate>', 'limit in bytes/s, with K, M or G (1024)', parseRate, bytesPerSecond(0))
    .option('--up <rate>', 'limit in bytes/s, with K, M or G (1024)', parseRate, bytesPerSecond(0))
    .option('--identity-down <rate>', 'limit for each identity', parseRate, bytesPerSecond(0))
    .option('--identity-up <rate>', 'limit for each identity', parseRate, bytesPerSecond(0))
    .option(
      '--max-uploads <n>',
      'peers that an identity uploads to at a time; those behind one network interface share them, at least one each',
      parseWhole(1, 1000),
      4,
    )
    .option('--max-peers <n>', 'connections of an identity', parseWhole(1, 10_000), 80)
    .option('--log <file>', 'experiment log, JSON Lines')
    .option('--timeout <seconds>', 'give up after so long, keeping what is there', parseSeconds);
}

/** After completion. */
export function addSeed(command: Command, preset: SeedRule['kind'] & ('never' | 'forever')): Command {
  const option = new Option('--seed <rule>', 'after completion: never, forever, or a ratio').argParser(parseSeedRule);
  return command.addOption(option.default({ kind: preset }, preset));
}

/** Flags as the engine's options. EnsembleError('usage') for combinations that make no sense. */
export function downloadOptions(context: Context, flags: DownloadFlags): DownloadOptions {
  const identities = flags.identities ?? 1;
  const selection = flags.select ?? 'rarest';
  const port = flags.port ?? 0;
  if (port > 0 && port + identities - 1 > 65535) {
    throw new EnsembleError(
      'usage',
      `--port ${port}: identity ${identities} would listen beyond 65535. Take a lower one.`,
    );
  }
  if (flags.takeOver === true && selection !== 'fixed') {
    throw new EnsembleError('usage', `--take-over is for --select fixed: with ${selection} idle identities always do.`);
  }
  return {
    output: resolvePath(context, flags.output),
    identities,
    selection,
    share: flags.share ?? true,
    layout: flags.layout ?? 'in-place',
    ...(flags.common === undefined ? {} : { common: resolvePath(context, flags.common) }),
    bind: flags.bind ?? [],
    port,
    peers: flags.peer ?? [],
    down: flags.down ?? bytesPerSecond(0),
    up: flags.up ?? bytesPerSecond(0),
    identityDown: flags.identityDown ?? bytesPerSecond(0),
    identityUp: flags.identityUp ?? bytesPerSecond(0),
    maxUploads: flags.maxUploads ?? 4,
    maxPeers: flags.maxPeers ?? 80,
    seed: flags.seed ?? { kind: 'never' },
    assemble: flags.assemble ?? true,
    ...(flags.log === undefined ? {} : { log: resolvePath(context, flags.log) }),
    takeOver: flags.takeOver ?? false,
    stay: flags.stay ?? false,
    sequential: flags.sequential ?? false,
    allowPrivate: flags.allowPrivate ?? false,
    reuse: flags.reuse ?? false,
    paused: false,
  };
}
