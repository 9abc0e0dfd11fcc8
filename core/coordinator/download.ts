import { EnsembleError, type ErrorCode, messageOf } from '../base/errors.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { type IdentityIndex, type InfoHash, type Millis, millis } from '../base/ids.ts';
import { TimeLeft } from '../base/rate.ts';
import type { DownloadChanges, DownloadOptions, DownloadState } from '../bridge/engine.ts';
import type { FromIdentity, SwarmStatus } from '../identity/messages.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { parseInfo } from '../metainfo/parse-info.ts';
import type { Info } from '../metainfo/torrent.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import type { Lock } from '../store/lock.ts';
import { shouldSeed } from '../strategy/seed-rule.ts';
import { assembleDownload } from './assemble-download.ts';
import type { CatalogEntry } from './catalog.ts';
import type { DownloadEnv } from './download-env.ts';
import { ExperimentLog } from './experiment-log.ts';
import { piecePriorities } from './file-choice.ts';
import type { Member } from './member.ts';
import { MetadataFetch } from './metadata-fetch.ts';
import { occupied, type Prepared, prepareDownload } from './prepare.ts';
import type { PieceLedger } from './piece-ledger.ts';
import { Run, type RunListener } from './run.ts';
import type { RunPlan } from './run-plan.ts';
import type { Origin } from './source.ts';
import { folderBegun, lockFolder } from './folder-claim.ts';
import { inspectTarget } from './target.ts';
import { defaultWorkFolder, removeResult, removeWorkFolder, saveProgress } from './work-folder.ts';

/** How long a download waits with its next resume record. */
const SAVE_EVERY = millis(30_000);
/** Assembly may find wrong pieces so often before the disk is held to be at fault. */
const MAX_BAD_ROUNDS = 3;

/** One download from its source to its files: the state machine, and the flows that lead from state to state. */
export class Download implements RunListener {
  readonly infoHash: InfoHash;
  options: DownloadOptions;
  state: DownloadState;
  error: { readonly code: ErrorCode; readonly message: string } | undefined;
  /** 0 to 1 while checking or assembling. */
  work: number | undefined;
  result: readonly string[] | undefined;
  info: Info | undefined;
  geometry: Geometry | undefined;
  run: Run | undefined;
  readonly members: readonly Member[];
  readonly #env: DownloadEnv;
  readonly #origin: Origin;
  readonly #workFolder: string;
  readonly #log: ExperimentLog | undefined;
  readonly #timeLeft: TimeLeft;
  readonly #before: { readonly downloaded: number; readonly uploaded: number };
  #plan: RunPlan | undefined;
  #metadata: MetadataFetch | undefined;
  #prepared: Prepared | undefined;
  #held: Lock | undefined;
  #badRounds = 0;
  #job: AbortController | undefined;
  /** What goes on in the background: flows follow each other. */
  #flow: Promise<void> = Promise.resolve();
  #lastBytes = 0;
  #lastSave: Millis;
  #closed = false;

