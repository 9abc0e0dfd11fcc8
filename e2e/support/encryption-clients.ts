import { writeFile } from 'node:fs/promises';
import type { Child } from '../../core/lab/real/child.ts';
import { Libtorrent } from '../../core/lab/real/libtorrent.ts';
import type { Lab } from './lab.ts';
import { startTransmission } from '../../core/lab/real/transmission.ts';

/** Where a client under test is, what it fetches and where to. */
export interface ClientPlace {
  readonly lab: Lab;
  readonly address: string;
  readonly torrent: string;
  readonly folder: string;
  /** Where we listen. */
  readonly peers: readonly string[];
}

function libtorrent(policy: number): (place: ClientPlace) => Promise<Child> {
  return async ({ lab, address, torrent, folder, peers }) => {
    const settings = {
      out_enc_policy: policy,
      in_enc_policy: policy,
      // We close hundreds of connections as soon as they have been seen to work.
      max_failcount: 1000,
      connections_limit: 1000,
    };
    const client = new Libtorrent(lab, { role: 'leech', address, torrent, folder, settings });
    for (const peer of peers) client.connect(peer, 6881);
    return client.child;
  };
}

function transmission(encryption: number): (place: ClientPlace) => Promise<Child> {
  const settings = {
    encryption,
    'peer-limit-global': 1000,
    'peer-limit-per-torrent': 1000,
    'upload-slots-per-torrent': 1000,
  };
  return ({ lab, ...place }) => startTransmission(lab, { ...place, settings });
}

function aria2(...more: readonly string[]): (place: ClientPlace) => Promise<Child> {
  return async ({ lab, address, torrent, folder }) =>
    lab.start('aria2', [
      'aria2c',
      '--no-conf',
      '--seed-ratio=0.0',
      '--enable-dht=false',
      '--enable-dht6=false',
      '--bt-enable-lpd=false',
      '--enable-peer-exchange=false',
      '--bt-max-peers=0',
      '--file-allocation=none',
      '--summary-interval=0',
      '--listen-port=6881',
      `--interface=${address}`,
      ...more,
      '--dir',
      folder,
      torrent,
    ]);
}

function rtorrent(encryption: string): (place: ClientPlace) => Promise<Child> {
  return async ({ lab, address, torrent, folder }) => {
    const settings = [
      `directory.default.set = ${folder}`,
      `network.bind_address.set = ${address}`,
      'network.port_range.set = 6881-6881',
      'network.port_random.set = no',
      'throttle.max_peers.normal.set = 1000',
      'throttle.max_peers.seed.set = 1000',
      'throttle.max_uploads.set = 1000',
      'trackers.use_udp.set = no',
      'dht.mode.set = disable',
      'protocol.pex.set = no',
      // To check everything once more at the end it closes all connections, and turns away who comes meanwhile.
      'pieces.hash.on_completion.set = no',
      `protocol.encryption.set = ${encryption}`,
    ];
    const file = lab.path('rtorrent.rc');
    await writeFile(file, settings.map((line) => `${line}\n`).join(''));
    // It draws on a terminal or ends; it ends when its input does.
    const command = `stty rows 24 cols 80; TERM=xterm exec rtorrent -n -o import=${file} ${torrent}`;
    return lab.start('rtorrent', ['script', '-qefc', command, '/dev/null'], { keep: () => false });
  };
}

/**
 * Whether a client dials whom a tracker names as it dials others. libtorrent dials such peers in plain text first, and encrypted only a
 * minute after that failed; those that `connect_peer` or peer exchange name as able to encrypt the other way round, and at once.
 */
export const takesTracker = (name: ClientName): boolean => !name.startsWith('libtorrent');

/** Real clients with each of their policies: how they are started, to fetch a torrent and then to seed it. */
export const CLIENTS = {
  'libtorrent off': libtorrent(2),
  'libtorrent enabled': libtorrent(1),
  'libtorrent forced': libtorrent(0),
  'Transmission preferred': transmission(1),
  'Transmission required': transmission(2),
  aria2: aria2(),
  'aria2 required': aria2('--bt-require-crypto=true'),
  rTorrent: rtorrent('allow_incoming,prefer_plaintext,enable_retry'),
  'rTorrent allowing': rtorrent('allow_incoming,enable_retry'),
  'rTorrent required': rtorrent('allow_incoming,require,require_RC4'),
} as const satisfies Readonly<Record<string, (place: ClientPlace) => Promise<Child>>>;

export type ClientName = keyof typeof CLIENTS;
