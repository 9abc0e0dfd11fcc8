import { EnsembleError, type ErrorCode, type Failure, failureOf } from '../../base/errors.ts';
import type { Millis, TorrentKey } from '../../base/ids.ts';
import type { DownloadChanges, DownloadOptions, DownloadState } from '../../engine/engine.ts';
import { chosenTiers } from '../../metainfo/announce-urls.ts';
import type { NamedSources } from '../../metainfo/named-sources.ts';
import type { ChosenNames, Info } from '../../metainfo/torrent.ts';
import type { Rest } from '../awake.ts';
import { Beginning } from './beginning.ts';
import { assembledFiles, checkAssemblable, Completion, lacksOthers } from './completion.ts';
import { failedOrGone, showHalted } from './check-download.ts';
import { catalogEntry, type CatalogEntry } from '../catalog/catalog.ts';
import { choiceChanged } from './choice-changed.ts';
import type { DownloadEnv } from '../download-env.ts';
import { Crew } from './crew.ts';
import { DownloadContent } from './download-content.ts';
import { DownloadFolders } from '../folder/download-folders.ts';
import { WorkingCopy } from '../folder/working-copy.ts';
import { ExperimentLog } from './experiment-log.ts';
import type { FlowContext } from './flow-context.ts';
import { awaitsStall } from '../queue/entrant.ts';
import type { Member } from '../run/member.ts';
import { WebUploads } from '../run/web-uploads.ts';
import { PlacedFiles } from './placed-files.ts';
import { linkedPriorities, type Origin } from './source.ts';
import {
  awaitsResume,
  type DownloadEvent,
  firstStanding,
  isHalted,
  isOver,
  isPaused,
  next,
  type Standing,
} from './states.ts';
import { DownloadStats } from './download-stats.ts';
import { FlowQueue } from './flow-queue.ts';
import { DistinctWarnings } from './distinct-warnings.ts';
import { KnownTorrent } from './torrent.ts';
import { expectUnmoved, Relocation } from './relocation.ts';
import { Work } from './work.ts';

/**
 * One download from its source to its files: where it stands (`states.ts`), and which flow comes next. What it knows
 * lies with owners of its parts; the flows ask it to change, and nobody writes into it.
 */
export class Download implements FlowContext {
  readonly key: TorrentKey;
  /** Unix milliseconds. */
  readonly added: Millis;
  readonly torrent: KnownTorrent;
  readonly files: PlacedFiles;
  readonly work = new Work();
  readonly members: readonly Member[];
  readonly env: DownloadEnv;
  readonly stats: DownloadStats;
  readonly folders: DownloadFolders;
  readonly copy: WorkingCopy;
  readonly crew: Crew;
  readonly relocation: Relocation;
  readonly web: WebUploads;
  readonly reading = new DownloadContent(this);
  readonly trackerWarnings = new DistinctWarnings((text) => this.warn(text));
  #standing: Standing;
  #options: DownloadOptions;
  #finished: Millis | undefined;
  #opened = false;
  #closed = false;
  readonly #completion = new Completion(this);
  readonly #beginning = new Beginning(this, this.#completion);
  readonly #flows: FlowQueue;

  constructor(
    env: DownloadEnv,
    origin: Origin,
    options: DownloadOptions,
    members: readonly Member[],
    kept?: CatalogEntry,
    owners?: Uint8Array,
  ) {
    const { clock } = env.ports;
    this.key = origin.id.key;
    this.torrent = new KnownTorrent(origin, { names: options.names, keep: kept?.keep, renaming: kept?.renaming });
    this.added = kept?.added ?? clock.wall();
    this.#finished = kept?.finished;
    this.#options = { ...options }; // What a check has made V8 keeps as a dictionary: a copy takes a fifth.
    this.members = members;
    this.relocation = new Relocation(kept?.moving);
    this.files = new PlacedFiles({ ...kept, owners });
    this.web = new WebUploads(clock, env.web.total, () => env.web.began(this.key));
    this.stats = new DownloadStats(clock, members, this.web, kept ?? { downloaded: 0, uploaded: 0 });
    this.#flows = new FlowQueue((error) => this.#flowFailed(error));
    this.folders = new DownloadFolders(env, this);
    this.env = this.folders.env;
    this.copy = new WorkingCopy(this.folders, this, {
      lost: (message) => {
        this.fail('in-use', message);
        this.work.stop();
        this.crew.run?.loseFolder();
        this.#flows.run(() => this.crew.leave());
      },
      renewed: () => this.crew.run?.where.leased(this.copy.lease),
    });
    const { log } = options;
    this.crew = new Crew(
      this,
      log === undefined ? undefined : new ExperimentLog(env.ports, log, (text) => this.warn(text)),
    );
    const paused = kept?.paused ?? options.paused;
    const waits = env.mayWait(this) && (this.files.result === undefined || this.seeds);
    this.#standing = firstStanding(paused ? 'paused' : waits ? 'queued' : undefined, origin.info !== undefined);
  }

