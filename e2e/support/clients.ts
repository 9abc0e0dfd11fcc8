import { chmod, mkdir, writeFile } from 'node:fs/promises';
import type { Child } from './child.ts';
import type { Machine } from './ensemble.ts';
import type { Lab } from './lab.ts';

const PYTHON = '/usr/bin/python3';
const PEER_SCRIPT = new URL('./libtorrent_peer.py', import.meta.url).pathname;

/** Path of a torrent, its info-hash, and the folder with its payload. */
export interface MadeTorrent {
  readonly torrent: string;
  readonly infoHash: string;
  /** Of version 2, where it has one. */
  readonly v2?: string;
  readonly folder: string;
}

/** Makes a torrent with libtorrent, of version 1 unless said otherwise, of `name` in `folder`. Each tracker is a tier of its own. */
export async function makeTorrent(
  lab: Lab,
  input: {
    readonly folder: string;
    readonly name: string;
    readonly pieceLength: number;
    readonly version?: 1 | 2 | 'hybrid';
    readonly trackers: readonly string[];
  },
  seconds = 30,
): Promise<MadeTorrent> {
  const torrent = lab.path(`${input.name}-${input.trackers.join(' ').replace(/\W+/g, '-')}.torrent`);
  const args = ['make', input.folder, input.name, torrent, String(input.pieceLength), String(input.version ?? 1)];
  const output = await lab.run([PYTHON, PEER_SCRIPT, ...args, ...input.trackers], seconds);
  const { infoHash, v2 } = JSON.parse(output) as { infoHash: string; v2: string | null };
  return { torrent, infoHash, ...(v2 !== null && { v2 }), folder: input.folder };
}

/** The announce URLs of a tracker at one address and port. */
export const httpTracker = (host: string): string => `http://${host}:6969/announce`;
export const udpTracker = (host: string): string => `udp://${host}:6969/announce`;

/** Starts opentracker for HTTP and UDP on port 6969; it serves these torrents only. */
export async function startOpentracker(
  lab: Pick<Lab, 'path' | 'start' | 'listens'>,
  host: string,
  infoHashes: readonly string[],
): Promise<Child> {
  const whitelist = lab.path('whitelist');
  await writeFile(whitelist, infoHashes.map((hash) => `${hash.slice(0, 40)}\n`).join(''));
  await chmod(whitelist, 0o644);
  // opentracker changes its user, which cancels the setting that ends it with us. So a shell ends it when the shell's input ends.
  const supervised = 'opentracker "$@" </dev/null >/dev/null 2>&1 & tracker=$!; cat >/dev/null; kill $tracker';
  const args = ['-i', host, '-p', '6969', '-P', '6969', '-w', whitelist];
  const child = lab.start('opentracker', ['sh', '-c', supervised, 'sh', ...args], { endsByInput: true });
  for (let tries = 0; !(await lab.listens(host, 6969)); tries++) {
    if (tries > 200 || child.ended) throw new Error(`opentracker does not listen\n${child.output}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return child;
}

/** Asks the tracker again and again, and ends once it knows a seed. */
const SCRAPE = `
const { get } = require('node:http');
const again = () => setTimeout(ask, 200);
const ask = () => get(process.argv[1], (answer) => {
  let text = '';
  answer.on('data', (data) => (text += data.toString('latin1')));
  answer.on('end', () => (/8:completei[1-9]/.test(text) ? process.exit(0) : again()));
}).on('error', again);
ask();`;

/** Resolves when the tracker of a scene knows a seed: a client that announces before that asks again only much later. */
export async function untilSeedIsKnown(lab: Lab, host: string, infoHash: string): Promise<void> {
  const wanted = infoHash.replace(/../g, '%$&');
  const url = `http://${host}:6969/scrape?info_hash=${wanted}`;
  const child = lab.start('scrape', ['node', '-e', SCRAPE, url]);
  await child.until(() => child.ended, 'a seed that the tracker knows', 5);
}

/** Starts a Transmission seed and waits until the tracker at `tracker` knows it. */
export async function startKnownTransmissionSeed(
  lab: Lab,
  options: { readonly address: string; readonly torrent: string; readonly folder: string },
  tracker: string,
  infoHash: string,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const seed = await startTransmission(lab, options);
    try {
      return await untilSeedIsKnown(lab, tracker, infoHash);
    } catch (error) {
      // If its first datagram to a UDP tracker gets no answer, it tries again only after most of a minute.
      if (tries === 3) throw error;
      await seed.stop(2);
    }
  }
}

/** A peer as libtorrent sees it. */
export interface SeenPeer {
  readonly host: string;
  readonly port: number;
  /** Peer id in hex. */
  readonly id: string;
  readonly client: string;
  readonly downloaded: number;
  readonly uploaded: number;
  readonly unchoked: boolean;
  readonly choking: boolean;
  readonly interested: boolean;
  readonly incoming: boolean;
  readonly utp: boolean;
  /** A common peer helped it to connect (BEP 55). */
  readonly punched: boolean;
  readonly encryption: 'plain' | 'header' | 'rc4';
}

interface LibtorrentStatus {
  readonly progress: number;
  readonly seeding: boolean;
  /** In its routing table. */
  readonly nodes: number;
  readonly downloaded: number;
  readonly uploaded: number;
  readonly redundant: number;
  readonly failed: number;
  readonly peers: readonly SeenPeer[];
  /** All peers that were ever connected, by address and peer id, as they were last seen. */
  readonly seen: readonly SeenPeer[];
}

/** A running libtorrent session with one torrent. */
export class Libtorrent {
  readonly child: Child;
  status: LibtorrentStatus | undefined;
  announced = false;
  /** Answers of trackers. */
  announces = 0;
  finished = false;
  /** Errors and disconnects, oldest first. */
  readonly troubles: string[] = [];

  constructor(machine: Machine, options: LibtorrentOptions) {
    this.child = machine.start(
      `libtorrent ${options.role} ${options.address}`,
      [PYTHON, PEER_SCRIPT, 'peer', JSON.stringify({ port: 6881, ...options })],
      {
        onLine: (line) => this.#hear(JSON.parse(line) as { event: string }),
        keep: (line) => !line.startsWith('{"event": "status"'),
      },
    );
  }

  connect(host: string, port: number): void {
    this.child.send(JSON.stringify({ do: 'connect', host, port }));
  }

  untilAnnounced(seconds = 20): Promise<void> {
    return this.child.until(() => this.announced, 'an answer of the tracker', seconds);
  }

  untilSeeding(seconds: number): Promise<void> {
    return this.child.until(() => this.status?.seeding === true, 'the whole torrent', seconds);
  }

  /** Whether it was ever connected with that address. */
  hasSeen(host: string): boolean {
    return this.status?.seen.some((peer) => peer.host === host) ?? false;
  }

  #hear(event: { readonly event: string }): void {
    if (event.event === 'status') this.status = event as unknown as LibtorrentStatus;
    else if (event.event === 'announced') {
      this.announced = true;
      this.announces++;
    } else if (event.event === 'finished') this.finished = true;
    else if (event.event === 'trouble') this.troubles.push((event as unknown as { message: string }).message);
  }
}

