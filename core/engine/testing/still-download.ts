import { bytes, bytesPerSecond, identityIndex, type InfoHash, millis, type TorrentKey } from '../../base/ids.ts';
import type { DownloadOptions, DownloadSnapshot, FileSnapshot, IdentitySnapshot, PieceMapSnapshot } from '../engine.ts';
import type { FakeDownload } from './fake-engine.ts';

export const HASH = '0123456789abcdef0123456789abcdef01234567' as TorrentKey;

/** A snapshot in the middle of a download with the given identities; anything may be replaced. */
export function snapshotOf(options: DownloadOptions, change: Partial<DownloadSnapshot> = {}): DownloadSnapshot {
  const identities = Array.from({ length: options.identities }, (_, i): IdentitySnapshot => ({
    index: identityIndex(i),
    state: 'downloading',
    address: `10.0.0.${i + 1}`,
    port: 6881 + i,
    pieces: 10 * (i + 1),
    held: 10 * (i + 1),
    rate: { down: bytesPerSecond(1024 * 1024 * (i + 1)), up: bytesPerSecond(1000) },
    downloaded: bytes(1000 * (i + 1)),
    uploaded: bytes(10),
    wasted: bytes(0),
    peers: 3 + i,
    seeds: 1,
    punched: 0,
    claimed: 2,
    reachability: { kind: 'unknown' },
    sources: {},
    active: millis(1500),
    restarts: 0,
  }));
  return {
    key: HASH,
    infoHash: HASH as string as InfoHash,
    name: 'thing.iso',
    state: 'downloading',
    added: millis(0),
    pieces: { have: 25, wanted: 100, total: 100, toGo: 75 },
    pieceLength: 1024,
    files: 1,
    fileSlots: 1,
    private: false,
    bytes: { have: 25 * 1024, wanted: 100 * 1024, total: 100 * 1024 },
    rate: { down: bytesPerSecond(2048), up: bytesPerSecond(512) },
    peers: 7,
    timeLeft: millis(92_000),
    downloaded: bytes(26_000),
    uploaded: bytes(900),
    wasted: bytes(400),
    duplicatePieces: 0,
    hashFailures: 1,
    identities,
    options,
    active: millis(2000),
    seeded: millis(0),
    place: 0,
    ...change,
  };
}

/** A download that is what a test says, and ignores all commands. */
export class StillDownload implements FakeDownload {
  readonly key: TorrentKey;
  changed?: () => void;
  constructor(key: TorrentKey = HASH) {
    this.key = key;
  }

  /** State that it starts in. */
  first: Partial<DownloadSnapshot> = {};
  fileList: readonly FileSnapshot[] = [];
  map: PieceMapSnapshot | undefined;
  #snapshot = snapshotOf({ identities: 1 } as DownloadOptions);

  start(options: DownloadOptions): this {
    this.#snapshot = snapshotOf(options, this.first);
    return this;
  }

  /** Replaces parts of the snapshot. */
  become(change: Partial<DownloadSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    this.changed?.();
  }

  get state(): DownloadSnapshot['state'] {
    return this.#snapshot.state;
  }

  snapshot = (): DownloadSnapshot => this.#snapshot;
  pieceMap = (): PieceMapSnapshot | undefined => this.map;
  files = (): readonly FileSnapshot[] => this.fileList;
  pieceSource = (): readonly [] => [];
  sources = (): readonly [] => [];
  peers = (): readonly [] => [];
  assemble = (): Promise<readonly string[]> => Promise.resolve([]);
  move(): void {}
  pause(): void {}
  resume(): void {}
  recheck(): void {}
  cancelAssembly(): void {}
  change(): void {}
  restart(): void {}
}
