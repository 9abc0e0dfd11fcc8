import type { AddressRanges } from '../base/address-ranges.ts';
import { EnsembleError } from '../base/errors.ts';
import { toHex } from '../base/bytes.ts';
import { KeyedQueue } from '../base/keyed-queue.ts';
import { Turns } from '../base/turns.ts';
import { type IdentityIndex, millis, type TorrentKey, torrentKey } from '../base/ids.ts';
import type {
  Brought,
  DhtNodeSnapshot,
  DownloadChanges,
  DownloadOptions,
  DownloadSnapshot,
  Engine,
  EngineEvent,
  QueueMove,
  Reopening,
  Source,
  TorrentDescription,
} from '../engine/engine.ts';
import type { DhtSettings, RateLimits, Ways } from '../engine/statuses.ts';
import type { LinkProfile, LinkSnapshot } from '../engine/link-profiles.ts';
import type { ListRules } from '../engine/list-rules.ts';
import { ALL_WAYS } from '../engine/tuning.ts';
import type { Timer } from '../ports/clock.ts';
import { RecentInterfaces } from '../ports/recent-interfaces.ts';
import { Awake } from './awake.ts';
import { checkOptions } from './catalog/catalog.ts';
import type { Download } from './download/download.ts';
import { DonePrograms } from './done-programs.ts';
import { EngineEvents } from './engine-events.ts';
import type { DownloadEnv } from './download-env.ts';
import { DownloadCommands } from './download-commands.ts';
import { DhtAlways } from './processes/dht-always.ts';
import { DhtHosts } from './processes/dht-hosts.ts';
import { handOn } from './processes/hand-on.ts';
import { IdentityPool } from './processes/identity-pool.ts';
import { CatalogKeeper } from './catalog/catalog-keeper.ts';
import { Roster } from './catalog/roster.ts';
import type { CoordinatorOptions } from './coordinator-options.ts';
import { Links } from './links/links.ts';
import { expectMember } from './run/member.ts';
import { LimitSharing } from './run/limit-sharing.ts';
import { ANYWHERE } from './folder/roots.ts';
import { downloadSnapshot } from './download/snapshot.ts';
import { readOrigin, withTrackers } from './download/source.ts';
import { Descriptions } from './processes/descriptions.ts';
import { Queue } from './queue/queue.ts';
import { WorkerJobs } from './processes/worker-jobs.ts';

const TICK = millis(1000);
/** Downloads that look at the disk at the same time: enough to keep its threads busy, few enough that their folders stay open. */
const LOOKS = 32;
/** Leaving, saving and ending take 5 s at most, of which the identities get this much. */
const LEAVE_WITHIN = millis(4000);

/** All downloads of this process, behind the interface that every front end uses. */
export class Coordinator extends DownloadCommands implements Engine {
  readonly #o: CoordinatorOptions;
  readonly #downloads: ReadonlyMap<TorrentKey, Download>;
  /** Runs the commands on one download one after the other. */
  readonly #commands = new KeyedQueue<TorrentKey>();
  readonly #awake = new Awake<TorrentKey>();
  readonly #events = new EngineEvents((key) => this.#awake.wake(key));
  readonly #pool: IdentityPool;
  readonly #limits: LimitSharing;
  readonly #links: Links;
  readonly #queue: Queue<Download>;
  readonly #env: DownloadEnv;
  readonly #catalog: CatalogKeeper | undefined;
  readonly #roster: Roster;
  readonly #tick: Timer;
  readonly #dht: DhtHosts;
  readonly #dhtAlways: DhtAlways;
  readonly #descriptions: Descriptions;
  readonly #donePrograms: DonePrograms;
  #ways = ALL_WAYS;
  #closing: Promise<void> | undefined;

