import type { RpcHost } from './host.ts';
import type { Answer, Args } from './args.ts';
import { type Json, SPEED_UNIT } from './json.ts';
import { alternativeFields, switchedFields } from './session-switches.ts';

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
  'alt-speed-enabled': (host) => host.alternative(),
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
  encryption: (host) => (host.settings().encryption === 'off' ? 'tolerated' : host.settings().encryption),
  'incomplete-dir': (host) => host.settings().folder,
  'incomplete-dir-enabled': same(false),
  'lpd-enabled': (host) => host.settings().lsd,
  'peer-limit-global': (host) => host.settings().maxPeers,
  'peer-limit-per-torrent': (host) => host.settings().maxPeers,
  'peer-port': (host) => host.settings().port,
  'peer-port-random-on-start': (host) => host.settings().port === 0,
  'pex-enabled': (host) => host.settings().pex,
  'port-forwarding-enabled': (host) => host.settings().portMap,
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
  'session-id': (host) => host.sessionId,
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

export async function sessionGet({ host }: { readonly host: RpcHost }, args: Args): Promise<Answer> {
  const settings = host.settings();
  const plain = { ...switchedFields(settings, host.choices()), ...alternativeFields(settings) };
  const asked = args.texts('fields') ?? [...Object.keys(SESSION_FIELDS), ...Object.keys(plain)];
  const values = [...new Set(asked)].map(async (name): Promise<readonly (readonly [string, Json])[]> => {
    if (Object.hasOwn(plain, name)) return [[name, plain[name] ?? 0]];
    const field = Object.hasOwn(SESSION_FIELDS, name) ? SESSION_FIELDS[name] : undefined;
    return field === undefined ? [] : [[name, await field(host)]];
  });
  return Object.fromEntries((await Promise.all(values)).flat());
}
