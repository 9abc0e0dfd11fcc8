import { EnsembleError, type ErrorCode, messageOf } from '../../base/errors.ts';
import { type InfoHash, type Millis, millis, type TorrentKey, torrentKey } from '../../base/ids.ts';
import type { DownloadChanges, DownloadOptions, DownloadState } from '../../engine/engine.ts';
import { NowAndThen } from '../../base/now-and-then.ts';
import { Geometry } from '../../metainfo/geometry.ts';
import { parseInfo } from '../../metainfo/parse-info.ts';
import type { Info } from '../../metainfo/torrent.ts';
import { wrapInfo } from '../../metainfo/wrap-info.ts';
import {
  assembledFiles,
  assembleWhatIsThere,
  checkAssemblable,
  type Completing,
  finishDownload,
  seedByRule,
  seedRuleHolds,
} from './completion.ts';
import { checkDownload, failedOrGone, showPaused, waitForFiles } from './check-download.ts';
import { catalogEntry, type CatalogEntry } from '../catalog/catalog.ts';
import { changeOptions } from './choice-changed.ts';
import type { DownloadEnv } from '../download-env.ts';
import { ExperimentLog } from './experiment-log.ts';
import { piecePriorities } from './file-choice.ts';
import type { Member } from '../run/member.ts';
import { fetchMetadata, type MetadataFetch } from './metadata-fetch.ts';
import { FilesMissing } from './missing-files.ts';
import type { Prepared } from './prepare.ts';
import type { PieceLedger } from './piece-ledger.ts';
import { checkPrivate } from './private-choice.ts';
import { Run, type RunListener } from '../run/run.ts';
import { planFor, type RunPlan } from '../run/run-plan.ts';
import type { Origin } from './source.ts';
import { Figures } from './figures.ts';
import { FlowQueue } from './flow-queue.ts';
import type { FileTimes } from '../../store/records/foreign-changes.ts';
import { ToldOnce } from './told-once.ts';
import { WorkingCopy } from '../folder/working-copy.ts';

/** Time between two resume records. */
const SAVE_EVERY = millis(30_000);

/** One download from its source to its files: the state machine, and the flows that lead from state to state. */
export class Download implements RunListener, Completing {
  readonly key: TorrentKey;
  readonly infoHash: InfoHash;
  /** Unix milliseconds. */
  readonly added: Millis;
  options: DownloadOptions;
  state: DownloadState;
  error: { readonly code: ErrorCode; readonly message: string } | undefined;
  /** 0 to 1 while checking or assembling. */
  work: number | undefined;
  result: readonly string[] | undefined;
  /** Wanted files that got their final names (all of them: the `result`; undefined: none yet), and their newest times. */
  placed: readonly string[] | undefined;
  times: FileTimes | undefined;
  info: Info | undefined;
  geometry: Geometry | undefined;
  run: Run | undefined;
  readonly members: readonly Member[];
  readonly env: DownloadEnv;
  readonly #origin: Origin;
  readonly figures: Figures;
  readonly copy: WorkingCopy;
  readonly #log: ExperimentLog | undefined;
  plan: RunPlan | undefined;
  #metadata: MetadataFetch | undefined;
  /** What to show before anything was checked. */
  recorded: PieceLedger | undefined;
  /** How often assembly found wrong pieces. */
  badRounds = 0;
  /** Stops the current check or assembly. */
  job: AbortController | undefined;
  readonly #flows: FlowQueue;
  readonly #saves: NowAndThen;
  closed = false;
  /** Whether the checks that come before anything is written were passed. */
  #inspected = false;
  /** It was paused when its recheck began, and is paused again when that is over. */
  pausedBefore = false;
  /** Whether the user wants missing files to be fetched again. */
  #fetchMissing = false;
  readonly trackerTexts = new ToldOnce((text) => this.warn(text));

  constructor(
    env: DownloadEnv,
    origin: Origin,
    options: DownloadOptions,
    members: readonly Member[],
    kept?: CatalogEntry,
  ) {
    const { clock } = env.ports;
    this.#origin = origin;
    this.key = torrentKey(origin.infoHash);
    this.infoHash = origin.infoHash;
    this.added = kept?.added ?? clock.wall();
    this.options = options;
    this.members = members;
    this.info = origin.info;
    this.result = kept?.result;
    this.placed = kept?.result ?? kept?.placed;
    this.times = kept?.times;
    const { downloaded = 0, uploaded = 0 } = kept ?? {};
    this.figures = new Figures(clock, members, { downloaded, uploaded });
    this.#flows = new FlowQueue((error) => this.#flowFailed(error));
    this.state = (kept?.paused ?? options.paused) ? 'paused' : origin.info === undefined ? 'metadata' : 'checking';
    this.copy = new WorkingCopy(env, this, {
      lost: (message) => {
        this.fail('in-use', message);
        this.job?.abort();
        this.run?.loseFolder();
        this.#flows.run(() => this.endRun());
      },
      renewed: () => this.run?.leased(this.copy.lease),
    });
    this.env = this.copy.env;
    this.#saves = new NowAndThen(SAVE_EVERY, clock.now());
    const { log } = options;
    this.#log = log === undefined ? undefined : new ExperimentLog(env.ports, log, (text) => this.warn(text));
  }