  get state(): DownloadState {
    return this.#standing.state;
  }

  get error(): Failure | undefined {
    return 'error' in this.#standing ? this.#standing.error : undefined;
  }

  /** When every wanted piece was there for the first time, Unix milliseconds. */
  get finished(): Millis | undefined {
    return this.#finished;
  }

  get options(): DownloadOptions {
    return this.#options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get paused(): boolean {
    return isPaused(this.#standing);
  }

  get halted(): boolean {
    return isHalted(this.#standing) || this.closed;
  }

  get entry(): CatalogEntry {
    return catalogEntry(this);
  }

  /** Who fetched which piece of what was assembled. */
  get owners(): Uint8Array | undefined {
    return this.files.owners;
  }

  /** Takes the lock and makes quick checks; unless it is paused, longer work goes on in the background. */
  async open(): Promise<void> {
    try {
      await this.#beginning.open();
      if (this.halted) await showHalted(this);
      else this.#flows.run(() => this.#beginning.begin());
    } finally {
      this.#opened = true;
      this.changed();
    }
  }

  /** Before that it cannot be told to begin: what opens it may take the lock at the same time. */
  get opened(): boolean {
    return this.#opened;
  }

  /** What is not where it belongs is fetched again, without asking the user. */
  fetchMissing(): void {
    this.#beginning.fetchMissing(true);
  }

  pause(): void {
    // While it waits for its assembly there is only uploading to pause.
    if (this.state === 'complete' && this.options.seed.kind === 'never') return;
    this.#halt('pause');
  }

  /** It has no place among the active ones any more. */
  enqueue(): void {
    this.#halt('queue');
  }

  #halt(how: 'pause' | 'queue'): void {
    const { state } = this;
    if (state === 'checking' || state === 'metadata') {
      this.work.stop();
      this.#flows.run(() => this.crew.stopMetadata());
      this.#flows.run(() => showHalted(this));
    } else if (state === 'downloading' || state === 'complete' || state === 'seeding') this.crew.run?.setPaused(true);
    this.apply(how);
  }

  /** `waits`: for its place among the active ones; resumed again it goes on. */
  resume(waits = false): void {
    const before = this.#standing;
    const { run, plan } = this.crew;
    const goesOn = run !== undefined && !run.ends && plan !== undefined;
    const to = goesOn ? (plan.ledger.complete ? 'complete' : 'downloading') : this.#toFindOut;
    if (awaitsResume(before)) {
      this.folders.forget();
      if (before.state !== 'queued') this.#beginning.fetchMissing(before.state === 'missing-files');
      if (goesOn && !waits) run.setPaused(false);
    }
    this.apply({ type: 'resume', to: waits ? 'queued' : to });
    if (!awaitsResume(before) || waits) return;
    if (!goesOn) this.#flows.run(() => this.#beginning.begin());
    else if (this.files.result !== undefined) this.#flows.run(() => this.#completion.seedByRule());
    else if (plan.ledger.complete) this.complete();
    else run.start();
  }

  get #toFindOut(): 'metadata' | 'checking' {
    return this.torrent.info === undefined ? 'metadata' : 'checking';
  }

  /** Assembles the files now; resolves to their paths. */
  async assemble(): Promise<readonly string[]> {
    expectUnmoved(this);
    if (this.files.result !== undefined) return this.files.result;
    const collects = lacksOthers(this);
    // It is assembled by itself once that is here.
    if (collects) this.change({ collect: 'here', assemble: true });
    else checkAssemblable(this);
    if (this.halted) this.resume();
    if (collects) return [];
    this.#flows.run(() => this.#completion.assembleWhatIsThere());
    await this.#flows.idle();
    return assembledFiles({ state: this.state, error: this.error, result: this.files.result });
  }

  cancelAssembly(): void {
    if (this.state === 'assembling') this.work.stop();
  }

  /** Reads everything again, wherever it lies. A paused download is paused again afterwards. */
  async recheck(): Promise<void> {
    const { info, name } = this.torrent;
    expectUnmoved(this);
    if (info === undefined) throw new EnsembleError('usage', `${name} has nothing to check yet.`);
    this.work.stop();
    this.#flows.run(() => this.anew(true));
    await this.#flows.idle();
  }

  async anew(everything = false): Promise<void> {
    const { info } = this.torrent;
    if (info === undefined || this.closed) return;
    this.apply('look');
    await this.crew.leave();
    await this.#beginning.check(info, everything);
    this.apply('looked');
  }

  /** Throws EnsembleError('usage') for a choice of files that cannot be, before anything holds. */
  change(changes: DownloadChanges): void {
    const { filePriorities: before } = this.options;
    if (changes.filePriorities !== undefined) expectUnmoved(this);
    const priorities = this.torrent.priorities({ ...this.options, ...changes });
    this.#options = { ...this.options, ...changes };
    this.retune();
    if (changes.collect !== undefined) this.crew.run?.collect(changes.collect);
    if ('filePriorities' in changes || 'edgesFirst' in changes) choiceChanged(this, priorities, before);
    if ('seed' in changes || 'forced' in changes || 'category' in changes) this.rulesChanged();
    this.env.keepSoon();
    this.changed();
  }