  constructor(options: CoordinatorOptions) {
    const downloads = new Map<TorrentKey, Download>();
    super(downloads, options.ports.clock);
    this.#o = options;
    const { processHost, processFacts, stateFolder, stateHeld, roots = ANYWHERE, newPeerId } = options;
    const { interfaces, clock } = options.ports;
    const ports = { ...options.ports, interfaces: new RecentInterfaces(interfaces, clock) };
    this.#downloads = downloads;
    if (stateFolder !== undefined) {
      const failed = (message: string): void => this.#events.emit({ type: 'log', level: 'error', message });
      this.#catalog = new CatalogKeeper({ ...ports, stateFolder, stateHeld, downloads: this.#downloads, failed });
    }
    this.#links = new Links(downloads, { ...options, ports }, (message) => this.warn(message));
    this.#dht = new DhtHosts({
      ports,
      folder: stateFolder ?? options.dhtFolder,
      held: stateFolder === undefined ? undefined : stateHeld,
      bootstrap: options.dhtBootstrap,
      post: (index, message) => this.#pool.post(index, message),
    });
    this.#pool = new IdentityPool(processHost, ports.clock, Math.max(2, ports.hasher.parallelism), {
      up: (index) => {
        this.#dhtAlways.up(index);
        this.#downloads.forEach((download) => void download.crew.atWork?.team.up(index));
      },
      down: (index, gaveUp) => {
        this.#dht.down(index);
        this.#downloads.forEach((download) => download.crew.atWork?.team.down(index, gaveUp));
      },
      message: (index, message) => {
        if (this.#dht.heard(index, message)) return;
        handOn(this.#downloads, this.#awake, index, message, ports.clock.now());
      },
      warn: (message) => this.warn(message),
      cookie: toHex(ports.random.bytes(4)),
    });
    this.#descriptions = new Descriptions(processHost, ports.clock);
    this.#dhtAlways = new DhtAlways(this.#pool, ports.interfaces, this.#links.book);
    this.#queue = new Queue<Download>(this.#downloads);
    this.#limits = new LimitSharing(this.#downloads, this.#pool, () => this.#queue.rules, ports.clock);
    this.#donePrograms = new DonePrograms(options.programs, (event) => this.#events.emit(event));
    this.#env = {
      ports: { ...ports, processFacts },
      roots,
      pool: this.#pool,
      jobs: new WorkerJobs(processHost, ports.clock),
      looks: new Turns(LOOKS),
      limitsOf: (key, index) => this.#limits.limitOf(key, index),
      web: { total: this.#limits.web, began: (key) => this.#served(key) },
      named: this.#links.book,
      ways: () => this.#ways,
      rules: () => this.#queue.rules,
      mayWait: (download) => this.#queue.mayWait(download),
      emit: (event) => this.#events.emit(event),
      keep: () => this.#keep(),
      done: (download) => this.#donePrograms.done(download, this.#queue.rules),
      leaveList: (key) => void this.remove(key, { data: false }).catch(() => undefined),
      keepSoon: () => (this.#closing === undefined ? this.#catalog?.writeSoon() : undefined),
    };
    this.#roster = new Roster({
      env: this.#env,
      downloads,
      limits: this.#limits,
      links: this.#links,
      catalog: this.#catalog,
      newPeerId,
      inTurn: (key, task) => this.#commands.run(key, task),
      checkOpen: () => this.#checkOpen(),
    });
    this.#tick = ports.clock.every(TICK, () => this.#everySecond());
  }

  /** Reads the catalog, and continues every download in it. Rejects where it is newer or damaged. */
  async start(): Promise<void> {
    await this.#dht.start();
    await this.#links.meter.read();
    try {
      await this.#catalog?.restore((entry, turn) =>
        this.#commands.run(torrentKey(entry.infoHash), () => this.#roster.restore(entry, turn)),
      );
    } catch (error) {
      // A catalog that could not be read must not be overwritten.
      this.#closing ??= Promise.resolve();
      this.#tick.cancel();
      throw error;
    }
  }

  async add(source: Source, options: DownloadOptions, brought?: Brought): Promise<TorrentKey> {
    this.#checkOpen();
    checkOptions(options);
    const origin = withTrackers(readOrigin(source), options);
    const { key } = origin.id;
    await this.#commands.run(key, () => this.#roster.add(origin, options, brought));
    this.#queue.looked(key);
    return key;
  }

  describe(torrent: Uint8Array): Promise<TorrentDescription> {
    return this.#descriptions.of(torrent);
  }

  prepare(identities: number): void {
    if (this.#closing === undefined) this.#pool.warm(identities);
  }

  resume(key: TorrentKey): Promise<void> {
    return this.command(key, (download) => this.#roster.resume(download, this.#queue.mayWait(download)));
  }

  async reopen(key: TorrentKey, place: Reopening): Promise<void> {
    this.#downloads.get(key)?.work.stop();
    await this.command(key, (download) => this.#roster.reopen(download, place));
  }

  async move(key: TorrentKey, output: string): Promise<void> {
    const { done } = await this.command(key, (download) => this.#roster.move(download, output));
    await done;
  }

  rename(key: TorrentKey, path: string, name: string): Promise<string> {
    return this.command(key, (download) => this.#roster.rename(download, path, name));
  }

  async remove(key: TorrentKey, { data }: { readonly data: boolean }): Promise<void> {
    // Whatever the download is doing, closing it is next.
    this.#downloads.get(key)?.work.stop();
    await this.command(key, (download) => this.#roster.remove(download, data));
  }

  change(key: TorrentKey, changes: DownloadChanges): Promise<void> {
    return this.command(key, (download) => this.#roster.change(download, changes));
  }

  restartIdentity(key: TorrentKey, identity: IdentityIndex): void {
    expectMember(this.get(key).members, identity);
    this.#pool.slot(identity)?.kill();
  }

  setLimits(limits: RateLimits): void {
    this.#limits.setTotal(limits, this.#o.ports.clock.now());
  }

  setBarred(ranges: AddressRanges): void {
    this.#pool.bar(ranges);
  }

  bars(host: string): boolean {
    return this.#pool.bars(host);
  }

  setWays({ dht, pex, lsd, portMap, tcp, utp, encryption }: Ways): void {
    this.#ways = { dht, pex, lsd, portMap, tcp, utp, encryption };
    for (const download of this.#downloads.values()) download.retune();
  }

  setRules(rules: ListRules): void {
    this.#queue.setRules(rules);
    for (const [key, download] of this.#downloads) {
      this.#awake.wake(key);
      this.#limits.divide(download);
    }
  }

  setLinks(profiles: readonly LinkProfile[]): void {
    this.#links.set(profiles);
  }

  linkStates(): readonly LinkSnapshot[] {
    return this.#links.states;
  }

  async reorder(keys: readonly TorrentKey[], to: QueueMove): Promise<void> {
    this.#checkOpen();
    this.#roster.reorder(keys, to, this.#queue);
    await this.#keep();
  }

  setDht(settings: DhtSettings): void {
    this.#dht.set(settings);
    this.#dhtAlways.set(settings);
  }

  dhtNodes(): readonly DhtNodeSnapshot[] {
    return this.#dht.nodes;
  }

  downloads(): readonly DownloadSnapshot[] {
    return [...this.#downloads.values()].map((download) => this.#snapshot(download));
  }

  download(key: TorrentKey): DownloadSnapshot | undefined {
    return this.see(key, (download) => this.#snapshot(download));
  }

  watchPeers(key: TorrentKey | undefined): void {
    this.#pool.watch(key);
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    return this.#events.on(listener);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#queue.close();
    this.#donePrograms.close();
    this.#downloads.forEach(({ relocation }) => relocation.leave());
    // Saved first, as what follows is not the user's choice.
    await this.#catalog?.write();
    this.#tick.cancel();
    const ended = this.#pool.close(LEAVE_WITHIN);
    this.#downloads.forEach(({ work }) => work.stop());
    await this.#commands.idle();
    const closed = await Promise.allSettled([...this.#downloads.values()].map((download) => download.close(false)));
    this.#env.jobs.dismiss();
    this.#descriptions.close();
    await ended;
    await this.#links.close();
    await this.#dht.close();
    for (const one of closed) if (one.status === 'rejected') throw one.reason;
  }

  /** An unexpected fault. The download goes on, and says so. */
  warn(message: string): void {
    this.#events.emit({ type: 'log', level: 'warn', message });
  }

  #everySecond(): void {
    this.#links.everySecond();
    this.#dhtAlways.everySecond();
    this.#limits.divideLinks(this.#links.book.limited);
    this.#awake.everySecond(this.#downloads, (download) => {
      this.#limits.divide(download);
      this.#links.meter.look(download.members);
      download.tick();
      // First, or what it may wait for could come between both.
      const { rest } = download;
      this.#queue.look(download);
      return rest;
    });
    this.#queue.settle();
    this.#limits.divideTotal();
    this.#catalog?.tick();
    this.#dht.tick();
  }

  #snapshot(download: Download): DownloadSnapshot {
    const queued = this.#queue.placeOf(download);
    return downloadSnapshot(
      download,
      this.#o.ports.clock.now(),
      this.#limits.mostDown(download),
      (index) => this.#pool.slot(index)?.pid,
      { place: this.#roster.placeOf(download.key), ...(queued === undefined ? {} : { queued }) },
    );
  }

  protected command<T>(key: TorrentKey, command: (download: Download) => T | Promise<T>): Promise<T> {
    this.#awake.wake(key);
    return this.#commands.run(key, async () => {
      this.#checkOpen();
      try {
        return await command(this.get(key));
      } finally {
        this.#queue.looked(key);
      }
    });
  }

  protected get(key: TorrentKey): Download {
    this.#awake.wake(key);
    const download = this.#downloads.get(key);
    if (download === undefined) throw new EnsembleError('usage', `There is no download ${key}.`);
    return download;
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new EnsembleError('interrupted', 'The program is ending.');
  }

  async #keep(): Promise<void> {
    if (this.#closing === undefined) await this.#catalog?.write();
  }

  #served(key: TorrentKey): void {
    this.#awake.wake(key);
    this.see(key, (download) => this.#limits.servedOf(download));
  }
}
