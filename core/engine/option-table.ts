import * as v from 'valibot';
import { MAX_IDENTITIES, MAX_PEERS, MAX_UPLOADS } from '../base/bounds.ts';
import { COLLECT_MODES, ENCRYPTION_POLICIES, LAYOUT_KINDS, SELECTION_MODES } from '../base/choices.ts';
import { bytesPerSecond } from '../base/ids.ts';
import {
  bindList,
  chosenNames,
  dealingName,
  flag,
  type Frozen,
  label,
  linkList,
  meetingPlace,
  path,
  peerList,
  port,
  priorities,
  programWords,
  proxyList,
  rate,
  seedRule,
  serveAt,
  strategyName,
  tagList,
  trackerList,
  whole,
} from './values.ts';

/** What the table says of an option besides its schema. */
interface Facts<T> {
  /** The value of an ordinary client: for whoever chooses nothing, and for downloads of older programs without this option. */
  readonly usual?: T;
  /** May be changed while the download runs. */
  readonly changes?: true;
  /** Only for the command line: no window may choose it. */
  readonly commandLine?: true;
  /** Which commands take it: `download`: only `get`; `sharing`: `identity` too; `network`: all commands that join a swarm; `list`: those that add to a list. */
  readonly group?: OptionGroup;
  /** On the command line: how it is written, and what its help says. */
  readonly flags?: Readonly<Record<string, string>>;
}

export type OptionGroup = 'download' | 'sharing' | 'network' | 'end' | 'list';

/* @__NO_SIDE_EFFECTS__ */
function option<S extends v.GenericSchema, const F extends Facts<Frozen<v.InferOutput<S>>>>(schema: S, facts: F) {
  return { ...facts, schema };
}

const none = bytesPerSecond(0);

/**
 * Every option of a download, in one entry. The types, the commands' options with choices and help, and the checks of the
 * catalog, the bridge and the processes' messages come from here (docs/architecture.md, "How to add an option").
 */
