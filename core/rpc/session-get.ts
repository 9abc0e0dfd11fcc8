import type { RpcHost } from './host.ts';
import type { Answer, Args } from './args.ts';
import { type Json, SPEED_UNIT } from './json.ts';
import { ratioLimitOf } from './seeding.ts';

/** The protocol that is spoken: that of Transmission 4.0, and the oldest whose clients understand it. */
const RPC_VERSION = 17;
const RPC_VERSION_SEMVER = '5.3.0';
const RPC_VERSION_MINIMUM = 14;
/** Clients read from this what we can. */
const LIKE = '4.0.6';

const names = (unit: string, letters: readonly string[]): Json => letters.map((letter) => `${letter}${unit}`);
const KILO = ['k', 'M', 'G', 'T'];
const KIBI = ['Ki', 'Mi', 'Gi', 'Ti'];

type Field = (host: RpcHost) => Json | Promise<Json>;
const same =
  (value: Json): Field =>
  () =>
    value;

/** Every field of `session-get`. What does not exist here is off. */
const SESSION_FIELDS: Readonly<Record<string, Field>> = {
  'alt-speed-down': same(50),
  'alt-speed-enabled': same(false),
  'alt-speed-time-begin': same(540),
  'alt-speed-time-day': same(127),
  'alt-speed-time-enabled': same(false),
  'alt-speed-time-end': same(1020),
  'alt-speed-up': same(50),
  'anti-brute-force-enabled': same(true),
  'anti-brute-force-threshold': same(5),
  'blocklist-enabled': same(false),
  'blocklist-size': same(0),
  'blocklist-url': same(''),
  'cache-size-mb': same(8),
  'config-dir': (host) => host.stateFolder,
  'default-trackers': same(''),
  'dht-enabled': (host) => host.settings().dht,
  'download-dir': (host) => host.settings().folder,
  'download-dir-free-space': async (host) =>
    (await host.call('folderInfo', { folder: host.settings().folder })).free ?? -1,
  'download-queue-enabled': same(false),
  'download-queue-size': same(5),
  encryption: (host) => (host.settings().encryption === 'off' ? 'tolerated' : host.settings().encryption),
  'idle-seeding-limit': same(30),
  'idle-seeding-limit-enabled': same(false),
  'incomplete-dir': (host) => host.settings().folder,
  'incomplete-dir-enabled': same(false),
  'lpd-enabled': (host) => host.settings().lsd,
  'peer-limit-global': (host) => host.settings().maxPeers,
  'peer-limit-per-torrent': (host) => host.settings().maxPeers,
  'peer-port': (host) => host.settings().port,
  'peer-port-random-on-start': (host) => host.settings().port === 0,
  'pex-enabled': (host) => host.settings().pex,
  'port-forwarding-enabled': (host) => host.settings().portMap,
  'queue-stalled-enabled': same(false),
  'queue-stalled-minutes': same(30),
  'rename-partial-files': same(false),
  'rpc-version': same(RPC_VERSION),
  'rpc-version-minimum': same(RPC_VERSION_MINIMUM),
  'rpc-version-semver': same(RPC_VERSION_SEMVER),
  'script-torrent-added-enabled': same(false),
  'script-torrent-added-filename': same(''),
  'script-torrent-done-enabled': same(false),
  'script-torrent-done-filename': same(''),
  'script-torrent-done-seeding-enabled': same(false),
  'script-torrent-done-seeding-filename': same(''),
  'seed-queue-enabled': same(false),
  'seed-queue-size': same(10),
  seedRatioLimit: (host) => ratioLimitOf(host.settings().seed).limit,
  seedRatioLimited: (host) => host.settings().seed.kind !== 'forever',
  'session-id': (host) => host.sessionId,
  'speed-limit-down': (host) => limit(host.settings().down, host.choices().down),
  'speed-limit-down-enabled': (host) => host.settings().down > 0,
  'speed-limit-up': (host) => limit(host.settings().up, host.choices().up),
  'speed-limit-up-enabled': (host) => host.settings().up > 0,
  'start-added-torrents': (host) => host.choices().start,
  'tcp-enabled': (host) => host.settings().tcp,
  'trash-original-torrent-files': same(false),
  units: same({
    'speed-units': names('B/s', KILO),
    'speed-bytes': SPEED_UNIT,
    'size-units': names('B', KILO),
    'size-bytes': 1000,
    'memory-units': names('B', KIBI),
    'memory-bytes': 1024,
  }),
  'utp-enabled': (host) => host.settings().utp,
  version: (host) => `${LIKE} (Ensemble ${host.version})`,
};

const limit = (now: number, last: number): number => (now > 0 ? Math.round(now / SPEED_UNIT) : last);

export async function sessionGet({ host }: { readonly host: RpcHost }, args: Args): Promise<Answer> {
  const asked = args.texts('fields') ?? Object.keys(SESSION_FIELDS);
  const known = [...new Set(asked)].filter((name) => Object.hasOwn(SESSION_FIELDS, name));
  const values = await Promise.all(
    known.map(async (name) => [name, (await SESSION_FIELDS[name]?.(host)) ?? null] as const),
  );
  return Object.fromEntries(values);
}
