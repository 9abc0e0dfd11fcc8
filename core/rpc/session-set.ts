import { MAX_PEERS } from '../base/bounds.ts';
import { EnsembleError } from '../base/errors.ts';
import { bytesPerSecond } from '../base/ids.ts';
import type { Settings } from '../engine/settings.ts';
import type { Answer, Args } from './args.ts';
import type { KeptChoices, RpcHost } from './host.ts';
import { SPEED_UNIT } from './json.ts';
import { isAbsolute } from './places.ts';
import { FIRST_RATIO, seedRule } from './seeding.ts';

const LARGEST_LIMIT = 1e9;

/** Settings by their names there that are switches here. */
const SWITCHES = {
  'dht-enabled': 'dht',
  'pex-enabled': 'pex',
  'lpd-enabled': 'lsd',
  'utp-enabled': 'utp',
  'tcp-enabled': 'tcp',
  'port-forwarding-enabled': 'portMap',
} as const;

/** Changes settings. As in Transmission names that are not known, or mean nothing here, are passed over. */
export async function sessionSet({ host }: { readonly host: RpcHost }, args: Args): Promise<Answer> {
  const changes = settingsOf(args, host.settings(), host.choices());
  if (Object.keys(changes).length > 0) await host.call('changeSettings', { changes });
  host.keep(choicesOf(args));
  return {};
}

function settingsOf(args: Args, now: Settings, kept: KeptChoices): Partial<Settings> {
  const folder = args.text('download-dir') ?? '';
  if (folder !== '' && !isAbsolute(folder)) throw new EnsembleError('usage', 'download directory path is not absolute');
  const peers = args.whole('peer-limit-per-torrent') ?? args.whole('peer-limit-global');
  const port = args.flag('peer-port-random-on-start') === true ? 0 : args.whole('peer-port');
  const encryption = args.text('encryption');
  const down = limitOf(args, 'down', now.down, kept.down);
  const up = limitOf(args, 'up', now.up, kept.up);
  const seed = seedOf(args, now.seed);
  const switches = Object.entries(SWITCHES).flatMap(([name, setting]) => {
    const value = args.flag(name);
    return value === undefined ? [] : [[setting, value] as const];
  });
  return {
    ...Object.fromEntries(switches),
    ...(folder === '' ? {} : { folder }),
    ...(peers === undefined ? {} : { maxPeers: Math.min(MAX_PEERS, Math.max(1, peers)) }),
    ...(port === undefined ? {} : { port: Math.min(65_535, Math.max(0, port)) }),
    ...(encryption === undefined ? {} : { encryption: policyOf(encryption) }),
    ...(down === undefined ? {} : { down: bytesPerSecond(down) }),
    ...(up === undefined ? {} : { up: bytesPerSecond(up) }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** Transmission takes what it does not know for `preferred`. */
function policyOf(word: string): Settings['encryption'] {
  return word === 'required' ? 'required' : word === 'tolerated' ? 'off' : 'preferred';
}

/** A limit over all downloads, in bytes a second, after what a request says; undefined: nothing that holds now. */
function limitOf(args: Args, way: 'down' | 'up', now: number, kept: number): number | undefined {
  const said = numberOf(args, way);
  const limited = args.flag(`speed-limit-${way}-enabled`);
  if (limited === false) return 0;
  if (limited === undefined && (said === undefined || now === 0)) return undefined;
  return Math.max(1, (said ?? (now > 0 ? now / SPEED_UNIT : kept)) * SPEED_UNIT);
}

const numberOf = (args: Args, way: 'down' | 'up'): number | undefined => {
  const said = args.whole(`speed-limit-${way}`);
  return said === undefined ? undefined : Math.min(LARGEST_LIMIT, Math.max(0, said));
};

/** What new downloads begin with. */
function seedOf(args: Args, now: Settings['seed']): Settings['seed'] | undefined {
  const said = args.real('seedRatioLimit');
  const limited = args.flag('seedRatioLimited');
  if (limited === undefined && (said === undefined || now.kind === 'forever')) return undefined;
  return seedRule(limited ?? true, Math.max(0, said ?? (now.kind === 'ratio' ? now.ratio : FIRST_RATIO)));
}

function choicesOf(args: Args): Partial<KeptChoices> {
  const start = args.flag('start-added-torrents');
  const down = numberOf(args, 'down');
  const up = numberOf(args, 'up');
  return {
    ...(start === undefined ? {} : { start }),
    ...(down === undefined ? {} : { down }),
    ...(up === undefined ? {} : { up }),
  };
}
