import type { Endpoint } from '../base/endpoint.ts';
import { foundBy } from '../base/peer-source.ts';
import { EnsembleError, messageOf } from '../base/errors.ts';
import {
  bytesPerSecond,
  type IdentityIndex,
  identityIndex,
  millis,
  type PeerId,
  type PieceIndex,
  type TorrentKey,
  torrentKey,
} from '../base/ids.ts';
import type {
  DownloadChanges,
  DownloadOptions,
  DownloadSnapshot,
  Engine,
  EngineEvent,
  FileSnapshot,
  PeerSnapshot,
  PieceMapSnapshot,
  Source,
  TrackerSnapshot,
} from '../engine/engine.ts';
import type { FromIdentity } from '../identity/messages.ts';
import type { RateLimits, SwarmStatus } from '../engine/statuses.ts';
import type { Timer } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import type { ProcessFacts } from '../ports/process-facts.ts';
import type { ProcessHost } from '../ports/process-host.ts';
import { bindAddresses } from './bind-addresses.ts';
import { Catalog, type CatalogEntry, checkOptions } from './catalog.ts';
import { Download } from './download.ts';
import type { DownloadEnv } from './download-env.ts';
import { IdentityPool } from './identity-pool.ts';
import { Keeping } from './keeping.ts';
import { bindLate } from './late-binding.ts';
import { LimitDivider, sharesOf } from './limits.ts';
import { Member } from './member.ts';
import { ANYWHERE, type Roots } from './roots.ts';
import { downloadSnapshot, fileSnapshots, peerSnapshots, pieceMapSnapshot, trackerSnapshots } from './snapshot.ts';
import { type Origin, readSource } from './source.ts';
import { WorkerJobs } from './worker-jobs.ts';

const TICK = millis(1000);
/** Leaving, saving and ending take 5 s at most, of which the identities get this much. */
const LEAVE_WITHIN = millis(4000);
const UNLIMITED: RateLimits = { down: bytesPerSecond(0), up: bytesPerSecond(0) };

export interface CoordinatorOptions {
  readonly ports: Ports;
  readonly processHost: ProcessHost;
  readonly processFacts: ProcessFacts;
  /** Absolute folder of the catalog; undefined: only working folders are kept. */
  readonly stateFolder?: string;
  /** Where downloads may lie; undefined: anywhere. */
  readonly roots?: Roots;
  /** Makes a new peer id each time (BEP 20). */
  readonly newPeerId: () => PeerId;
}

/** All downloads of this process, behind the interface that every front end uses. */
export class Coordinator implements Engine {
  readonly #o: CoordinatorOptions;
  readonly #downloads = new Map<TorrentKey, Download>();
  /** Being added: a second one of the same info-hash is refused. */
  readonly #opening = new Set<TorrentKey>();
  readonly #dividers = new Map<TorrentKey, LimitDivider>();
  readonly #global = new LimitDivider();
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #pool: IdentityPool;
  readonly #env: DownloadEnv;
  readonly #keeping: Keeping | undefined;
  /** Stored downloads whose torrent file or link could not be read. */
  readonly #unread = new Set<TorrentKey>();
  readonly #tick: Timer;
  #limits = UNLIMITED;
  #closing: Promise<void> | undefined;