export interface LibtorrentOptions {
  readonly role: 'seed' | 'leech';
  readonly address: string;
  readonly port?: number;
  /** A torrent file; undefined: only `magnet`. */
  readonly torrent?: string;
  readonly magnet?: string;
  readonly folder: string;
  /** Further torrents of the same folder. */
  readonly more?: readonly string[];
  /** Bytes/s. */
  readonly uploadLimit?: number;
  /** Nodes of the DHT, "host:port": of others than its bootstrap nodes it hears only by chance. */
  readonly knows?: readonly string[];
  /** Whether it exchanges peers; undefined: yes. */
  readonly pex?: boolean;
  /** libtorrent's own. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Starts Transmission: with a complete payload it checks it and seeds, else it fetches what is missing. `uploadLimit` in KiB/s. */
export async function startTransmission(
  lab: Lab,
  options: {
    readonly address: string;
    readonly torrent: string;
    readonly folder: string;
    readonly uploadLimit?: number;
    /** Its own. */
    readonly settings?: Readonly<Record<string, unknown>>;
    /** Where it runs; undefined: in the lab. */
    readonly machine?: Machine;
  },
): Promise<Child> {
  const home = lab.path(`transmission-${options.address}`);
  await mkdir(home, { recursive: true });
  const settings = {
    'bind-address-ipv4': options.address,
    'peer-port': 6881,
    'peer-port-random-on-start': false,
    'dht-enabled': false,
    'lpd-enabled': false,
    'pex-enabled': false,
    'utp-enabled': false,
    'port-forwarding-enabled': false,
    'rpc-enabled': false,
    ...options.settings,
  };
  await writeFile(`${home}/settings.json`, JSON.stringify(settings));
  const limit = options.uploadLimit === undefined ? [] : ['-u', String(options.uploadLimit)];
  const args = ['-g', home, '-w', options.folder, '-v', ...limit, options.torrent];
  return (options.machine ?? lab).start(`transmission ${options.address}`, ['transmission-cli', ...args], {});
}

/** Starts aria2, which exits with 0 when it has everything. */
export function startAria2Leech(
  lab: Lab,
  options: { readonly address: string; readonly torrent: string; readonly folder: string; readonly pex?: boolean },
): Child {
  return lab.start(`aria2 ${options.address}`, [
    'aria2c',
    '--no-conf',
    '--seed-time=0',
    '--enable-dht=false',
    '--enable-dht6=false',
    '--bt-enable-lpd=false',
    `--enable-peer-exchange=${options.pex === true}`,
    '--file-allocation=none',
    '--summary-interval=0',
    '--listen-port=6881',
    `--interface=${options.address}`,
    '--dir',
    options.folder,
    options.torrent,
  ]);
}
