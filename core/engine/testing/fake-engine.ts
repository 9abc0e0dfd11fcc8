import { EnsembleError } from '../../base/errors.ts';
import { type Millis, millis, type TorrentKey } from '../../base/ids.ts';
import type {
  DhtNodeSnapshot,
  DownloadChanges,
  DownloadOptions,
  DownloadSnapshot,
  Engine,
  EngineEvent,
  FileSnapshot,
  Links,
  IdentitySnapshot,
  PeerSnapshot,
  PieceMapSnapshot,
  QueueMove,
  Source,
  SourceSnapshot,
  TorrentDescription,
  TrackerSnapshot,
} from '../engine.ts';
import type { LinkProfile, LinkSnapshot } from '../link-profiles.ts';
import { moved } from '../queue-order.ts';

const PERIOD = 100;

/** What a download of a fake engine is and does: it moves by itself (`MovingDownload`), or as a test says (`StillDownload`). */
export interface FakeDownload {
  readonly key: TorrentKey;
  readonly state: DownloadSnapshot['state'];
  /** Called when a test has changed it. */
  changed?: () => void;
  /** Lets so many seconds pass. */
  move(seconds: number): void;
  snapshot(): DownloadSnapshot;
  pieceMap(): PieceMapSnapshot | undefined;
  pieceSource(index: number): readonly string[];
  files(): readonly FileSnapshot[];
  sources(): readonly SourceSnapshot[];
  peers(): readonly PeerSnapshot[];
  pause(): void;
  resume(): void;
  recheck(): void;
  assemble(): Promise<readonly string[]>;
  cancelAssembly(): void;
  change(changes: DownloadChanges): void;
  restart(identity: number, wall: number): void;
}

interface FakeEngineOptions {
  readonly clock: {
    wall(): Millis;
    every(period: Millis, task: () => void): { cancel(): void };
  };
  readonly downloads?: readonly FakeDownload[];
  readonly dhtNodes?: readonly DhtNodeSnapshot[];
  /** How these links, and the addresses in use, fare. */
  links?(profiles: readonly LinkProfile[]): readonly LinkSnapshot[];
  /** What `add` adds. */
  make(source: Source, options: DownloadOptions, wall: Millis): FakeDownload;
}

/** An engine without a swarm: for tests of front ends, and for work on a window without a program. */
export class FakeEngine implements Engine {
  /** Names of the calls that ask it to do something, in order. */
  readonly calls: string[] = [];
  /** What it was given last. */
  source: Source | undefined;
  options: DownloadOptions | undefined;
  changes: DownloadChanges | undefined;
  /** What `add` rejects with. */
  refusal: Error | undefined;
  readonly #o: FakeEngineOptions;
  readonly #downloads = new Map<TorrentKey, FakeDownload>();
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #timer: { cancel(): void };

  constructor(options: FakeEngineOptions) {
    this.#o = options;
    for (const download of options.downloads ?? []) this.#take(download);
    this.#timer = options.clock.every(millis(PERIOD), () => this.#move());
  }

  emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  add(source: Source, options: DownloadOptions): Promise<TorrentKey> {
    this.calls.push('add');
    if (this.refusal !== undefined) return Promise.reject(this.refusal);
    const download = this.#o.make(source, options, this.#o.clock.wall());
    const { key } = download;
    if (this.#downloads.has(key)) {
      return Promise.reject(new EnsembleError('in-use', 'It is being downloaded here already.'));
    }
    this.source = source;
    this.options = options;
    this.#take(download);
    this.emit({ type: 'added', key });
    return Promise.resolve(key);
  }

  pause = (key: TorrentKey): Promise<void> => this.#do('pause', key, (one) => one.pause());
  resume = (key: TorrentKey): Promise<void> => this.#do('resume', key, (one) => one.resume());
  reopen = (key: TorrentKey): Promise<void> => this.#do('reopen', key, (one) => one.resume());
  recheck = (key: TorrentKey): Promise<void> => this.#do('recheck', key, (one) => one.recheck());

  move = (key: TorrentKey): Promise<void> => this.#do('move', key, () => {});

  rename = async (key: TorrentKey, path: string, name: string): Promise<string> => {
    await this.#do(`rename ${path} to ${name}`, key, () => {});
    return [...path.split('/').slice(0, -1), name].join('/');
  };

  cancelMove(): void {
    this.calls.push('cancelMove');
  }

  async remove(key: TorrentKey, { data }: { readonly data: boolean }): Promise<void> {
    this.calls.push(data ? 'remove with data' : 'remove');
    this.#get(key);
    this.#downloads.delete(key);
    this.emit({ type: 'removed', key });
  }

  assemble(key: TorrentKey): Promise<readonly string[]> {
    this.calls.push('assemble');
    const files = this.#get(key).assemble();
    this.emit({ type: 'changed', key });
    return files;
  }

  cancelAssembly(key: TorrentKey): void {
    this.#get(key).cancelAssembly();
    this.emit({ type: 'changed', key });
  }