export const DOWNLOAD_OPTIONS = {
  /** Absolute folder for the files. */
  output: option(path, {
    group: 'download',
    flags: { '-o, --output <dir>': 'where the files go' },
  }),
  /** K. */
  identities: option(whole(1, MAX_IDENTITIES), {
    usual: 1,
    group: 'download',
    flags: { '-n, --identities <k>': `how many identities, 1 to ${MAX_IDENTITIES}` },
  }),
  /** Absolute common directory; undefined: a hidden folder beside the output. */
  common: option(v.exactOptional(path), {
    commandLine: true,
    group: 'download',
    flags: { '--common <dir>': 'the common directory (default: a hidden folder beside the output)' },
  }),
  /** Assemble automatically when every piece is there. */
  assemble: option(flag, {
    usual: true,
    changes: true,
    group: 'download',
    flags: { '--no-assemble': 'stop when every piece is there' },
  }),
  /** Use verified pieces of files at the target, and replace them at assembly. */
  reuse: option(flag, {
    usual: false,
    group: 'download',
    flags: { '--reuse': 'use verified pieces of files at the target, and replace them at assembly' },
  }),
  selection: option(v.picklist(SELECTION_MODES), {
    usual: 'rarest',
    group: 'sharing',
    flags: { '--select <how>': 'how pieces are shared out' },
  }),
  /** In which order pieces are begun and claimed, in place of the one of `selection` (`core/strategy/orders`). For experiments. */
  strategy: option(v.exactOptional(strategyName), {
    commandLine: true,
    group: 'sharing',
    flags: { '--strategy <name>': 'for experiments: in which order pieces are taken, in place of that of --select' },
  }),
  /** How peers, and with `fixed` pieces, are dealt among identities, in place of the usual way (`core/strategy/dealings`). For experiments. */
  dealing: option(v.exactOptional(dealingName), {
    commandLine: true,
    group: 'download',
    flags: { '--dealing <name>': 'for experiments: how peers, and with fixed pieces, are dealt among identities' },
  }),
  /** Upload pieces that siblings downloaded (A5). */
  share: option(flag, {
    usual: true,
    changes: true,
    group: 'sharing',
    flags: {
      '--share': 'upload pieces that other identities downloaded (default)',
      '--no-share': 'upload only what the identity downloaded itself',
    },
  }),
  layout: option(v.picklist(LAYOUT_KINDS), {
    usual: 'in-place',
    group: 'sharing',
    flags: { '--layout <layout>': 'where pieces lie until assembly' },
  }),
  /** With `fixed`: idle identities take what slow ones have not begun. */
  takeOver: option(flag, {
    usual: false,
    group: 'sharing',
    flags: { '--take-over': 'with fixed: idle identities take what slow ones have not begun' },
  }),
  /** The server where this machine, as one identity, meets others that fetch parts of the same torrent; undefined: it is alone. */
  together: option(v.exactOptional(meetingPlace), {}),
  /** Of machines that meet at a server: which end with the whole download. */
  collect: option(v.picklist(COLLECT_MODES), {
    usual: 'all',
    changes: true,
    group: 'sharing',
    flags: {
      '--collect <where>':
        'at a server: every machine fetches what the others have (all, unless one says here), this one does (here) or not (none)',
    },
  }),
  /** Of machines that meet at a server: limit of what comes from the others, and of what goes to them; 0: none. */
  collectRate: option(rate, {
    usual: none,
    group: 'sharing',
    flags: { '--collect-limit <rate>': 'at a server: limit of what goes between machines, each way; 0: none' },
  }),
  /** Identities whose share is done stay until the download is complete. */
  stay: option(flag, {
    usual: false,
    changes: true,
    group: 'sharing',
    flags: { '--stay': 'identities whose share is done stay and share until the download is complete' },
  }),
  /** Files and folders that bear other names than the torrent says; `Engine.rename` chooses more. Undefined: none. */
  names: option(v.exactOptional(chosenNames), {}),
  /** Priority of each file, 0 (not wanted) to 7; undefined: all 4. */
  filePriorities: option(v.exactOptional(priorities), {
    changes: true,
    group: 'sharing',
    flags: {
      '--only <pattern>': 'fetch only the files that match, such as "*.iso" (repeatable)',
      '--files <numbers>': 'fetch only the files of these numbers, as `show` tells them: 0,4-7',
      '--exclude <pattern>': 'do not fetch the files that match, such as "*.nfo" (repeatable)',
    },
  }),
  sequential: option(flag, {
    usual: false,
    changes: true,
    group: 'sharing',
    flags: { '--sequential': 'fetch pieces in order' },
  }),
  /** Both ends of each wanted file before the rest of it, so that it can be looked into, and played, early. */
  edgesFirst: option(flag, {
    usual: false,
    changes: true,
    group: 'sharing',
    flags: { '--edges-first': 'fetch the first and last pieces of each file first' },
  }),
  /** K>1 on a private torrent was confirmed. */
  allowPrivate: option(flag, {
    usual: false,
    changes: true,
    group: 'sharing',
    flags: { '--allow-private': 'several identities on a private torrent: its tracker may forbid that' },
  }),
  /** Local addresses or interface names, dealt to the identities in turn; empty: the system chooses. */
  bind: option(bindList, {
    usual: [],
    changes: true,
    group: 'network',
    flags: { '--bind <addresses>': 'local addresses or interface names A[,B...], dealt to identities' },
  }),
  /** Names of links (`Settings.linkProfiles`), dealt to the identities in turn, before the addresses of `bind`. */
  links: option(linkList, {
    usual: [],
    changes: true,
    group: 'network',
    flags: { '--link <names>': 'links NAME[,NAME...] of the settings, dealt to identities' },
  }),
  /** Proxies, dealt to the identities in turn, by which alone they leave, unless their link has one of its own; empty: none. */
  proxies: option(proxyList, {
    usual: [],
    changes: true,
    group: 'network',
    flags: {
      '--proxy <urls>': 'proxies URL[,URL...], dealt to identities: socks5://[user:password@]host:port, or http://',
    },
  }),
  /** Identity i listens on port + i; 0: any free one. */
  port: option(port, {
    usual: 0,
    group: 'network',
    flags: { '--port <port>': 'identity i listens on this port + i (default: a free port)' },
  }),
  /** Ask the DHT for peers, and announce there (BEP 5). Never for private torrents. */
  dht: option(flag, { usual: true, changes: true, group: 'network', flags: { '--no-dht': 'do not use the DHT' } }),
  /** Exchange peers with peers (BEP 11). Never for private torrents. */
  pex: option(flag, { usual: true, changes: true, group: 'network', flags: { '--no-pex': 'do not exchange peers' } }),
  /** Find peers in the same network (BEP 14). Never for private torrents. */
  lsd: option(flag, {
    usual: true,
    changes: true,
    group: 'network',
    flags: { '--no-lsd': 'do not look for peers in the local network' },
  }),
  /** Have the router open each identity's port. */
  portMap: option(flag, {
    usual: true,
    changes: true,
    group: 'network',
    flags: { '--no-port-map': 'do not ask the router to open ports' },
  }),
  /** Connect with peers over TCP. Without it: over uTP alone. */
  tcp: option(flag, {
    usual: true,
    changes: true,
    group: 'network',
    flags: { '--no-tcp': 'connect with peers over uTP alone' },
  }),
  /** Connect with peers over uTP (BEP 29), where TCP does not lead to them, and let them come by it. */
  utp: option(flag, {
    usual: true,
    changes: true,
    group: 'network',
    flags: { '--no-utp': 'connect with peers over TCP alone' },
  }),
  /** How connections with peers are encrypted. Where it is as usual, the setting for all downloads holds. */
  encryption: option(v.picklist(ENCRYPTION_POLICIES), {
    usual: 'preferred',
    changes: true,
    group: 'network',
    flags: { '--encryption <policy>': 'off, preferred (both kinds of peers, encrypted first) or required (RC4 alone)' },
  }),
  /** Routers to ask for ports on links of which the routing tables name none, such as many VPNs'. */
  gateways: option(bindList, {
    usual: [],
    group: 'network',
    flags: { '--gateway <addresses>': 'routers A[,B...] to ask for ports where the routing table names none' },
  }),
  /** Peers to try besides those found. */
  peers: option(peerList, {
    usual: [],
    group: 'network',
    flags: { '--peer <host:port>': 'a peer to try besides those found (repeatable)' },
  }),
  /** Trackers to ask besides those that the torrent names, each a tier of its own. They become the download's own when it is added. */
  trackers: option(trackerList, {
    usual: [],
    group: 'network',
    flags: { '--tracker <url>': 'a tracker to ask besides those of the torrent: http, https or udp (repeatable)' },
  }),
  /** Limit of the whole download; 0: none. */
  down: option(rate, {
    usual: none,
    changes: true,
    group: 'network',
    flags: { '--down <rate>': 'limit in bytes/s, with K, M or G (1024); 0: none' },
  }),
  up: option(rate, {
    usual: none,
    changes: true,
    group: 'network',
    flags: { '--up <rate>': 'limit in bytes/s, with K, M or G (1024); 0: none' },
  }),
  /** Limit of each identity; 0: none. */
  identityDown: option(rate, {
    usual: none,
    changes: true,
    group: 'network',
    flags: { '--identity-down <rate>': 'limit for each identity; 0: none' },
  }),
  identityUp: option(rate, {
    usual: none,
    changes: true,
    group: 'network',
    flags: { '--identity-up <rate>': 'limit for each identity; 0: none' },
  }),
  /** Unchoke slots of an identity, the optimistic one included (B11). */
  maxUploads: option(whole(1, MAX_UPLOADS), {
    usual: 4,
    changes: true,
    group: 'network',
    flags: {
      '--max-uploads <n>':
        'peers that an identity uploads to at a time; those behind one network interface share them, at least one each',
    },
  }),
  /** Connections of an identity. */
  maxPeers: option(whole(1, MAX_PEERS), {
    usual: 80,
    changes: true,
    group: 'network',
    flags: { '--max-peers <n>': 'connections of an identity' },
  }),
  /** Absolute path of the experiment log (A3). */
  log: option(v.exactOptional(path), {
    commandLine: true,
    group: 'network',
    flags: { '--log <file>': 'experiment log, JSON Lines' },
  }),
  seed: option(seedRule, {
    usual: { kind: 'never' },
    changes: true,
    group: 'end',
    flags: {
      '--seed <rule>': 'after completion: never, forever, or until a ratio, a time or an idle time: 1.5,12h,idle=30m',
      '--seed-time <time>':
        'after completion: seed for so long, such as 90s, 30m, 12h, 7d; with goals of --seed: at most',
    },
  }),
  /** Run when its files are there, with arguments (`base/program-line`); empty: what its category or the settings say. */
  whenDone: option(programWords, {
    usual: [],
    changes: true,
    group: 'download',
    flags: { '--on-complete <command>': 'run this when it is done, without a shell: tool --of {name} {path}' },
  }),
  /** One of `Settings.categories`, or one that is not there any more; empty: none. */
  category: option(label, {
    usual: '',
    changes: true,
    group: 'list',
    flags: { '--category <name>': 'its category, whose folder and links it begins with' },
  }),
  tags: option(tagList, { usual: [], changes: true, group: 'list', flags: { '--tag <names>': 'tags A[,B...]' } }),
  /** It runs outside of the queue, and seeds whatever its goals say (not where its rule is `never`). */
  forced: option(flag, {
    usual: false,
    changes: true,
    group: 'list',
    flags: { '--force': 'run it whatever its place in the queue' },
  }),
  /** As a seed admit to have single pieces, each peer another one, until a whole copy is with others (BEP 16). */
  superSeeding: option(flag, {
    usual: false,
    changes: true,
    flags: { '--super-seeding': 'show each peer one piece after the other, until a whole copy is with others' },
  }),
  /** Give its verified files to others by HTTP, as a web seed (BEP 19). */
  http: option(v.exactOptional(serveAt), {
    commandLine: true,
    group: 'end',
    flags: { '--http [host:port]': 'serve its files by HTTP, below a secret path (default: 127.0.0.1, a free port)' },
  }),
  paused: option(flag, { usual: false, group: 'list', flags: { '--paused': 'do not start it' } }),
};
