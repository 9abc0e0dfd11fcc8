import * as v from 'valibot';
import { bytesPerSecond } from '../base/ids.ts';
import { FEED_SETTINGS } from './feeds.ts';
import { linkProfiles } from './link-profiles.ts';
import { LIST_RULES, NO_RULES } from './list-rules.ts';
import { DOWNLOAD_OPTIONS } from './option-table.ts';
import { type RateLimits, rateLimits } from './statuses.ts';
import { flag, type Frozen, host, label, mayLack, path, peerList, serveAt, whole } from './values.ts';

const {
  identities,
  selection,
  share,
  assemble,
  layout,
  seed,
  port,
  links,
  bind,
  proxies,
  gateways,
  down,
  up,
  maxUploads,
  maxPeers,
  dht,
  pex,
  lsd,
  portMap,
  tcp,
  utp,
  encryption,
} = DOWNLOAD_OPTIONS;

/** How wide a column may be, in pixels. */
export const MIN_COLUMN = 40;
export const MAX_COLUMN = 2000;
/** More than there are: a newer window's choice may be kept, too. */
const MAX_COLUMNS = 64;

const word = v.pipe(v.string(), v.maxLength(40));
/** Names of what a window knows; each may be missing, and one that is not known is passed over. */
const view = v.object({
  filter: v.exactOptional(word),
  sort: v.exactOptional(word),
  reverse: v.exactOptional(flag),
  tab: v.exactOptional(word),
  /** `list` or `table`. */
  layout: v.exactOptional(word),
  /** The table's columns in their order, with their widths in pixels. */
  columns: v.exactOptional(
    v.pipe(v.array(v.object({ id: word, width: whole(MIN_COLUMN, MAX_COLUMN) })), v.maxLength(MAX_COLUMNS)),
  ),
  /** How much of the window the detail below the table has, in percent; 0: it is hidden. */
  detail: v.exactOptional(whole(0, 100)),
});
export type ViewChoices = Frozen<v.InferOutput<typeof view>>;

const minute = whole(0, 24 * 60 - 1);
/** When the alternative limits hold by themselves. */
const schedule = v.object({
  on: flag,
  /** Days of the week on which it begins, 0: Sunday. */
  days: v.pipe(v.array(whole(0, 6)), v.maxLength(7)),
  /** Minutes after midnight, local time. Where it does not end after it begins, it ends on the next day. */
  from: minute,
  to: minute,
});

/** A folder whose torrent files, and files with links (`.magnet`), are added as they appear. */
const watchFolder = v.object({
  folder: path,
  /** Empty: none. */
  category: label,
  /** Where its downloads go; missing: where the category or the settings say. */
  output: v.exactOptional(path),
  paused: flag,
  /** Files that were added get names that end in `.added`; else they are remembered. */
  rename: flag,
});
export type WatchFolder = Frozen<v.InferOutput<typeof watchFolder>>;
export const MAX_WATCHED = 50;

/** Most addresses that a user may ban one by one. */
export const MAX_BANNED = 10_000;
/** Most folders that are remembered. */
export const MAX_RECENT = 8;

