import { formatEndpoint } from '../../base/endpoint.ts';
import { bytesPerSecond, type TorrentKey } from '../../base/ids.ts';
import type { DownloadOptions, DownloadSnapshot, Engine, PeerSnapshot } from '../../engine/engine.ts';
import { identityView } from './identity-view.ts';
import { diffBytes } from '../window/merge.ts';
import type { HostModel } from './model.ts';
import { sourcesView } from './sources-view.ts';
import type { DetailPatch } from '../patches.ts';
import type { DetailPart, FileState, PeerView } from '../views.ts';

/** Every how many ticks to look at what need not be updated five times a second: peers, sources, files. */
const SELDOM = 5;
/** The same for availability, which is a number for each piece and changes everywhere at once. */
const RARELY = 10;

/** Keeps what one window was told of the download that it watches, to work out what it has to be told next. */
export class DetailPublisher {
  readonly key: TorrentKey;
  readonly parts: ReadonlySet<DetailPart>;
  readonly #engine: Engine;
  readonly #model: HostModel;
  #seq = 0;
  #tick = 0;
  #pieces: Uint8Array | undefined;
  #availability: Uint8Array | undefined;
  #begun: Uint32Array | undefined;
  /** The lists as they were sent, to compare with. */
  readonly #lists = new Map<DetailPart, string>();
  #peersTold: number | undefined;
  #filesTold = 0;
  /** The names that the user had chosen then. */
  #namesTold: DownloadOptions['names'];
  #fileState: FileState | undefined;
  #samples = 0;
  /** Of how many identities it told. */
  #speeds = 0;
  #lines = 0;

  constructor(engine: Engine, model: HostModel, key: TorrentKey, parts: readonly DetailPart[]) {
    this.#engine = engine;
    this.#model = model;
    this.key = key;
    this.parts = new Set(parts);
  }

  /** What changed since the last call, at first everything; undefined: nothing. */
  next(): DetailPatch | undefined {
    const snapshot = this.#model.snapshot(this.key);
    if (snapshot === undefined) return undefined;
    const seldom = this.#tick % SELDOM === 0;
    const changes = {
      ...(this.parts.has('map') ? this.#map(this.#tick % RARELY === 0) : {}),
      ...(this.parts.has('identities') ? this.#identities(snapshot) : {}),
      ...(this.parts.has('peers') && seldom ? this.#peers() : {}),
      ...(this.parts.has('sources') && seldom
        ? this.#list('sources', sourcesView(this.#engine.sources(this.key), this.#engine.dhtNodes()))
        : {}),
      ...(this.parts.has('files') && seldom ? this.#files(snapshot) : {}),
      ...(this.parts.has('history') ? this.#history() : {}),
      ...(this.parts.has('log') ? this.#log() : {}),
    };
    this.#tick++;
    if (this.#seq > 0 && Object.keys(changes).length === 0) return undefined;
    return { key: this.key, seq: this.#seq++, ...changes };
  }

  #map(withAvailability: boolean): Pick<DetailPatch, 'pieces' | 'availability' | 'begun'> {
    const map = this.#model.pieceMap(this.key);
    if (map === undefined) return {};
    const pieces = diffBytes(this.#pieces, map.pieces);
    this.#pieces = map.pieces;
    const moved = this.#begun === undefined || !sameNumbers(this.#begun, map.begun);
    this.#begun = map.begun;
    const counts =
      withAvailability || this.#availability?.length !== map.pieces.length ? toBytes(map.availability) : undefined;
    const availability = counts === undefined ? undefined : diffBytes(this.#availability, counts);
    if (counts !== undefined) this.#availability = counts;
    return {
      ...(pieces === undefined ? {} : { pieces }),
      ...(availability === undefined ? {} : { availability }),
      ...(moved ? { begun: map.begun } : {}),
    };
  }

  #identities(snapshot: DownloadSnapshot): Pick<DetailPatch, 'identities'> {
    const views = snapshot.identities.map((identity) =>
      identityView(snapshot, identity, this.#model.interfaceOf(identity.address)),
    );
    return this.#list('identities', views);
  }

  /** Some figure of the peers always changes, so that they are always sent; only an empty list is not sent twice. */
  #peers(): Pick<DetailPatch, 'peers'> {
    const peers = this.#engine.peers(this.key).map(peerView);
    if (peers.length === 0 && this.#peersTold === 0) return {};
    this.#peersTold = peers.length;
    return { peers };
  }

  #list<K extends 'identities' | 'sources'>(part: K, views: NonNullable<DetailPatch[K]>): Pick<DetailPatch, K> {
    const text = JSON.stringify(views);
    if (this.#lists.get(part) === text) return {} as Pick<DetailPatch, K>;
    this.#lists.set(part, text);
    return { [part]: views } as Pick<DetailPatch, K>;
  }

  #files({ options }: DownloadSnapshot): Pick<DetailPatch, 'files' | 'fileState'> {
    const files = this.#engine.files(this.key);
    const state = {
      have: Float64Array.from(files, (file) => file.have),
      priority: Uint8Array.from(files, (file) => file.priority),
    };
    const before = this.#fileState;
    this.#fileState = state;
    const { names } = options;
    const known = before !== undefined && this.#filesTold === files.length && this.#namesTold === names;
    if (known && sameNumbers(before.have, state.have) && sameNumbers(before.priority, state.priority)) return {};
    if (known) return { fileState: state };
    this.#filesTold = files.length;
    this.#namesTold = names;
    const views = files.map(({ index, path, length, pieces }) => ({
      index,
      path,
      length,
      firstPiece: pieces?.first ?? -1,
      lastPiece: pieces?.last ?? -1,
    }));
    return { files: views, fileState: state };
  }

  #history(): Pick<DetailPatch, 'history'> {
    const record = this.#model.speed(this.key);
    if (record === undefined || (record.end === this.#samples && this.#seq > 0)) return {};
    const history = record.since(record.identities === this.#speeds ? this.#samples : 0);
    this.#speeds = record.identities;
    this.#samples = record.end;
    return { history };
  }

  #log(): Pick<DetailPatch, 'log'> {
    const record = this.#model.log(this.key);
    if (record === undefined || (record.end === this.#lines && this.#seq > 0)) return {};
    const log = record.since(this.#lines);
    this.#lines = record.end;
    return { log };
  }
}

function peerView(peer: PeerSnapshot): PeerView {
  return {
    ...peer,
    endpoint: formatEndpoint(peer.endpoint),
    down: bytesPerSecond(Math.round(peer.down)),
    up: bytesPerSecond(Math.round(peer.up)),
  };
}

function toBytes(counts: Uint16Array): Uint8Array {
  const out = new Uint8Array(counts.length);
  for (let p = 0; p < out.length; p++) out[p] = Math.min(255, counts[p] ?? 0);
  return out;
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
