import { mkdir, writeFile } from 'node:fs/promises';
import { parseEndpoint } from '../../core/base/endpoint.ts';
import { parseIp } from '../../core/base/ip.ts';
import type { Child } from '../../core/lab/real/child.ts';
import { Libtorrent } from '../../core/lab/real/libtorrent.ts';
import type { Lab } from './lab.ts';
import { transmissionCli } from '../../core/lab/real/transmission.ts';

/** Port of every client of a DHT lab. */
export const DHT_PORT = 6881;

/** Programs with a DHT that load torrents. */
export const LOADERS = ['libtorrent', 'transmission', 'aria2', 'rtorrent'] as const;
export type Loader = (typeof LOADERS)[number];

export interface DhtClientOptions {
  readonly address: string;
  /** Where it begins, "host:port". */
  readonly knows: readonly string[];
  /** Path of a torrent or a magnet link; undefined: it is a node of the DHT and nothing else. */
  readonly load?: string;
  /** Where the files of the torrent are or shall be. */
  readonly folder: string;
}

/** libtorrent's settings for a client in the DHT of a lab. */
export const inDht = (bootstrap: string): Readonly<Record<string, unknown>> => ({
  enable_dht: true,
  dht_bootstrap_nodes: bootstrap,
  // It announces what it seeds once a table is there, and does not wait a quarter of an hour.
  dht_announce_interval: 10,
});

/** Starts a program that finds peers by its DHT alone: peer exchange, local discovery and trackers are off. */
export async function startDhtClient(lab: Lab, kind: Loader, options: DhtClientOptions): Promise<Child> {
  const home = await lab.makeFolder(`${kind}-${options.address.replaceAll(':', '-')}`);
  return STARTS[kind](lab, home, options);
}

type Start = (lab: Lab, home: string, options: DhtClientOptions) => Promise<Child>;
const STARTS: Readonly<Record<Loader, Start>> = { libtorrent, transmission, aria2, rtorrent };

/** A new hash each time, for programs that have no DHT without a torrent. */
const nothing = (): string =>
  `magnet:?xt=urn:btih:${Array.from({ length: 40 }, () => Math.floor(Math.random() * 16).toString(16)).join('')}`;

async function libtorrent(lab: Lab, _home: string, options: DhtClientOptions): Promise<Child> {
  const { address, knows, load = nothing(), folder } = options;
  const settings = inDht(knows.join(','));
  const what = load.startsWith('magnet:') ? { magnet: load } : { torrent: load };
  const role = load.startsWith('magnet:') ? 'leech' : 'seed';
  return Promise.resolve(new Libtorrent(lab, { role, address, folder, settings, knows, ...what }).child);
}

const isIpv6 = (address: string): boolean => address.includes(':');

/** "host:port" as nodes are kept and told (BEP 5, 32). */
export function compact(place: string): Buffer {
  const { host, port } = parseEndpoint(place) ?? { host: '', port: 0 };
  return Buffer.concat([parseIp(host) ?? new Uint8Array(0), Buffer.from([port >> 8, port & 255])]);
}

/** Its DHT begins with the nodes of its last run. It announces only where it knows more than eight, four of them good. */
async function transmission(lab: Lab, home: string, options: DhtClientOptions): Promise<Child> {
  const { address, knows, load, folder } = options;
  const settings = {
    ...(isIpv6(address)
      ? { 'bind-address-ipv6': address, 'bind-address-ipv4': '127.0.0.1' }
      : { 'bind-address-ipv4': address }),
    'peer-port': DHT_PORT,
    'peer-port-random-on-start': false,
    'dht-enabled': true,
    'lpd-enabled': false,
    'pex-enabled': false,
    'utp-enabled': false,
    'port-forwarding-enabled': false,
    'rpc-enabled': false,
    'download-dir': folder,
  };
  await writeFile(`${home}/settings.json`, JSON.stringify(settings));
  const nodes = Buffer.concat(knows.map(compact));
  const id = Buffer.from(Array.from({ length: 20 }, () => Math.floor(Math.random() * 256)));
  const kept = ['d2:id20:', id, `${isIpv6(address) ? '6:nodes6' : '5:nodes'}${nodes.length}:`, nodes, 'e'].map((part) =>
    Buffer.from(part as string),
  );
  await writeFile(`${home}/dht.dat`, Buffer.concat(kept));
  const command =
    load === undefined
      ? ['transmission-daemon', '-f', '-g', home]
      : transmissionCli(['-g', home, '-w', folder, '-v', load]);
  return lab.start(`transmission ${address}`, command);
}

function aria2(lab: Lab, home: string, options: DhtClientOptions): Promise<Child> {
  const { address, knows, load = nothing(), folder } = options;
  const six = isIpv6(address) ? '6' : '';
  const flags = [
    '--no-conf',
    '--seed-ratio=0.0',
    '--check-integrity=true',
    ...(isIpv6(address) ? ['--enable-dht=false', '--enable-dht6=true'] : ['--enable-dht=true', '--enable-dht6=false']),
    `--dht-entry-point${six}=${knows[0] ?? ''}`,
    `--dht-file-path${six}=${home}/dht.dat`,
    `--dht-listen-addr${six}=${address}`,
    `--dht-listen-port=${DHT_PORT}`,
    '--bt-enable-lpd=false',
    '--enable-peer-exchange=false',
    '--file-allocation=none',
    '--summary-interval=0',
    `--listen-port=${DHT_PORT}`,
    `--interface=${address}`,
    '--dir',
    folder,
  ];
  return Promise.resolve(lab.start(`aria2 ${address}`, ['aria2c', ...flags, load]));
}

/** It draws on a terminal, and its DHT needs a session folder. */
async function rtorrent(lab: Lab, home: string, options: DhtClientOptions): Promise<Child> {
  const { address, knows, load, folder } = options;
  await mkdir(`${home}/session`, { recursive: true });
  const lines = [
    `network.bind_address.set = ${address}`,
    `network.local_address.set = ${address}`,
    `network.port_range.set = ${DHT_PORT}-${DHT_PORT}`,
    'network.port_random.set = no',
    `session.path.set = ${home}/session`,
    `directory.default.set = ${folder}`,
    'protocol.pex.set = no',
    'trackers.use_udp.set = no',
    `dht.port.set = ${DHT_PORT}`,
    'dht.mode.set = on',
    ...knows.map((place, i) => `schedule2 = know${i}, ${1 + i}, 0, "dht.add_node=${place}"`),
    // Where it knows no nodes when a torrent starts, it would ask them only after minutes.
    ...(load === undefined
      ? []
      : [
          `schedule2 = load, 5, 0, "load.start=\\"${load}\\""`,
          'schedule2 = again, 15, 15, "d.multicall2=main,d.tracker_announce="',
        ]),
  ];
  await writeFile(`${home}/rc`, `${lines.join('\n')}\n`);
  const run = `TERM=xterm stty rows 40 cols 120; exec rtorrent -n -o import=${home}/rc`;
  return lab.start(`rtorrent ${address}`, ['script', '-qefc', run, '/dev/null']);
}
