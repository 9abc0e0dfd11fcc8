import { toldOf } from '../metainfo/known-info.ts';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bytesPerSecond, identityIndex, torrentKey } from '../base/ids.ts';
import { IdentityHost } from '../identity/host.ts';
import { MESSAGES_VERSION, type ToIdentity } from '../identity/messages.ts';
import { encodeTorrent } from '../metainfo/make-torrent.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import type { Torrent } from '../metainfo/torrent.ts';
import { startLocalTracker } from '../node/local-tracker.ts';
import { nodePorts } from '../node/node-ports.ts';
import type { Ports } from '../ports/ports.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { makePeerId } from '../wire/peer-id.ts';
import { CLIENT, VERSION } from './version.ts';
import { NO_WAYS, ordinaryTuning } from '../engine/tuning.ts';

const PIECE_LENGTH = 256 * 1024;
const CHUNK = 1024 * 1024;

export interface LocalSwarmOptions {
  /** Absolute, empty. */
  readonly folder: string;
  readonly mebibytes: number;
  readonly seeds: number;
  /** Upload of each seed. */
  readonly uploadRate: number;
  /** Name of the file; by default `ensemble-demo.bin`. */
  readonly name?: string;
}

/** A swarm on this machine alone: a tracker, a generated file, and seeds with limited upload. */
export interface LocalSwarm {
  readonly torrentFile: string;
  readonly torrent: Buffer;
  /** Path of the generated file, to compare with. */
  readonly payload: string;
  /** Limits the upload of each seed from now on; 0: to the rate that it was started with. */
  limit(uploadRate: number): void;
  close(): Promise<void>;
}

/** Seeds in this process. */
export interface LocalSeeds {
  /** Limits the upload of each from now on; 0: to the rate that it was started with. */
  limit(uploadRate: number): void;
  stop(): Promise<void>;
}

/** Generates a file, makes its torrent, and seeds it on the loopback address. */
export async function startLocalSwarm(options: LocalSwarmOptions): Promise<LocalSwarm> {
  const { folder, seeds, uploadRate } = options;
  const name = options.name ?? 'ensemble-demo.bin';
  const seedFolder = path.join(folder, 'seed');
  await mkdir(seedFolder, { recursive: true });
  const payload = path.join(seedFolder, name);
  const pieceHashes = await generate(payload, options.mebibytes);
  const tracker = await startLocalTracker();
  const torrent = Buffer.from(
    encodeTorrent({
      name,
      files: options.mebibytes * CHUNK,
      pieceLength: PIECE_LENGTH,
      pieceHashes,
      trackers: [[tracker.url]],
      comment: 'Generated on this machine',
      createdBy: CLIENT,
    }),
  );
  const torrentFile = path.join(folder, `${name}.torrent`);
  await writeFile(torrentFile, torrent);
  const seeding = startSeeds(torrent, seedFolder, seeds, uploadRate);
  return {
    torrentFile,
    torrent,
    payload,
    limit: (rate) => seeding.limit(rate),
    close: async () => {
      await seeding.stop();
      await tracker.close();
    },
  };
}

/** Seeds a torrent from a folder with its files, on the loopback address, in this process. `uploadRate`: of each; 0: no limit. */
export function startSeeds(torrent: Uint8Array, folder: string, seeds: number, uploadRate: number): LocalSeeds {
  const ports = nodePorts({ version: VERSION });
  const parsed = parseTorrent(torrent);
  const hosts = Array.from({ length: seeds }, () => startSeed(ports, parsed, folder, uploadRate));
  return {
    limit: (rate) => {
      for (const seed of hosts) seed.limit(rate);
    },
    stop: async () => {
      await Promise.all(hosts.map((seed) => seed.stop()));
      await ports.hasher.close();
    },
  };
}

/** Whether two files are the same, byte for byte. */
export async function sameFiles(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([readFile(a), readFile(b)]);
  return left.equals(right);
}

/** Writes random bytes; resolves to the SHA-1 of each piece. */
async function generate(file: string, mebibytes: number): Promise<Uint8Array> {
  const hashes: Buffer[] = [];
  const handle = await open(file, 'w');
  try {
    for (let i = 0; i < mebibytes; i++) {
      const chunk = randomBytes(CHUNK);
      for (let at = 0; at < CHUNK; at += PIECE_LENGTH) {
        hashes.push(
          createHash('sha1')
            .update(chunk.subarray(at, at + PIECE_LENGTH))
            .digest(),
        );
      }
      await handle.write(chunk);
    }
  } finally {
    await handle.close();
  }
  return Buffer.concat(hashes);
}

/** An ordinary seed in this process: the identity host, with this function in place of the coordinator. */
function startSeed(ports: Ports, { info, trackers }: Torrent, folder: string, uploadRate: number): LocalSeeds {
  let receive: (message: unknown) => void = () => {};
  let ended: () => void = () => {};
  const end = new Promise<void>((resolve) => (ended = resolve));
  const parent = {
    post: () => {},
    onMessage: (listener: (message: unknown) => void) => (receive = listener),
    onClose: () => {},
  };
  new IdentityHost(ports, parent, CLIENT, ended).start();
  const tell = (message: ToIdentity): void => receive(message);
  const none = bytesPerSecond(0);
  tell({ type: 'start', version: MESSAGES_VERSION, identity: identityIndex(0), limits: { down: none, up: none } });
  tell({
    type: 'add',
    setup: {
      key: torrentKey(info.infoHash),
      hashes: info.id,
      identity: identityIndex(0),
      count: 1,
      peerId: makePeerId((count) => ports.random.bytes(count), VERSION),
      trackerKey: Math.floor(ports.random.uniform() * 2 ** 32),
      address: '127.0.0.1',
      port: 0,
      ...toldOf(info),
      trackers,
      nodes: [],
      location: { layout: 'in-place', workFolder: folder, output: folder, assembled: true, identity: identityIndex(0) },
      selection: 'rarest',
      tuning: ordinaryTuning({
        ...NO_WAYS,
        limits: { down: none, up: bytesPerSecond(uploadRate) },
        maxUploads: 8,
        maxPeers: 50,
      }),
      shares: new Uint8Array(info.pieceCount).fill(PieceShare.present),
      begun: [],
      seed: true,
      paused: false,
    },
  });
  return {
    limit: (rate) => tell({ type: 'limits', limits: { down: none, up: bytesPerSecond(rate) } }),
    stop: async () => {
      tell({ type: 'stop' });
      await end;
    },
  };
}