  /** Tells its identities what options and settings say. */
  retune(): void {
    for (const member of this.members) this.crew.atWork?.tuning.retune(member);
  }

  named(names: ChosenNames): void {
    this.#options = { ...this.#options, names };
    this.torrent.setNames(names);
    this.changed();
  }

  /** Whether its rule says to seed, once it is complete. */
  get seeds(): boolean {
    return this.#completion.seeds;
  }

  /** What its seeding depends on is another. */
  rulesChanged(): void {
    if (isOver(this.state)) this.#flows.run(() => this.#completion.seedByRule());
  }

  /** Throws EnsembleError('usage') for what is no tracker's URL. */
  setTrackers(tiers: readonly (readonly string[])[]): void {
    const trackers = chosenTiers(tiers);
    this.torrent.setTrackers(trackers);
    this.crew.atWork?.team.broadcast({ type: 'trackers', key: this.key, trackers });
    this.env.keepSoon();
    this.changed();
  }

  inTurn(flow: () => Promise<void>): void {
    this.#flows.run(flow);
  }

  /** Once a second. */
  tick(): void {
    this.crew.tick();
    this.copy.tick();
    this.reading.tick();
    if (this.stats.lookSeeding(this.state) && !this.seeds) this.#flows.run(() => this.#completion.enough());
  }

  /** Whether nothing changes by itself, so that it need not be looked at every second; a check tells of itself. */
  get atRest(): boolean {
    const { members, copy, reading } = this;
    const checks = this.state === 'checking' && this.crew.run === undefined;
    const rests = this.state === 'seeding' || this.state === 'done' || this.halted || this.error !== undefined;
    // A lock is to be looked at soon after a sleep.
    if (copy.lease !== undefined || reading.used) return false;
    return checks || (rests && members.every(({ idle }) => idle));
  }

  /** What is to come of it by itself; at rest only time may decide about a seed. */
  get rest(): Rest {
    if (!this.atRest) return 'busy';
    const decides = this.#completion.seedsForTime || awaitsStall(this, this.env.rules());
    return this.state === 'seeding' && decides ? 'timed' : 'still';
  }

  /** Afterwards nothing of it runs. `data`: removes its files and its working folder too. */
  async close(data: boolean): Promise<void> {
    this.#closed = true;
    this.reading.changed();
    this.work.stop();
    await this.#flows.end();
    await this.crew.close();
    if (data) await this.copy.removeAll(this.torrent.info, this.options, this.files.placed ?? []);
    else await this.copy.unlock();
  }

  complete(): void {
    if (this.halted || this.state === 'failed') return;
    this.#flows.run(() => this.#completion.finish());
  }

  piecesCame(): void {
    this.reading.changed();
  }

  /** It may have stayed for them alone. */
  machinesChanged(): void {
    if (this.state === 'seeding' && !this.seeds) this.rulesChanged();
  }

  failed(code: ErrorCode, message: string): void {
    failedOrGone(this, code, message);
  }

  fail(code: ErrorCode, message: string, type: 'fail' | 'files-missing' = 'fail'): void {
    this.crew.run?.setPaused(true);
    this.apply({ type, error: { code, message } });
    this.env.emit({ type: 'log', key: this.key, level: 'error', message });
  }

  /** The only way to another state. */
  apply(event: DownloadEvent): void {
    const before = this.#standing;
    this.#standing = next(before, event);
    if (this.state === before.state) return;
    if (this.state === 'downloading' || this.state === 'metadata') this.stats.began();
    this.stats.lookSeeding(this.state);
    if (isOver(this.state) && this.#finished === undefined) {
      this.#finished = this.env.ports.clock.wall();
      // Else it is done when its files have their names.
      if (!this.options.assemble && before.state === 'downloading') this.env.done(this);
    }
    this.env.keepSoon();
    this.changed();
  }

  changed(): void {
    this.reading.changed();
    this.env.emit({ type: 'changed', key: this.key });
  }

  learn(info: Info, named?: NamedSources): void {
    this.torrent.learn(info, named);
    const filePriorities = this.#options.filePriorities ?? linkedPriorities(this.torrent.origin, info);
    if (filePriorities !== undefined) this.#options = { ...this.#options, filePriorities };
  }

  warn(message: string): void {
    this.env.emit({ type: 'log', key: this.key, level: 'warn', message });
  }

  /** A flow that fails makes the download fail, unless it was stopped on purpose: whoever stopped it decides what follows. */
  #flowFailed(error: unknown): void {
    const { code, message } = failureOf(error);
    if (code === 'interrupted' && (this.halted || this.work.stopped)) return;
    this.failed(code, message);
  }
}