  get name(): string {
    return this.info?.name ?? this.#origin.name ?? this.infoHash;
  }

  get ledger(): PieceLedger | undefined {
    return this.plan?.ledger ?? this.recorded;
  }

  get paused(): boolean {
    return this.state === 'paused' || this.pausedBefore;
  }

  get halted(): boolean {
    return this.paused || this.closed;
  }

  /** The identities at work on it now. */
  get crew(): Run | MetadataFetch | undefined {
    return this.run ?? this.#metadata;
  }

  get entry(): CatalogEntry {
    return catalogEntry(this, this.#origin.link);
  }

  /** The torrent file to store; undefined while the metadata is not there. */
  get torrentFile(): Uint8Array | undefined {
    if (this.info === undefined) return undefined;
    return this.#origin.data ?? wrapInfo(this.info.raw, this.#origin.trackers);
  }

  /** Takes the lock and makes quick checks; unless it is paused, longer work goes on in the background. */
  async open(): Promise<void> {
    this.info ??= await this.copy.torrentThere(this.infoHash);
    if (this.info !== undefined) await this.#inspect(this.info);
    if (this.state === 'metadata' && this.info !== undefined) this.enter('checking');
    if (this.paused) await showPaused(this);
    else this.#flows.run(() => this.#begin());
  }

  pause(): void {
    const { state } = this;
    if (state === 'checking' || state === 'metadata') {
      this.job?.abort();
      this.enter('paused');
      this.#flows.run(() => this.#stopMetadata());
      this.#flows.run(() => showPaused(this));
    } else if (state === 'downloading' || state === 'complete' || state === 'seeding') {
      // While it waits for its assembly there is only uploading to pause.
      if (state === 'complete' && this.options.seed.kind === 'never') return;
      this.run?.setPaused(true);
      this.enter('paused');
    }
  }

  resume(): void {
    this.pausedBefore = false;
    if (this.state !== 'paused' && this.state !== 'failed' && this.state !== 'missing-files') return;
    this.copy.forget();
    this.#fetchMissing = this.state === 'missing-files';
    this.error = undefined;
    if (this.run === undefined || this.run.ends || this.plan === undefined) {
      this.enter(this.info === undefined ? 'metadata' : 'checking');
      this.#flows.run(() => this.#begin());
    } else {
      this.run.setPaused(false);
      this.enter(this.plan.ledger.complete ? 'complete' : 'downloading');
      if (this.result !== undefined) this.#flows.run(() => seedByRule(this));
      else if (this.plan.ledger.complete) this.complete();
      else this.run.start();
    }
  }

  /** Assembles the files now; resolves to their paths. */
  async assemble(): Promise<readonly string[]> {
    if (this.result !== undefined) return this.result;
    checkAssemblable(this);
    if (this.paused) this.resume();
    this.#flows.run(() => assembleWhatIsThere(this));
    await this.#flows.idle();
    return assembledFiles(this);
  }

  /** Reads everything again, wherever it lies. A paused download is paused again afterwards. */
  async recheck(): Promise<void> {
    if (this.info === undefined) throw new EnsembleError('usage', `${this.name} has nothing to check yet.`);
    this.job?.abort();
    this.#flows.run(() => this.anew(true));
    await this.#flows.idle();
  }

  /** Looks again at what is there, or reads `everything`, and continues from there. */
  async anew(everything = false): Promise<void> {
    const { info } = this;
    if (info === undefined || this.closed) return;
    this.pausedBefore = this.paused;
    this.error = undefined;
    this.enter('checking');
    await this.endRun();
    await this.#check(info, everything);
    if (this.state === 'missing-files') return;
    if (this.pausedBefore) this.enter('paused');
    this.pausedBefore = false;
  }

  change(changes: DownloadChanges): void {
    changeOptions(this, changes);
    void this.env.keep();
    this.changed();
  }

  /** Runs a step after the current ones. */
  inTurn(flow: () => Promise<void>): void {
    this.#flows.run(flow);
  }

  /** Once a second. */
  tick(): void {
    const now = this.env.ports.clock.now();
    this.crew?.tick();
    this.copy.tick();
    if (this.ledger !== undefined) this.figures.update(this.ledger);
    if (this.state === 'downloading' && this.#saves.due(now)) {
      void this.save().catch((error: unknown) => this.warn(`The state could not be saved: ${String(error)}`));
    }
    const seeds = this.state === 'seeding' || (this.state === 'complete' && this.members[0]?.taking === true);
    if (seeds && !seedRuleHolds(this)) this.#flows.run(() => seedByRule(this));
  }

  /** Afterwards nothing of it runs. `data`: removes its files and its working folder too. */
  async close(data: boolean): Promise<void> {
    this.closed = true;
    this.job?.abort();
    await this.#flows.end();
    await this.endRun();
    await this.#log?.close();
    if (data) await this.copy.removeAll(this.info, this.options, this.placed ?? []);
    else await this.copy.unlock();
  }

  complete(): void {
    if (this.halted || this.state === 'failed') return;
    this.#flows.run(() => finishDownload(this));
  }

  failed(code: ErrorCode, message: string): void {
    failedOrGone(this, code, message);
  }

  /** Stops it until somebody resumes it. */
  fail(code: ErrorCode, message: string, state: 'failed' | 'missing-files' = 'failed'): void {
    this.error = { code, message };
    this.run?.setPaused(true);
    this.enter(state);
    this.env.emit({ type: 'log', key: this.key, level: 'error', message });
  }

  changed(): void {
    this.env.emit({ type: 'changed', key: this.key });
  }

  async #begin(): Promise<void> {
    // If it was paused only for a moment, an earlier flow may have come this far already.
    if (this.halted || this.run !== undefined) return;
    if (this.info === undefined) {
      this.#metadata = fetchMetadata(this, this.#origin, (raw) => this.#flows.run(() => this.#gotMetadata(raw)));
      return;
    }
    if (!this.#inspected) await this.#inspect(this.info);
    await this.#check(this.info, false);
  }

  async #stopMetadata(): Promise<void> {
    await this.#metadata?.end();
    this.#metadata = undefined;
  }