  change(key: TorrentKey, changes: DownloadChanges): Promise<void> {
    this.changes = changes;
    return this.#do('change', key, (one) => one.change(changes));
  }

  trackersSet: readonly (readonly string[])[] | undefined;

  setTrackers(key: TorrentKey, tiers: readonly (readonly string[])[]): Promise<void> {
    this.trackersSet = tiers;
    return this.#do('setTrackers', key, () => {});
  }

  links(key: TorrentKey): Links | undefined {
    const known = this.#downloads.get(key);
    return (
      known && { magnet: `magnet:?xt=urn:btih:${key}`, trackers: this.trackersSet ?? [['udp://tracker.example:6969']] }
    );
  }

  torrentFile(): undefined {
    return undefined;
  }

  announce(key: TorrentKey): void {
    this.#get(key);
  }

  addPeers(key: TorrentKey): void {
    this.#get(key);
  }

  restartIdentity(key: TorrentKey, identity: IdentitySnapshot['index']): void {
    this.calls.push('restartIdentity');
    this.#get(key).restart(identity, this.#o.clock.wall());
  }

  setLimits(): void {
    this.calls.push('setLimits');
  }

  setRules(): void {
    this.calls.push('setRules');
  }

  linkProfiles: readonly LinkProfile[] = [];

  setLinks(profiles: readonly LinkProfile[]): void {
    this.calls.push('setLinks');
    this.linkProfiles = profiles;
  }

  linkStates(): readonly LinkSnapshot[] {
    return this.#o.links?.(this.linkProfiles) ?? [];
  }

  async reorder(keys: readonly TorrentKey[], to: QueueMove): Promise<void> {
    this.calls.push('reorder');
    const order = moved([...this.#downloads.keys()], new Set(keys), to);
    const before = new Map(this.#downloads);
    this.#downloads.clear();
    for (const key of order) this.#downloads.set(key, before.get(key) as FakeDownload);
    for (const key of order) this.emit({ type: 'changed', key });
  }

  setBarred(): void {
    this.calls.push('setBarred');
  }

  bars(): boolean {
    return false;
  }

  setDht(): void {
    this.calls.push('setDht');
  }

  dhtNodes(): readonly DhtNodeSnapshot[] {
    return this.#o.dhtNodes ?? [];
  }

  setWays(): void {
    this.calls.push('setWays');
  }

  downloads(): readonly DownloadSnapshot[] {
    return [...this.#downloads.values()].map((one, place) => ({ ...one.snapshot(), place }));
  }

  download(key: TorrentKey): DownloadSnapshot | undefined {
    return this.#downloads.get(key)?.snapshot();
  }

  pieceMap(key: TorrentKey): PieceMapSnapshot | undefined {
    return this.#downloads.get(key)?.pieceMap();
  }

  pieceSource(key: TorrentKey, index: number): readonly string[] {
    return this.#downloads.get(key)?.pieceSource(index) ?? [];
  }

  files(key: TorrentKey): readonly FileSnapshot[] {
    return this.#downloads.get(key)?.files() ?? [];
  }

  content(): undefined {
    return undefined;
  }

  trackers(key: TorrentKey): readonly TrackerSnapshot[] {
    return this.sources(key).flatMap((source) =>
      source.kind === 'tracker' ? source.trackers.map((one) => ({ ...one, identity: source.identity })) : [],
    );
  }

  sources(key: TorrentKey): readonly SourceSnapshot[] {
    return this.#downloads.get(key)?.sources() ?? [];
  }

  peers(key: TorrentKey): readonly PeerSnapshot[] {
    return this.#downloads.get(key)?.peers() ?? [];
  }

  describe(): Promise<TorrentDescription> {
    return Promise.reject(new EnsembleError('usage', 'Torrents are described elsewhere.'));
  }

  prepare(): void {
    this.calls.push('prepare');
  }

  watchPeers(): void {}

  onEvent(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.calls.push('close');
    this.#timer.cancel();
    return Promise.resolve();
  }

  #take(download: FakeDownload): void {
    const { key } = download;
    this.#downloads.set(key, download);
    download.changed = () => this.emit({ type: 'changed', key });
  }

  #move(): void {
    for (const one of this.#downloads.values()) {
      const { state } = one;
      one.move(PERIOD / 1000);
      if (one.state !== state) this.emit({ type: 'changed', key: one.key });
    }
  }

  #do(name: string, key: TorrentKey, work: (one: FakeDownload) => unknown): Promise<void> {
    this.calls.push(name);
    try {
      work(this.#get(key));
    } catch (error) {
      return Promise.reject(error as Error);
    }
    this.emit({ type: 'changed', key });
    return Promise.resolve();
  }

  #get(key: TorrentKey): FakeDownload {
    const found = this.#downloads.get(key);
    if (found === undefined) throw new EnsembleError('usage', `There is no download ${key}.`);
    return found;
  }
}
