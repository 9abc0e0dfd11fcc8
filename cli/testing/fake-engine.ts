import { bytes, bytesPerSecond, identityIndex, type InfoHash, millis, type TorrentKey } from '../../core/base/ids.ts';
import type {
  DownloadChanges,
  DownloadOptions,
  DownloadSnapshot,
  Engine,
  EngineEvent,
  FileSnapshot,
  IdentitySnapshot,
  PieceMapSnapshot,
  Source,
} from '../../core/engine/engine.ts';

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
    claimed: 2,
    reachability: { kind: 'unknown' },
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
    ...change,
  };
}

/** An engine without a swarm: a test sets the state of its only download, and sees what was asked of it. */
export class FakeEngine implements Engine {
  readonly calls: string[] = [];
  options: DownloadOptions | undefined;
  source: Source | undefined;
  changes: DownloadChanges | undefined;
  fileList: readonly FileSnapshot[] = [];
  map: PieceMapSnapshot | undefined;
  /** What `add` rejects with. */
  refusal: Error | undefined;
  /** State that a download starts in. */
  first: Partial<DownloadSnapshot> = {};
  #snapshot: DownloadSnapshot | undefined;
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  /** Replaces parts of the snapshot. */
  become(change: Partial<DownloadSnapshot>): void {
    if (this.#snapshot) this.#snapshot = { ...this.#snapshot, ...change };
    this.emit({ type: 'changed', key: HASH });
  }

  emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  prepare(): void {}

  add(source: Source, options: DownloadOptions): Promise<TorrentKey> {
    this.calls.push('add');
    if (this.refusal) return Promise.reject(this.refusal);
    this.source = source;
    this.options = options;
    this.#snapshot = snapshotOf(options, this.first);
    return Promise.resolve(HASH);
  }

  pause = () => this.#called('pause');
  resume = () => this.#called('resume');
  remove = (_hash: TorrentKey, { data }: { data: boolean }) => this.#called(data ? 'remove with data' : 'remove');
  recheck = () => this.#called('recheck');
  close = () => this.#called('close');
  announce(): void {}
  cancelAssembly(): void {}
  watchPeers(): void {}
  trackers = () => [];
  peers = () => [];
  addPeers(): void {}
  restartIdentity(): void {}
  setLimits(): void {}
  setWays(): void {}

  async assemble(): Promise<readonly string[]> {
    await this.#called('assemble');
    return [];
  }

  change(_hash: TorrentKey, changes: DownloadChanges): Promise<void> {
    this.changes = changes;
    return this.#called('change');
  }

  downloads(): readonly DownloadSnapshot[] {
    return this.#snapshot ? [this.#snapshot] : [];
  }

  download(): DownloadSnapshot | undefined {
    return this.#snapshot;
  }

  pieceMap(): PieceMapSnapshot | undefined {
    return this.map;
  }

  pieceSource(): readonly string[] {
    return [];
  }

  files(): readonly FileSnapshot[] {
    return this.fileList;
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #called(name: string): Promise<void> {
    this.calls.push(name);
    return Promise.resolve();
  }
}