  constructor(
    env: DownloadEnv,
    origin: Origin,
    options: DownloadOptions,
    members: readonly Member[],
    kept?: CatalogEntry,
  ) {
    const { clock } = env.ports;
    this.#env = env;
    this.#origin = origin;
    this.infoHash = origin.infoHash;
    this.options = options;
    this.members = members;
    this.info = origin.info;
    this.result = kept?.result;
    this.#before = { downloaded: kept?.downloaded ?? 0, uploaded: kept?.uploaded ?? 0 };
    this.state = (kept?.paused ?? options.paused) ? 'paused' : origin.info === undefined ? 'metadata' : 'checking';
    this.#workFolder = options.common ?? defaultWorkFolder(options.output, this.name, this.infoHash);
    this.#timeLeft = new TimeLeft(clock.now());
    this.#lastSave = clock.now();
    this.#log =
      options.log === undefined ? undefined : new ExperimentLog(env.ports, options.log, (text) => this.#warn(text));
  }

  get name(): string {
    return this.info?.name ?? this.#origin.name ?? this.infoHash;
  }

  get ledger(): PieceLedger | undefined {
    return this.#plan?.ledger;
  }

  get paused(): boolean {
    return this.state === 'paused';
  }

  get timeLeft(): Millis | undefined {
    return this.state === 'downloading' ? this.#timeLeft.estimate(this.#env.ports.clock.now()) : undefined;
  }

  /** Time that it was at work, over all its identities. */
  get active(): Millis {
    const now = this.#env.ports.clock.now();
    return millis(Math.max(0, ...this.members.map((member) => member.active(now))));
  }

  get totals(): { readonly downloaded: number; readonly uploaded: number; readonly wasted: number } {
    const sum = { ...this.#before, wasted: 0 };
    for (const { totals } of this.members) {
      sum.downloaded += totals.downloaded;
      sum.uploaded += totals.uploaded;
      sum.wasted += totals.wasted;
    }
    return sum;
  }

  get entry(): CatalogEntry {
    const { downloaded, uploaded } = this.totals;
    return {
      infoHash: this.infoHash,
      ...(this.info === undefined && this.#origin.link !== undefined ? { magnet: this.#origin.link } : {}),
      options: this.options,
      paused: this.paused,
      ...(this.result === undefined ? {} : { result: this.result }),
      downloaded,
      uploaded,
    };
  }

  /** The torrent file to keep; undefined while the metadata is not there. */
  get torrentFile(): Uint8Array | undefined {
    if (this.info === undefined) return undefined;
    return this.#origin.data ?? wrapInfo(this.info.raw, this.#origin.trackers);
  }

  /** Takes the lock and checks what can be checked at once; what takes long goes on in the background, where not paused. */
  async open(): Promise<void> {
    if (this.info !== undefined) await this.#inspect(this.info);
    if (this.state !== 'paused') this.#background(() => this.#begin());
  }

  pause(): void {
    switch (this.state) {
      case 'checking':
      case 'metadata':
        this.#job?.abort();
        this.#enter('paused');
        this.#background(() => this.#stopMetadata());
        break;
      case 'downloading':
      case 'seeding':
        this.run?.setPaused(true);
        this.#enter('paused');
        break;
      default:
        break;
    }
  }

  resume(): void {
    if (this.state !== 'paused' && this.state !== 'failed') return;
    this.error = undefined;
    if (this.run === undefined || this.#plan === undefined) {
      this.#enter(this.info === undefined ? 'metadata' : 'checking');
      this.#background(() => this.#begin());
    } else {
      this.run.setPaused(false);
      this.#enter(this.#plan.ledger.complete ? 'complete' : 'downloading');
      if (this.result !== undefined) this.#background(() => this.#seedOrDone());
      else if (this.#plan.ledger.complete) this.complete();
      else this.run.start();
    }
  }

  /** Joins the pieces now; resolves with the files. */
  async assemble(): Promise<readonly string[]> {
    if (this.result !== undefined) return this.result;
    const ledger = this.ledger;
    if (ledger === undefined || !ledger.complete) {
      const missing = ledger === undefined ? 'all' : ledger.pieces.wanted - ledger.pieces.wantedHave;
      throw new EnsembleError('usage', `${this.name} cannot be assembled yet: ${missing} pieces are missing.`);
    }
    this.#background(() => this.#assemble());
    await this.#flow;
    const result: readonly string[] | undefined = this.result;
    if (result !== undefined) return result;
    const { code, message } = this.error ?? { code: 'verification' as const, message: 'Some pieces were wrong.' };
    throw new EnsembleError(code, message);
  }

  /** Reads everything again, wherever it lies. */
  async recheck(): Promise<void> {
    const info = this.info;
    if (info === undefined) throw new EnsembleError('usage', `${this.name} has nothing to check yet.`);
    this.#job?.abort();
    this.#background(async () => {
      this.#enter('checking');
      await this.#endRun();
      this.#prepared = undefined;
      await this.#prepare(info, true);
      await this.#go(info);
    });
    await this.#flow;
  }

  change(changes: DownloadChanges): void {
    const { info, geometry } = this;
    if (changes.filePriorities !== undefined && info !== undefined && geometry !== undefined) {
      const priorities = piecePriorities(info, geometry, changes.filePriorities);
      this.ledger?.setPriorities(priorities);
    }
    this.options = { ...this.options, ...changes };
    if (this.#plan !== undefined) this.#plan.options = this.options;
    for (const member of this.members) this.run?.retune(member);
    if (changes.filePriorities !== undefined && this.ledger !== undefined && this.result === undefined) {
      if (!this.ledger.complete && this.state === 'complete') this.#enter('downloading');
      this.run?.choiceChanged();
    }
    if (changes.seed !== undefined && this.result !== undefined) this.#background(() => this.#seedOrDone());
    void this.#env.keep();
    this.changed();
  }

  addPeers(peers: readonly Endpoint[]): void {
    (this.run ?? this.#metadata)?.dealer.found(peers);
  }

  announce(): void {
    (this.run ?? this.#metadata)?.team.broadcast({ type: 'announce', infoHash: this.infoHash });
  }

  /** An identity's process is ready: give it this download. */
  up(index: IdentityIndex): void {
    void (this.run ?? this.#metadata)?.team.up(index);
  }

  down(index: IdentityIndex, gaveUp: boolean): void {
    (this.run ?? this.#metadata)?.team.down(index, gaveUp);
    this.changed();
  }

  message(index: IdentityIndex, message: FromIdentity): void {
    const member = this.members[index];
    if (member !== undefined) (this.run ?? this.#metadata)?.message(member, message);
  }

  status(index: IdentityIndex, status: SwarmStatus): void {
    const member = this.members[index];
    if (member !== undefined) (this.run ?? this.#metadata)?.status(member, status);
  }

  /** Once a second. */
  tick(): void {
    const now = this.#env.ports.clock.now();
    (this.run ?? this.#metadata)?.tick();
    const ledger = this.ledger;
    if (ledger !== undefined) {
      const { wanted, wantedHave } = ledger.bytes;
      this.#timeLeft.update(wanted - wantedHave, Math.max(0, wantedHave - this.#lastBytes), now);
      this.#lastBytes = wantedHave;
    }
    if (this.state === 'downloading' && now - this.#lastSave >= SAVE_EVERY) {
      this.#lastSave = now;
      void this.#save().catch((error: unknown) => this.#warn(`The state could not be saved: ${String(error)}`));
    }
    if (this.state === 'seeding' && !this.#seedRuleHolds()) this.#background(() => this.#seedOrDone());
  }

  /** Every identity leaves the swarm, and what is known is saved. */
  async leave(): Promise<void> {
    this.#job?.abort();
    await this.#flow;
    await this.#endRun();
  }

  /** Nothing of it runs afterwards. `data`: its files and its working folder go too. */
  async close(data: boolean): Promise<void> {
    this.#closed = true;
    this.#job?.abort();
    await this.#flow;
    await this.#endRun();
    await this.#log?.close();
    await this.#unlock();
    if (!data) return;
    const { disk } = this.#env.ports;
    await removeWorkFolder(disk, this.#workFolder, this.options.common !== undefined);
    if (this.info !== undefined) await removeResult(disk, this.info, this.options, this.result ?? []);
  }

  // What the run tells.

  complete(): void {
    if (this.#closed || this.state === 'paused') return;
    this.#background(() => this.#finish());
  }

  failed(code: ErrorCode, message: string): void {
    this.error = { code, message };
    this.run?.setPaused(true);
    this.#enter('failed');
    this.#env.emit({ type: 'log', infoHash: this.infoHash, level: 'error', message });
  }

  changed(): void {
    this.#env.emit({ type: 'changed', infoHash: this.infoHash });
  }

  // The flows.

  async #begin(): Promise<void> {
    if (this.#closed || this.paused) return;
    if (this.info === undefined) this.#startMetadata();
    else {
      await this.#prepare(this.info, false);
      await this.#go(this.info);
    }
  }

  #startMetadata(): void {
    const [member] = this.members;
    if (member === undefined) return;
    this.#metadata = new MetadataFetch(
      this.#env,
      {
        infoHash: this.infoHash,
        trackers: this.#origin.trackers,
        peers: [...this.options.peers, ...this.#origin.peers],
        options: this.options,
        workFolder: this.#workFolder,
        member,
      },
      (rawInfo) => this.#background(() => this.#gotMetadata(rawInfo)),
      (code, message) => this.failed(code, message),
    );
    this.#metadata.start();
  }

  async #stopMetadata(): Promise<void> {
    const fetching = this.#metadata;
    await fetching?.team.leaveAll();
    fetching?.close();
    this.#metadata = undefined;
  }

  async #gotMetadata(rawInfo: Uint8Array): Promise<void> {
    if (this.info !== undefined || this.#closed || this.#metadata === undefined) return;
    const info = parseInfo(rawInfo, this.infoHash);
    await this.#stopMetadata();
    checkPrivate(info, this.options);
    await this.#inspect(info);
    this.info = info;
    await this.#env.keep();
    this.#enter('checking');
    await this.#begin();
  }

  /** What must be right before anything is made on disk. */
  async #inspect(info: Info): Promise<void> {
    this.geometry = new Geometry(info);
    checkPrivate(info, this.options);
    piecePriorities(info, this.geometry, this.options.filePriorities);
    if (this.result !== undefined) return;
    const { disk } = this.#env.ports;
    const target = await inspectTarget(disk, info, this.options);
    // What is all there may be seeded from where nothing can be written.
    if (target === 'whole') return;
    if (target === 'other' && !this.options.reuse && !(await folderBegun(disk, this.#workFolder, info.infoHash))) {
      throw occupied(info, this.options);
    }
    await this.#lock();
  }

  async #prepare(info: Info, everything: boolean): Promise<void> {
    const geometry = (this.geometry ??= new Geometry(info));
    const job = (this.#job = new AbortController());
    this.work = 0;
    try {
      this.#prepared = await prepareDownload(this.#env, {
        info,
        geometry,
        options: this.options,
        workFolder: this.#workFolder,
        torrentFile: this.torrentFile ?? new Uint8Array(0),
        assembled: this.result !== undefined,
        everything,
        lock: () => this.#lock(),
        progress: (fraction) => (this.work = fraction),
        warn: (text) => this.#warn(text),
        signal: job.signal,
      });
    } finally {
      this.work = undefined;
    }
  }

  /** Puts the identities to work on what was found. */
  async #go(info: Info): Promise<void> {
    const prepared = this.#prepared;
    if (prepared === undefined || this.#closed) return;
    this.result = prepared.result;
    for (const member of this.members) {
      member.seed = false;
      member.begun = prepared.begun.get(member.index) ?? [];
    }
    const { options, members } = this;
    this.#plan = {
      info,
      trackers: this.#origin.trackers,
      peers: this.#origin.peers,
      options,
      ledger: prepared.ledger,
      workFolder: this.#workFolder,
      members,
    };
    this.#lastBytes = prepared.ledger.bytes.wantedHave;
    this.run = new Run(this.#env, this.#plan, this.result !== undefined, this.#log, this);
    if (this.paused) return;
    if (this.result !== undefined) await this.#seedOrDone();
    else if (prepared.ledger.complete) await this.#finish();
    else {
      this.#enter('downloading');
      this.run.start();
    }
  }

  /** Every wanted piece is there: those who do not seed leave, and the files are put together. */
  async #finish(): Promise<void> {
    const { run, members } = this;
    const [first] = members;
    if (run === undefined || first === undefined || this.paused || this.#closed) return;
    this.#enter('complete');
    const seed = this.#seedRuleHolds();
    // Alone it is an ordinary client, that tells its tracker `completed` also where it then leaves.
    if (first.phase === 'active' && (seed || members.length === 1)) run.seedWith(first);
    await Promise.all(members.map((member) => (member === first && seed ? undefined : run.team.leave(member))));
    await this.#save();
    await this.#log?.flush();
    if (this.options.assemble) await this.#assemble();
    else if (seed) run.seedWith(first);
  }

  async #assemble(): Promise<void> {
    const { run } = this;
    const plan = this.#plan;
    if (run === undefined || plan === undefined || this.result !== undefined || this.#closed) return;
    this.#enter('assembling');
    const job = (this.#job = new AbortController());
    await run.team.closeFiles();
    try {
      const progress = (fraction: number): number => (this.work = fraction);
      const outcome = await assembleDownload(this.#env.jobs, plan, progress, job.signal);
      if ('files' in outcome) await this.#assembled(run, outcome.files);
      else await this.#fetchAgain(run, outcome.badPieces);
    } catch (error) {
      run.moved();
      throw error;
    } finally {
      this.work = undefined;
    }
  }

  async #assembled(run: Run, files: readonly string[]): Promise<void> {
    this.result = files;
    run.assembled = true;
    run.moved();
    await this.#env.keep();
    await this.#unlock();
    await removeWorkFolder(this.#env.ports.disk, this.#workFolder, this.options.common !== undefined);
    await this.#seedOrDone();
  }

  async #fetchAgain(run: Run, pieces: Uint32Array): Promise<void> {
    run.moved();
    if (++this.#badRounds > MAX_BAD_ROUNDS) {
      throw new EnsembleError(
        'verification',
        `${pieces.length} pieces of ${this.name} were wrong on disk each time they were fetched: check the disk.`,
      );
    }
    this.#warn(`${pieces.length} pieces of ${this.name} were missing or wrong on disk: they are fetched again.`);
    this.#enter('downloading');
    run.fetchAgain(pieces);
    await this.#save();
  }

  async #seedOrDone(): Promise<void> {
    const { run } = this;
    const [first] = this.members;
    if (run === undefined || first === undefined || this.paused) return;
    if (this.#seedRuleHolds()) {
      this.#enter('seeding');
      run.seedWith(first);
    } else {
      await run.team.leaveAll();
      await this.#log?.flush();
      this.#enter('done');
    }
    void this.#env.keep();
  }

  #seedRuleHolds(): boolean {
    const { downloaded, uploaded } = this.totals;
    return shouldSeed(this.options.seed, Math.max(downloaded, this.ledger?.bytes.have ?? 0), uploaded);
  }

  async #endRun(): Promise<void> {
    await this.#stopMetadata();
    const { run } = this;
    if (run === undefined) return;
    await run.team.leaveAll();
    run.close();
    await this.#save();
    this.run = undefined;
    await this.#log?.flush();
  }

  async #save(): Promise<void> {
    const plan = this.#plan;
    if (plan === undefined || this.result !== undefined || this.#held === undefined) return;
    const clean = this.members.every((member) => member.phase === 'left');
    await saveProgress(this.#env.ports.disk, plan, this.totals, clean);
  }

  async #lock(): Promise<void> {
    this.#held ??= await lockFolder(this.#env.ports, this.#workFolder, () => {
      this.#held = undefined;
      this.failed('in-use', `Another process has taken over ${this.#workFolder}: this one stops.`);
    });
  }

  async #unlock(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await held?.release();
  }

  #enter(state: DownloadState): void {
    if (this.state === state) return;
    this.state = state;
    void this.#env.keep();
    this.changed();
  }

  #warn(message: string): void {
    this.#env.emit({ type: 'log', infoHash: this.infoHash, level: 'warn', message });
  }

  /** Runs after the flows before it; its failure is the download's. */
  #background(flow: () => Promise<void>): void {
    this.#flow = this.#flow.then(flow).catch((error: unknown) => {
      const code = error instanceof EnsembleError ? error.code : 'disk';
      if (code === 'interrupted' && (this.#closed || this.paused)) return;
      this.failed(code, messageOf(error));
    });
  }
}

function checkPrivate(info: Info, options: DownloadOptions): void {
  if (!info.private || options.identities === 1 || options.allowPrivate) return;
  throw new EnsembleError(
    'private',
    `${info.name} is a private torrent: its tracker may ban those who join with several identities. ` +
      `Use one identity, or confirm that ${options.identities} are meant (--allow-private).`,
  );
}