/** The user's settings for all downloads, in one entry each; most are the defaults of a new download. */
const SETTINGS = {
  /** Absolute folder where downloads go unless chosen otherwise. */
  folder: path,
  identities: identities.schema,
  selection: selection.schema,
  share: share.schema,
  assemble: assemble.schema,
  layout: layout.schema,
  seed: seed.schema,
  /** First port of a download's identities; 0: any free one. */
  port: port.schema,
  /** The links that have names. */
  linkProfiles,
  /** Names of links, dealt to the identities in turn, before the addresses of `bind`. */
  links: links.schema,
  /** Local addresses or interface names, dealt to the identities in turn; empty: the system chooses. */
  bind: bind.schema,
  /** Proxies, dealt to the identities in turn; empty: none. */
  proxies: proxies.schema,
  /** Routers to ask for ports on links of which the routing tables name none. */
  gateways: gateways.schema,
  /** Limit over all downloads; 0: none. */
  down: down.schema,
  up: up.schema,
  /** Limits that hold in their place, by schedule or by hand. */
  alternativeDown: down.schema,
  alternativeUp: up.schema,
  schedule,
  /** What was chosen by hand, which holds while the schedule says the same as then (`scheduled`); `null`: as scheduled. */
  byHand: v.nullable(v.object({ on: flag, scheduled: flag })),
  /** See `ListRules`. */
  ...LIST_RULES,
  maxUploads: maxUploads.schema,
  maxPeers: maxPeers.schema,
  /** Ways to peers: a download uses one where both this setting and its own option say so. */
  dht: dht.schema,
  pex: pex.schema,
  lsd: lsd.schema,
  portMap: portMap.schema,
  tcp: tcp.schema,
  utp: utp.schema,
  /** For all downloads that have no other of their own. */
  encryption: encryption.schema,
  /** A list of addresses that nobody is to be a peer at (P2P, DAT or CIDR, perhaps gzipped): absolute; empty: none. */
  ipFilter: v.union([v.literal(''), path]),
  /** Addresses of peers that the user banned. */
  banned: v.pipe(v.array(host), v.maxLength(MAX_BANNED)),
  /** Nodes of the DHT to start from, in place of the well-known ones; empty: those. */
  dhtBootstrap: peerList,
  /** Nodes of the DHT run also while no download uses them. */
  dhtAlways: flag,
  /** The verified files of all downloads are given to others by HTTP, each download below a path that follows from the secret. */
  http: v.object({ on: flag, ...serveAt.entries }),
  /** The desktop application: it goes on without a window, with an icon in the tray. */
  keepRunning: flag,
  /** The desktop application is started when its user logs in. */
  startAtLogin: flag,
  appearance: v.picklist(['system', 'light', 'dark']),
  logLevel: v.picklist(['error', 'warn', 'info']),
  /** How windows show the list and the detail; `null`: as they are at first. */
  view: v.nullable(view),
  watchFolders: v.pipe(
    v.array(watchFolder),
    v.maxLength(MAX_WATCHED),
    v.check((all) => new Set(all.map(({ folder }) => folder)).size === all.length, 'one of them twice'),
  ),
  /** Feeds, which of their items are taken, and the minutes from one look to the next. */
  ...FEED_SETTINGS,
  /** Where the last downloads went, the newest first. */
  recentFolders: v.pipe(v.array(path), v.maxLength(MAX_RECENT)),
};

export type Settings = Frozen<v.InferOutput<v.ObjectSchema<typeof SETTINGS, undefined>>>;
export type Appearance = Settings['appearance'];
export type LogLevel = Settings['logLevel'];

const kept = mayLack(SETTINGS);
type StoredSettings = Partial<Settings>;

export const SETTINGS_VERSION = 2;
/**
 * `settings.json`. Settings that an older program did not know may be missing, and those of a newer one are ignored. Version 1 only
 * held the limits, and `preferences.json` the other settings.
 */
export const settingsFile: v.GenericSchema<
  unknown,
  { readonly version: 1; readonly limits: RateLimits } | ({ readonly version: 2 } & StoredSettings)
> = v.variant('version', [
  v.object({ version: v.literal(1), limits: rateLimits }),
  v.object({ version: v.literal(SETTINGS_VERSION), ...kept }),
]);
export const preferencesFile: v.GenericSchema<unknown, StoredSettings> = v.object(kept);

/** Changes that a window asks for. */
export const settingsChanges: v.GenericSchema<unknown, StoredSettings> = v.strictObject(kept);

/** The settings of somebody who has changed none. `folder` is absolute: where downloads go. */
export function defaultSettings(folder: string): Settings {
  return {
    folder,
    identities: identities.usual,
    selection: selection.usual,
    share: share.usual,
    assemble: assemble.usual,
    layout: layout.usual,
    seed: { kind: 'goals' },
    port: port.usual,
    linkProfiles: [],
    links: links.usual,
    bind: bind.usual,
    proxies: proxies.usual,
    gateways: gateways.usual,
    down: down.usual,
    up: up.usual,
    alternativeDown: bytesPerSecond(100_000),
    alternativeUp: bytesPerSecond(50_000),
    schedule: { on: false, days: [1, 2, 3, 4, 5], from: 8 * 60, to: 18 * 60 },
    byHand: null,
    ...NO_RULES,
    stalledAfter: 5,
    seedGoals: { ratio: 1, time: 'none', idle: 'none', after: 'stop' },
    maxUploads: maxUploads.usual,
    maxPeers: maxPeers.usual,
    dht: dht.usual,
    pex: pex.usual,
    lsd: lsd.usual,
    portMap: portMap.usual,
    tcp: tcp.usual,
    utp: utp.usual,
    encryption: encryption.usual,
    ipFilter: '',
    banned: [],
    dhtBootstrap: [],
    dhtAlways: false,
    http: { on: false, host: '127.0.0.1', port: 0 },
    keepRunning: false,
    startAtLogin: false,
    appearance: 'system',
    logLevel: 'info',
    view: null,
    watchFolders: [],
    feeds: [],
    feedRules: [],
    feedMinutes: 30,
    recentFolders: [],
  };
}
