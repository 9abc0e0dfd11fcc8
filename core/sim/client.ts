import { toldOf } from '../metainfo/known-info.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import { type FoundPeer, foundBy, type PeerSourceKind } from '../base/peer-source.ts';
import type { PeerId, TorrentKey } from '../base/ids.ts';
import { bytesPerSecond, identityIndex, torrentKey } from '../base/ids.ts';
import { IdentityHost } from '../identity/host.ts';
import { type DownloadSetup, type FromIdentity, MESSAGES_VERSION, type ToIdentity } from '../identity/messages.ts';
import { statusesIn, type SwarmStatus } from '../engine/statuses.ts';
import type { Torrent } from '../metainfo/torrent.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { makePeerId } from '../wire/peer-id.ts';
import type { VirtualClock } from './clock.ts';
import { MemoryDisk } from './disk.ts';
import { SimHasher } from './hasher.ts';
import { SimHttp } from './http.ts';
import type { SimHost } from './net-host.ts';
import type { SeededRandom } from './random.ts';
import { spanOf } from './torrent.ts';
import { ordinaryTuning } from '../engine/tuning.ts';

const OUTPUT = '/out';
const WORK = '/out/.work';

/** The setup of an ordinary client's only identity: to seed `payload`, or to download with nothing at the start. */
export function soloSetup(
  { info, trackers }: Torrent,
  payload: Uint8Array | undefined,
  peerId: PeerId,
  address: string,
): DownloadSetup {
  const state = payload === undefined ? PieceShare.mine : PieceShare.present;
  return {
    key: torrentKey(info.infoHash),
    hashes: info.id,
    identity: identityIndex(0),
    count: 1,
    peerId,
    trackerKey: 1,
    address,
    port: 6881,
    ...toldOf(info),
    trackers,
    nodes: [],
    location: {
      layout: 'in-place',
      workFolder: WORK,
      output: OUTPUT,
      assembled: payload !== undefined,
      identity: identityIndex(0),
    },
    selection: 'rarest',
    // Tests look at what is sent; those of encryption and of uTP ask for it.
    tuning: ordinaryTuning({ encryption: 'off', utp: false }),
    shares: new Uint8Array(info.pieceCount).fill(state),
    begun: [],
    seed: payload !== undefined,
    paused: false,
  };
}

/** One ordinary client in a simulated swarm: an identity host, with this class in place of the coordinator, K=1. */
export class SimClient {
  readonly disk: MemoryDisk;
  readonly address: string;
  readonly host: SimHost;
  /** All messages of the identity. */
  readonly heard: FromIdentity[] = [];
  readonly verified = new Set<number>();
  endpoint: Endpoint | undefined;
  status: SwarmStatus | undefined;
  #receive: (message: unknown) => void = () => {};
  #ended: () => void = () => {};
  readonly #end: Promise<void>;
  readonly #random: SeededRandom;
  readonly #known = new Map<string, FoundPeer>();

  constructor(options: {
    readonly clock: VirtualClock;
    readonly random: SeededRandom;
    readonly host: SimHost;
    readonly address: string;
    readonly disk?: MemoryDisk;
    readonly http?: SimHttp;
  }) {
    this.address = options.address;
    this.host = options.host;
    this.disk = options.disk ?? new MemoryDisk();
    this.#random = options.random;
    this.#end = new Promise((resolve) => (this.#ended = resolve));
    const ports = {
      clock: options.clock,
      random: options.random,
      net: options.host,
      interfaces: options.host,
      http: options.http ?? new SimHttp(options.clock),
      disk: this.disk,
      hasher: new SimHasher(),
    };
    const parent = {
      post: (message: unknown) => this.#heard(structuredClone(message) as FromIdentity),
      onMessage: (listener: (message: unknown) => void) => (this.#receive = listener),
      onClose: () => {},
    };
    new IdentityHost(ports, parent, 'Ensemble sim', () => this.#ended()).start();
    const none = bytesPerSecond(0);
    this.tell({
      type: 'start',
      version: MESSAGES_VERSION,
      identity: identityIndex(0),
      limits: { down: none, up: none },
    });
  }

  tell(message: ToIdentity): void {
    this.#receive(structuredClone(message));
  }

  /** Seeds `payload`, or downloads with nothing at the start. */
  add(torrent: Torrent, payload: Uint8Array | undefined, changes: Partial<DownloadSetup> = {}): void {
    const { info } = torrent;
    if (payload !== undefined) {
      for (const file of info.files.filter(({ padding }) => !padding)) {
        this.disk.put(`${OUTPUT}/${file.path.join('/')}`, payload.slice(file.offset, file.offset + file.length));
      }
    }
    this.tell({ type: 'add', setup: { ...this.#setup(torrent, payload), ...changes } });
  }

  #setup(torrent: Torrent, payload: Uint8Array | undefined): DownloadSetup {
    const peerId = makePeerId((count) => this.#random.bytes(count), '0.1.0');
    return soloSetup(torrent, payload, peerId, this.address);
  }

  /** Looks for the metadata of a torrent of which it knows the info-hash and the trackers alone. */
  addMagnet(torrent: Torrent, changes: Partial<DownloadSetup> = {}): void {
    const { rawInfo: _, shares: __, pieceRoots: ___, ...setup } = this.#setup(torrent, undefined);
    this.tell({ type: 'add', setup: { ...setup, ...changes } });
  }

  /** Deals further peers to it. */
  introduce(key: TorrentKey, endpoints: readonly Endpoint[], source: PeerSourceKind = 'user'): void {
    for (const found of foundBy(source, endpoints)) this.#known.set(formatEndpoint(found), found);
    this.tell({ type: 'peers', key, dial: [...this.#known.values()] });
  }

  /** What was downloaded, as it lies on this client's disk; undefined where a file is missing. */
  payload(torrent: Torrent): Uint8Array | undefined {
    const out = new Uint8Array(spanOf(torrent.info));
    for (const file of torrent.info.files.filter(({ padding }) => !padding)) {
      const data = this.disk.content(`${WORK}/files/${file.path.join('/')}`);
      if (data === undefined && file.length > 0) return undefined;
      if (data !== undefined) out.set(data, file.offset);
    }
    return out;
  }

  /** Leaves the swarm and ends. */
  stop(): Promise<void> {
    this.tell({ type: 'stop' });
    return this.#end;
  }

  #heard(message: FromIdentity): void {
    this.heard.push(message);
    if (message.type === 'listening') this.endpoint = message.endpoint;
    else if (message.type === 'verified') for (const { piece } of message.pieces) this.verified.add(piece);
    else if (message.type === 'status') this.status = statusesIn(message)[0] ?? this.status;
    // As the coordinator would: with one identity all peers are dealt to it.
    else if (message.type === 'peers-found') {
      this.introduce(message.key, message.endpoints, message.source);
    }
  }
}