  async #gotMetadata(rawInfo: Uint8Array): Promise<void> {
    if (this.info !== undefined || this.closed || this.#metadata === undefined) return;
    const info = parseInfo(rawInfo, this.infoHash);
    await this.#stopMetadata();
    this.info = info;
    this.geometry = new Geometry(info);
    await this.env.keep();
    // Whoever hears of this may choose files before the target is looked at.
    if (!this.halted) this.enter('checking');
    await this.#begin();
  }

  /** Checks what must be right before anything is written to disk. */
  async #inspect(info: Info): Promise<void> {
    const geometry = (this.geometry ??= new Geometry(info));
    checkPrivate(info, this.options);
    piecePriorities(info, geometry, this.options.filePriorities);
    if (this.placed === undefined) await this.copy.open(info, this.options);
    this.#inspected = true;
  }

  /** Finds out what is there, and continues from there. */
  async #check(info: Info, everything: boolean): Promise<void> {
    const job = (this.job = new AbortController());
    // It was paused or closed before there was a job to stop.
    if (this.closed || this.state !== 'checking') job.abort();
    const fetchMissing = this.#fetchMissing;
    this.#fetchMissing = false;
    const geometry = (this.geometry ??= new Geometry(info));
    const found = await checkDownload(this, info, geometry, { everything, fetchMissing, signal: job.signal });
    if (found instanceof FilesMissing) await waitForFiles(this, found);
    else await this.#go(info, found);
  }

  /** Starts the identities with what was found. */
  async #go(info: Info, prepared: Prepared): Promise<void> {
    if (this.closed) return;
    this.result = prepared.result;
    this.placed = prepared.placed;
    if (prepared.result !== undefined) this.times = prepared.times;
    const { options } = this;
    const { ledger } = prepared;
    this.plan = planFor(this, this.#origin, info, prepared);
    // The choice may have changed meanwhile.
    if (this.geometry !== undefined) {
      ledger.setPriorities(piecePriorities(info, this.geometry, options.filePriorities));
    }
    this.recorded = undefined;
    if (this.result === undefined && !ledger.complete) await this.copy.begin(this.plan, this.figures.totals);
    this.run = new Run(this.env, this.plan, this.result !== undefined, this.#log, this);
    this.run.paused = this.paused;
    if (this.halted) return;
    if (this.result !== undefined) await seedByRule(this);
    else {
      await finishDownload(this);
      if (this.closed || this.state !== 'checking') return;
      this.enter('downloading');
      this.run.start();
    }
  }

  /** All identities leave, and the progress is saved. */
  async endRun(): Promise<void> {
    await this.#stopMetadata();
    const { run } = this;
    if (run === undefined) return;
    try {
      await run.end();
      await this.save();
    } finally {
      this.run = undefined;
    }
    await this.#log?.flush();
  }

  /** Saves its progress in its working folder. */
  async save(): Promise<void> {
    if (this.plan !== undefined && this.result === undefined) await this.copy.save(this.plan, this.figures.totals);
    await this.#log?.flush();
  }

  enter(state: DownloadState): void {
    if (this.state === state) return;
    this.state = state;
    void this.env.keep();
    this.changed();
  }

  warn(message: string): void {
    this.env.emit({ type: 'log', key: this.key, level: 'warn', message });
  }

  /** A flow that fails makes the download fail, unless it was stopped on purpose: whoever stopped it decides what follows. */
  #flowFailed(error: unknown): void {
    const code = error instanceof EnsembleError ? error.code : 'disk';
    if (code === 'interrupted' && (this.halted || this.job?.signal.aborted === true)) return;
    this.failed(code, messageOf(error));
  }
}
