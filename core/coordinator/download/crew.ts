import type { TorrentKey } from '../../base/ids.ts';
import { millis } from '../../base/ids.ts';
import { NowAndThen } from '../../base/now-and-then.ts';
import type { FoundPeer } from '../../base/peer-source.ts';
import type { DownloadOptions, DownloadState } from '../../engine/engine.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { DownloadEnv } from '../download-env.ts';
import type { DownloadFolders } from '../folder/download-folders.ts';
import type { WorkingCopy } from '../folder/working-copy.ts';
import type { Member } from '../run/member.ts';
import { Run, type RunListener } from '../run/run.ts';
import { planFor, type RunPlan } from '../run/run-plan.ts';
import { namedWebSeeds } from './source.ts';
import type { ExperimentLog } from './experiment-log.ts';
import type { DownloadStats } from './download-stats.ts';
import { type Done, fetchMetadata, type MetadataFetch } from './metadata-fetch.ts';
import type { PieceLedger } from './piece-ledger.ts';
import type { PlacedFiles } from './placed-files.ts';
import type { Prepared } from './prepare.ts';
import type { KnownTorrent } from './torrent.ts';

/** Time between two resume records. */
const SAVE_EVERY = millis(30_000);

/** A download, as those who work on it need to know it. */
export interface Employer extends RunListener {
  readonly key: TorrentKey;
  readonly env: DownloadEnv;
  readonly torrent: KnownTorrent;
  readonly files: PlacedFiles;
  readonly folders: DownloadFolders;
  readonly copy: WorkingCopy;
  readonly stats: DownloadStats;
  readonly members: readonly Member[];
  readonly options: DownloadOptions;
  readonly state: DownloadState;
  /** It is paused, waits for its turn, or is about to be removed: nothing new is begun. */
  readonly halted: boolean;
  warn(message: string): void;
}

/** Who works on a download now, from which plan, and how far that is: first the fetch of its metadata, then a run after the other. */
export class Crew {
  readonly #download: Employer;
  readonly #log: ExperimentLog | undefined;
  readonly #saves: NowAndThen;
  #metadata: MetadataFetch | undefined;
  #run: Run | undefined;
  #plan: RunPlan | undefined;
  #recorded: PieceLedger | undefined;
  /** Peers that were found while the metadata was fetched. */
  #found: readonly FoundPeer[] = [];

  constructor(download: Employer, log: ExperimentLog | undefined) {
    this.#download = download;
    this.#log = log;
    this.#saves = new NowAndThen(SAVE_EVERY, download.env.ports.clock.now());
  }

  get run(): Run | undefined {
    return this.#run;
  }

  /** What the run works from; kept when it ends, until the next check. */
  get plan(): RunPlan | undefined {
    return this.#plan;
  }

  /** What is there, as it was checked, or as the records say. */
  get ledger(): PieceLedger | undefined {
    return this.#plan?.ledger ?? this.#recorded;
  }

  get atWork(): Run | MetadataFetch | undefined {
    return this.#run ?? this.#metadata;
  }

  get fetchesMetadata(): boolean {
    return this.#metadata !== undefined;
  }

  fetchMetadata(done: Done): void {
    this.#metadata = fetchMetadata(this.#download, done);
  }

  async stopMetadata(): Promise<void> {
    this.#found = this.#metadata?.dealer.known ?? this.#found;
    await this.#metadata?.end();
    this.#metadata = undefined;
  }

  /** A run for what was found; nobody is at work before it starts. */
  async gather(info: Info, prepared: Prepared): Promise<Run> {
    const { env, torrent, files, copy, stats } = this.#download;
    const { ledger } = prepared;
    const plan = planFor(
      this.#download,
      { ...torrent.origin, webSeeds: namedWebSeeds(torrent.origin, info), found: this.#found },
      info,
      prepared,
    );
    this.#found = [];
    this.#plan = plan;
    this.#recorded = undefined;
    // The choice may have changed meanwhile.
    ledger.setPriorities(torrent.priorities(plan.options));
    const assembled = files.result !== undefined;
    if (!assembled && !ledger.complete) await copy.begin(plan, stats.totals);
    const { halted } = this.#download;
    this.#run = new Run(env, plan, { assembled, paused: halted }, this.#log, this.#download);
    return this.#run;
  }

  /** All identities leave, and the progress is saved. */
  async leave(): Promise<void> {
    await this.stopMetadata();
    if (this.#run === undefined) return;
    try {
      await this.#run.end();
      await this.save();
    } finally {
      this.#run = undefined;
    }
    await this.#log?.flush();
  }

  /** Saves the progress in the working folder. */
  async save(): Promise<void> {
    const { files, copy, stats } = this.#download;
    if (this.#plan !== undefined && files.result === undefined) await copy.save(this.#plan, stats.totals);
    await this.#log?.flush();
  }

  /** Nothing is to be done with what the last check found any more. */
  dropPlan(): void {
    this.#plan = undefined;
  }

  /** What the records say, until it is checked. */
  showRecorded(ledger: PieceLedger | undefined): void {
    this.#recorded = ledger;
  }

  /** Once a second. */
  tick(): void {
    const { env, stats, state } = this.#download;
    this.atWork?.tick();
    stats.look();
    if (this.ledger !== undefined) stats.update(this.ledger);
    if (state !== 'downloading' || !this.#saves.due(env.ports.clock.now())) return;
    void this.save().catch((error: unknown) => this.#download.warn(`The state could not be saved: ${String(error)}`));
  }

  async close(): Promise<void> {
    await this.leave();
    await this.#log?.close();
  }
}
