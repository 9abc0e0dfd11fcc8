import { EnsembleError } from '../../base/errors.ts';
import { type InfoHash, type InfoHashV1, millis, type TorrentKey, torrentKey } from '../../base/ids.ts';
import type {
  DownloadChanges,
  DownloadOptions,
  DownloadSnapshot,
  Engine,
  EngineEvent,
  FileSnapshot,
  IdentitySnapshot,
  PeerSnapshot,
  PieceMapSnapshot,
  Source,
  TrackerSnapshot,
} from '../../engine/engine.ts';
import { MockDownload, mockOptions } from './mock-download.ts';
import type { HostClock } from '../host/services.ts';

const PERIOD = 100;

/** An engine without a swarm that looks alive: for the bridge's tests, and for work on a window without an engine. */
export class MockEngine implements Engine {
  readonly #clock: HostClock;
  readonly #downloads = new Map<TorrentKey, MockDownload>();
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #timer: { cancel(): void };
  /** All calls, in order. */
  readonly calls: string[] = [];

  constructor(clock: HostClock, downloads: readonly MockDownload[]) {
    this.#clock = clock;
    for (const download of downloads) this.#downloads.set(download.key, download);
    this.#timer = clock.every(millis(PERIOD), () => this.#move());
  }

  add(source: Source, options: DownloadOptions): Promise<TorrentKey> {
    this.calls.push('add');
    const infoHash = mockHash(source);
    const key = torrentKey(infoHash);
    if (this.#downloads.has(key)) {
      return Promise.reject(new EnsembleError('in-use', 'It is being downloaded here already.'));
    }
    this.#downloads.set(
      key,
      new MockDownload({ infoHash, name: mockName(source), added: this.#clock.wall(), pieces: 800, done: 0, options }),
    );
    this.#emit({ type: 'added', key });
    return Promise.resolve(key);
  }

  pause = (key: TorrentKey): Promise<void> => this.#do('pause', key, (one) => one.pause());
  resume = (key: TorrentKey): Promise<void> => this.#do('resume', key, (one) => one.resume());
  recheck = (key: TorrentKey): Promise<void> => this.#do('recheck', key, (one) => one.recheck());

  async remove(key: TorrentKey, { data }: { readonly data: boolean }): Promise<void> {
    await this.#do(data ? 'remove with data' : 'remove', key, () => this.#downloads.delete(key));
  }

  assemble(key: TorrentKey): Promise<readonly string[]> {
    this.calls.push('assemble');
    const files = this.#get(key).assemble();
    this.#emit({ type: 'changed', key });
    return files;
  }

  cancelAssembly(key: TorrentKey): void {
    this.#get(key).cancelAssembly();
    this.#emit({ type: 'changed', key });
  }

  change(key: TorrentKey, changes: DownloadChanges): Promise<void> {
    return this.#do('change', key, (one) => one.change(changes));
  }

  announce(key: TorrentKey): void {
    this.#get(key).announce();
  }

  addPeers(key: TorrentKey): void {
    this.#get(key);
  }

  restartIdentity(key: TorrentKey, identity: IdentitySnapshot['index']): void {
    this.calls.push('restartIdentity');
    this.#get(key).restart(identity, this.#clock.wall());
  }

  setLimits(): void {
    this.calls.push('setLimits');
  }

  setWays(): void {
    this.calls.push('setWays');
  }

  downloads(): readonly DownloadSnapshot[] {
    return [...this.#downloads.values()].map((one) => one.snapshot());
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

  trackers(key: TorrentKey): readonly TrackerSnapshot[] {
    return this.#downloads.get(key)?.trackers() ?? [];
  }

  peers(key: TorrentKey): readonly PeerSnapshot[] {
    return this.#downloads.get(key)?.peers() ?? [];
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
    this.#timer.cancel();
    return Promise.resolve();
  }

  #move(): void {
    for (const one of this.#downloads.values()) {
      const { state } = one;
      one.move(PERIOD / 1000);
      if (one.state !== state) this.#emit({ type: 'changed', key: one.key });
    }
  }

  #do(name: string, key: TorrentKey, work: (one: MockDownload) => unknown): Promise<void> {
    this.calls.push(name);
    try {
      work(this.#get(key));
    } catch (error) {
      return Promise.reject(error as Error);
    }
    this.#emit({ type: 'changed', key });
    return Promise.resolve();
  }

  #get(key: TorrentKey): MockDownload {
    const found = this.#downloads.get(key);
    if (found === undefined) throw new EnsembleError('usage', `There is no download ${key}.`);
    return found;
  }

  #emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** Four downloads in the states that a list shows most. */
export function mockDownloads(wall: number): MockDownload[] {
  const one = (n: number, name: string, change: Partial<ConstructorParameters<typeof MockDownload>[0]>): MockDownload =>
    new MockDownload({
      infoHash: `${n}`.repeat(40) as InfoHashV1,
      name,
      added: millis(wall - (5 - n) * 60_000),
      pieces: 1648,
      done: 0.62,
      options: mockOptions({ identities: 4, assemble: false }),
      ...change,
    });
  return [
    one(1, 'Big Buck Bunny (4K, 60 fps)', {
      files: [
        ['bbb_sunflower_2160p_60fps.mp4', 0.9995],
        ['poster.jpg', 0.0004],
        ['licence.txt', 0.0001],
      ],
    }),
    one(2, 'debian-13.2.0-amd64-DVD-1.iso', { pieces: 4492, done: 1, state: 'seeding' }),
    one(3, 'arXiv-2026-10-figures', { pieces: 21_400, done: 0.18, state: 'paused' }),
    one(4, 'sintel-4k-master', { pieces: 7680, done: 0.9998, stalled: true }),
  ];
}

/** An info-hash, always the same for the same source. */
export function mockHash(source: Source): InfoHash {
  const text = source.kind === 'magnet' ? source.link : String.fromCharCode(...source.data.subarray(0, 4096));
  const found = /btih:([0-9a-f]{40})/i.exec(text)?.[1];
  if (found !== undefined) return found.toLowerCase() as InfoHashV1;
  let hash = 7;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) >>> 0;
  return hash.toString(16).padStart(40, '0') as InfoHashV1;
}

export function mockName(source: Source): string {
  if (source.kind === 'torrent') return `A torrent of ${source.data.length} bytes`;
  const name = /[?&]dn=([^&]+)/.exec(source.link)?.[1];
  return name === undefined ? mockHash(source) : decodeURIComponent(name.replaceAll('+', ' '));
}
