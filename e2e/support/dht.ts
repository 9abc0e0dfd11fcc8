import { mkdir, writeFile } from 'node:fs/promises';
import type { Child } from './child.ts';
import { Libtorrent, type MadeTorrent, makeTorrent } from './clients.ts';
import { Lab } from './lab.ts';
import { makePayload, type Payload } from './trees.ts';

const NODES_SCRIPT = new URL('./dht_nodes.py', import.meta.url).pathname;
const PYTHON = '/usr/bin/python3';
/** Port of every client of a DHT lab. */
const PORT = 6881;

/** Address i of a DHT lab. libtorrent's nodes take one of a /24 (a /64) alone, so each has a network of its own. */
export const dhtAddress = (i: number): string => `10.${80 + (i >> 7)}.${1 + (i & 127)}.7`;
export const dhtAddress6 = (i: number): string => `fd00:${(0x80 + i).toString(16)}::7`;
const MOST = 60;

/** libtorrent's settings for a client in the DHT of a lab. */
export const inDht = (bootstrap: string): Readonly<Record<string, unknown>> => ({
  enable_dht: true,
  dht_bootstrap_nodes: bootstrap,
  // It announces what it seeds once a table is there, and does not wait a quarter of an hour.
  dht_announce_interval: 10,
});

/** libtorrent nodes that know each other: a DHT to be joined. Their addresses are the first ones. */
class DhtNodes {
  readonly child: Child;
  readonly #count: number;
  #known: readonly number[] = [];

  constructor(lab: Lab, addresses: readonly string[], bootstrap: string) {
    this.#count = addresses.length;
    const options = JSON.stringify({ addresses, port: PORT, bootstrap });
    this.child = lab.start('dht nodes', [PYTHON, NODES_SCRIPT, options], {
      onLine: (line) => (this.#known = (JSON.parse(line) as { known: readonly number[] }).known),
      keep: () => false,
    });
  }

  /** Each knows some others. */
  async joined(seconds = 60): Promise<void> {
    const enough = Math.min(3, this.#count - 1);
    await this.child.until(
      () => this.#known.length === this.#count && this.#known.every((known) => known >= enough),
      'a DHT of nodes that know each other',
      seconds,
    );
  }
}

/** A lab with a DHT and a payload whose torrent names no tracker. */
export interface DhtScene extends MadeTorrent {
  readonly lab: Lab;
  readonly magnet: string;
  /** For `--dht-bootstrap` and libtorrent. */
  readonly bootstrap: string;
}

/** Sets a scene with `count` nodes at the first addresses, lets `play` run in it, and clears up whatever became of it. */
export async function withDht(
  options: { readonly payload: Payload; readonly count: number; readonly ipv6?: boolean },
  play: (scene: DhtScene) => Promise<void>,
): Promise<void> {
  const lab = await Lab.open();
  try {
    const commands = Array.from({ length: MOST }, (_, i) => [
      `ip addr add ${dhtAddress(i)}/24 dev lo`,
      `ip addr add ${dhtAddress6(i)}/128 dev lo nodad`,
    ]);
    await lab.run(['sh', '-ec', commands.flat().join('\n')], 20);
    const at = options.ipv6 === true ? dhtAddress6 : dhtAddress;
    const bootstrap = options.ipv6 === true ? `[${at(0)}]:${PORT}` : `${at(0)}:${PORT}`;
    const nodes = new DhtNodes(
      lab,
      Array.from({ length: options.count }, (_, i) => at(i)),
      bootstrap,
    );
    const folder = await lab.makeFolder('payload');
    const name = await makePayload(folder, options.payload);
    const made = await makeTorrent(lab, { folder, name, pieceLength: 64 * 1024, trackers: [] });
    await nodes.joined();
    await play({ lab, bootstrap, magnet: `magnet:?xt=urn:btih:${made.infoHash}`, ...made });
  } finally {
    await lab.close();
  }
}

/** A libtorrent seed that is known to nobody but the DHT. */
export async function startDhtSeed(scene: DhtScene, address: string): Promise<Libtorrent> {
  const { lab, torrent, folder, bootstrap } = scene;
  const settings = inDht(bootstrap);
  const seed = new Libtorrent(lab, { role: 'seed', address, torrent, folder, settings });
  await seed.child.until(() => (seed.status?.nodes ?? 0) > 0, 'a seed that knows nodes', 30);
  return seed;
}

/** A Transmission seed that is known to nobody but the DHT; `nodes` are what it begins with. */
export async function startTransmissionDhtSeed(scene: DhtScene, address: string): Promise<Child> {
  const { lab, torrent, folder, bootstrap } = scene;
  const home = lab.path(`transmission-${address}`);
  await mkdir(home, { recursive: true });
  const settings = {
    'bind-address-ipv4': address,
    'peer-port': PORT,
    'peer-port-random-on-start': false,
    'dht-enabled': true,
    'lpd-enabled': false,
    'pex-enabled': false,
    'utp-enabled': false,
    'port-forwarding-enabled': false,
    'rpc-enabled': false,
  };
  await writeFile(`${home}/settings.json`, JSON.stringify(settings));
  await writeFile(`${home}/dht.bootstrap`, bootstrap.replace(/:(\d+)$/, ' $1\n'));
  return lab.start(`transmission ${address}`, ['transmission-cli', '-g', home, '-w', folder, '-v', torrent]);
}

/** An aria2 seed that is known to nobody but the DHT. */
export async function startAria2DhtSeed(scene: DhtScene, address: string): Promise<Child> {
  const { lab, torrent, folder, bootstrap } = scene;
  const options = [
    '--no-conf',
    '--seed-ratio=0.0',
    '--check-integrity=true',
    '--enable-dht=true',
    `--dht-entry-point=${bootstrap}`,
    `--dht-file-path=${lab.path('aria2-dht.dat')}`,
    `--dht-listen-addr=${address}`,
    `--dht-listen-port=${PORT}`,
    '--bt-enable-lpd=false',
    '--enable-peer-exchange=false',
    '--file-allocation=none',
    `--listen-port=${PORT}`,
    `--interface=${address}`,
    '--dir',
    folder,
  ];
  return Promise.resolve(lab.start(`aria2 ${address}`, ['aria2c', ...options, torrent]));
}

/** A torrent of the same files that is private, without a tracker. */
export async function makePrivateTorrent({ lab, folder, torrent }: DhtScene): Promise<MadeTorrent> {
  const path = lab.path('private.torrent');
  const code = [
    'import sys, libtorrent as lt',
    't = lt.bdecode(open(sys.argv[1], "rb").read())',
    't[b"info"][b"private"] = 1',
    'open(sys.argv[2], "wb").write(lt.bencode(t))',
    'print(lt.torrent_info(sys.argv[2]).info_hash())',
  ].join('\n');
  const infoHash = (await lab.run([PYTHON, '-W', 'ignore', '-c', code, torrent, path], 20)).trim();
  return { torrent: path, infoHash, folder };
}
