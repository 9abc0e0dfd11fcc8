import { MAX_PEERS } from '../base/bounds.ts';
import { EnsembleError } from '../base/errors.ts';
import { isWholePath } from '../base/whole-path.ts';
import type { Settings } from '../engine/settings.ts';
import type { Answer, Args } from './args.ts';
import type { RpcHost } from './host.ts';
import { alternativeChanges, switchedChanges } from './session-switches.ts';

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
  const before = host.settings();
  const switched = switchedChanges(args, before, host.choices());
  const changes = { ...settingsOf(args), ...switched.settings, ...alternativeChanges(args, before) };
  if (Object.keys(changes).length > 0) await host.call('changeSettings', { changes });
  const alternative = args.flag('alt-speed-enabled');
  if (alternative !== undefined) await host.call('useAlternativeLimits', { on: alternative });
  const start = args.flag('start-added-torrents');
  host.keep({ ...switched.kept, ...(start === undefined ? {} : { start }) });
  return {};
}

function settingsOf(args: Args): Partial<Settings> {
  const folder = args.text('download-dir') ?? '';
  if (folder !== '' && !isWholePath(folder))
    throw new EnsembleError('usage', 'download directory path is not absolute');
  const peers = args.whole('peer-limit-per-torrent') ?? args.whole('peer-limit-global');
  const port = args.flag('peer-port-random-on-start') === true ? 0 : args.whole('peer-port');
  const encryption = args.text('encryption');
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
  };
}

/** Transmission takes what it does not know for `preferred`. */
function policyOf(word: string): Settings['encryption'] {
  return word === 'required' ? 'required' : word === 'tolerated' ? 'off' : 'preferred';
}