  constructor(options: CoordinatorOptions) {
    this.#o = options;
    const { ports, processHost, processFacts, stateFolder, roots = ANYWHERE } = options;
    if (stateFolder !== undefined) {
      const failed = (message: string): void => this.#emit({ type: 'log', level: 'error', message });
      this.#keeping = new Keeping(new Catalog(ports.disk, stateFolder), ports.clock, this.#downloads, failed);
    }
    this.#pool = new IdentityPool(processHost, ports.clock, Math.max(2, ports.hasher.parallelism), {
      up: (index) => this.#downloads.forEach((download) => void download.crew?.team.up(index)),
      down: (index, gaveUp) => this.#downloads.forEach((download) => download.crew?.team.down(index, gaveUp)),
      message: (index, message) => this.#message(index, message),
      warn: (message) => this.#emit({ type: 'log', level: 'warn', message }),
    });
    this.#env = {
      ports: { ...ports, processFacts },
      roots,
      pool: this.#pool,
      jobs: new WorkerJobs(processHost),
      limitsOf: (key, index) => this.#dividers.get(key)?.limitOf(index) ?? UNLIMITED,
      emit: (event) => this.#emit(event),
      keep: () => this.#keep(),
    };
    this.#tick = ports.clock.every(TICK, () => this.#everySecond());
  }

  /** Reads the catalog, and continues every download in it. Rejects where it is newer or damaged. */
  async start(): Promise<void> {
    try {
      await this.#restore();
    } catch (error) {
      // A catalog that could not be read must not be overwritten.
      this.#closing ??= Promise.resolve();
      this.#tick.cancel();
      throw error;
    }
  }

  async add(source: Source, options: DownloadOptions): Promise<TorrentKey> {
    this.#checkOpen();
    checkOptions(options);
    const origin = readSource(source);
    const key = torrentKey(origin.infoHash);
    if (this.#downloads.has(key) || this.#opening.has(key)) {
      throw new EnsembleError('in-use', `${origin.name ?? origin.infoHash} is being downloaded here already.`);
    }
    this.#opening.add(key);
    try {
      const download = this.#make(origin, options, true);
      await this.#open(download);
    } finally {
      this.#opening.delete(key);
    }
    await this.#keep();
    this.#emit({ type: 'added', key });
    return key;
  }

  prepare(identities: number): void {
    if (this.#closing === undefined) this.#pool.warm(identities);
  }

  pause(key: TorrentKey): Promise<void> {
    return this.#command(key, (download) => download.pause());
  }

  resume(key: TorrentKey): Promise<void> {
    return this.#command(key, (download) => (this.#unread.has(key) ? this.#readAgain(download) : download.resume()));
  }

  async remove(key: TorrentKey, options: { readonly data: boolean }): Promise<void> {
    const download = this.#get(key);
    if (options.data) download.copy.expectPermitted();
    await download.close(options.data);
    this.#downloads.delete(key);
    this.#dividers.delete(key);
    this.#unread.delete(key);
    await this.#keeping?.forget(download.infoHash);
    await this.#keep();
    this.#emit({ type: 'removed', key });
  }

  assemble(key: TorrentKey): Promise<readonly string[]> {
    return this.#command(key, (download) => download.assemble());
  }

  cancelAssembly(key: TorrentKey): void {
    const { state, job } = this.#get(key);
    if (state === 'assembling') job?.abort();
  }

  recheck(key: TorrentKey): Promise<void> {
    return this.#command(key, (download) => download.recheck());
  }

  change(key: TorrentKey, changes: DownloadChanges): Promise<void> {
    return this.#command(key, (download) => {
      checkOptions({ ...download.options, ...changes });
      download.change(changes);
      this.#divideLimits(download);
    });
  }

  announce(key: TorrentKey): void {
    this.#get(key).crew?.team.broadcast({ type: 'announce', key });
  }

  addPeers(key: TorrentKey, peers: readonly Endpoint[]): void {
    this.#get(key).crew?.dealer.found(foundBy('user', peers));
  }

  restartIdentity(key: TorrentKey, identity: IdentityIndex): void {
    if (this.#get(key).members[identity] === undefined) {
      throw new EnsembleError('usage', `There is no identity ${identity + 1} in this download.`);
    }
    this.#pool.slot(identity)?.kill();
  }

  setLimits(limits: RateLimits): void {
    this.#limits = limits;
    this.#divideGlobal();
  }

  downloads(): readonly DownloadSnapshot[] {
    return [...this.#downloads.values()].map((download) => this.#snapshot(download));
  }

  download(key: TorrentKey): DownloadSnapshot | undefined {
    const download = this.#downloads.get(key);
    return download && this.#snapshot(download);
  }

  pieceMap(key: TorrentKey): PieceMapSnapshot | undefined {
    const download = this.#downloads.get(key);
    return download && pieceMapSnapshot(download);
  }

  pieceSource(key: TorrentKey, index: PieceIndex): readonly string[] {
    return this.#downloads.get(key)?.run?.sources.of(index) ?? [];
  }

  files(key: TorrentKey): readonly FileSnapshot[] {
    const download = this.#downloads.get(key);
    return download === undefined ? [] : fileSnapshots(download);
  }

  trackers(key: TorrentKey): readonly TrackerSnapshot[] {
    const download = this.#downloads.get(key);
    return download === undefined ? [] : trackerSnapshots(download);
  }

  watchPeers(key: TorrentKey | undefined): void {
    this.#pool.watch(key);
  }

  peers(key: TorrentKey): readonly PeerSnapshot[] {
    const download = this.#downloads.get(key);
    return download === undefined ? [] : peerSnapshots(download);
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Saved first, as what follows is not the user's choice.
    await this.#keeping?.write();
    this.#tick.cancel();
    const ended = this.#pool.close(LEAVE_WITHIN);
    await Promise.all([...this.#downloads.values()].map((download) => download.close(false)));
    await ended;
  }

  async #restore(): Promise<void> {
    await this.#keeping?.restore((entry) => this.#restoreOne(entry));
  }

  /** A download that cannot go on stays in the list and says why. */
  async #restoreOne(entry: CatalogEntry): Promise<void> {
    const kept = await this.#keeping?.origin(entry);
    this.#checkOpen();
    if (kept === undefined) return;
    const { origin, problem } = kept;
    const download = this.#make(origin, entry.options, false, entry);
    this.#downloads.set(download.key, download);
    this.#divideLimits(download);
    if (problem !== undefined) {
      this.#unread.add(download.key);
      download.failed(problem.code, problem.message);
      return;
    }
    this.#unread.delete(download.key);
    await download.open().catch((error: unknown) => {
      download.failed(error instanceof EnsembleError ? error.code : 'disk', messageOf(error));
    });
  }

  /** Somebody may have put its torrent file right. */
  async #readAgain({ key, entry }: Download): Promise<void> {
    if (this.#opening.has(key)) return;
    this.#opening.add(key);
    await this.#restoreOne({ ...entry, paused: false }).finally(() => this.#opening.delete(key));
  }

  #make(origin: Origin, options: DownloadOptions, strict: boolean, kept?: CatalogEntry): Download {
    const { ports, newPeerId } = this.#o;
    const addresses = bindAddresses(ports.interfaces, options.bind, options.identities, strict);
    const members = addresses.map((address, i) => {
      const [a = 0, b = 0, c = 0, d = 0] = ports.random.bytes(4);
      const key = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
      return new Member(identityIndex(i), newPeerId(), key, address);
    });
    // Where a new one goes its front end has seen to; a kept one may be from a run with other roots.
    const roots = { ...this.#env.roots, strict: this.#env.roots.strict && kept !== undefined };
    return new Download({ ...this.#env, roots }, origin, options, members, kept);
  }

  async #open(download: Download): Promise<void> {
    this.#downloads.set(download.key, download);
    this.#divideLimits(download);
    try {
      await download.open();
    } catch (error) {
      this.#downloads.delete(download.key);
      await download.close(false);
      throw error;
    }
  }

  #message(index: IdentityIndex, message: FromIdentity): void {
    if (message.type === 'status') for (const status of message.swarms) this.#status(index, status);
    else if (message.type === 'tracker-warning') this.#downloads.get(message.key)?.trackerTexts.say(message.message);
    else if ('key' in message) {
      const download = this.#downloads.get(message.key);
      const member = download?.members[index];
      if (member !== undefined) download?.crew?.message(member, message);
    }
  }

  #status(index: IdentityIndex, status: SwarmStatus): void {
    const download = this.#downloads.get(status.key);
    const member = download?.members[index];
    if (member === undefined) return;
    if (status.peerList !== undefined) member.peerList = status.peerList;
    download?.crew?.status(member, status);
  }

  #everySecond(): void {
    for (const download of this.#downloads.values()) {
      this.#divideLimits(download);
      bindLate(download, this.#o.ports.interfaces);
      download.tick();
    }
    this.#divideGlobal();
    this.#keeping?.tick();
  }

  /** Divides the limits of one download among its identities. */
  #divideLimits(download: Download): void {
    const { down, up, identityDown, identityUp } = download.options;
    const divider = this.#dividers.get(download.key) ?? new LimitDivider();
    this.#dividers.set(download.key, divider);
    const sharing = download.members.filter((member) => member.taking);
    const members = sharing.length > 0 ? sharing : download.members;
    for (const index of divider.divide({ down, up }, { down: identityDown, up: identityUp }, members)) {
      const member = download.members[index];
      if (member !== undefined) download.run?.retune(member);
    }
  }

  /** Divides the limits over all downloads among the processes. */
  #divideGlobal(): void {
    const running = this.#pool.running();
    this.#global.divide(this.#limits, UNLIMITED, sharesOf(running, this.#downloads.values()));
    for (const index of running) this.#pool.slot(index)?.setLimits(this.#global.limitOf(index));
  }

  #snapshot(download: Download): DownloadSnapshot {
    return downloadSnapshot(download, this.#o.ports.clock.now(), (index) => this.#pool.slot(index)?.pid);
  }

  async #command<T>(key: TorrentKey, command: (download: Download) => T | Promise<T>): Promise<T> {
    this.#checkOpen();
    return command(this.#get(key));
  }

  #get(key: TorrentKey): Download {
    const download = this.#downloads.get(key);
    if (download === undefined) throw new EnsembleError('usage', `There is no download ${key}.`);
    return download;
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new EnsembleError('interrupted', 'The program is ending.');
  }

  async #keep(): Promise<void> {
    if (this.#closing === undefined) await this.#keeping?.write();
  }

  #emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
