import { EnsembleError } from '../../base/errors.ts';
import { type TorrentKey, type Millis, millis, wholeSeconds } from '../../base/ids.ts';
import { Chronicle, type Told } from './chronicle.ts';
import type { Notice } from '../contract.ts';
import type { DownloadSnapshot, EngineEvent, PieceMapSnapshot, Stall } from '../../engine/engine.ts';
import type { Feeds } from './feeds.ts';
import type { Makings } from './makings.ts';
import type { LimitSwitch } from './limit-switch.ts';
import { type LogRecord, SpeedRecord } from './records.ts';
import { Story } from './story.ts';
import type { HostServices } from './services.ts';
import { nobodyHas, overviewOf } from '../overview.ts';
import type { AddressView, AppState, DownloadView } from '../views.ts';
import type { LogLevel } from '../../engine/settings.ts';

const SECOND = 1000;
/** Seconds after which what was written to the logs is kept: a program that is killed loses no more of them. */
const KEEP_EVERY = 10;
const EMPTY = new Uint8Array(0);
const NO_HOSTS: readonly string[] = [];
const NO_URLS: readonly string[] = [];
const LEVELS: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2 };

/** What the state tells besides downloads. */
interface Also {
  readonly feeds: Pick<Feeds, 'views'>;
  readonly makings: Pick<Makings, 'view'>;
}

/** What the model keeps of a download besides the engine's snapshots. */
interface Tracked {
  readonly story: Story;
  readonly chronicle: Chronicle;
  speed: SpeedRecord;
  overview: Uint8Array;
  nobodyHas: number | null;
  /** What the overview was made from. */
  overviewSource: string;
  overviewAt: number;
  state: DownloadSnapshot['state'];
  result: DownloadSnapshot['result'];
  trackers: number | null;
  /** When its assembly began. */
  assembling: Millis | undefined;
  stall: Stall | null;
}

/** The engine as windows see it: views, histories and logs, made once for all windows, and what is worth a notice. */
export class HostModel {
  readonly #services: HostServices;
  readonly #limits: Pick<LimitSwitch, 'alternative'>;
  readonly #also: Also;
  readonly #kept = new Map<TorrentKey, Tracked>();
  readonly #notify: (notice: Notice) => void;
  readonly #demos = new Set<TorrentKey>();
  #demo: AppState['demo'] = 'off';
  #seconds = 0;
  #addresses: readonly AddressView[];
  #state: AppState | undefined;
  #snapshots = new Map<TorrentKey, DownloadSnapshot>();
  readonly #maps = new Map<TorrentKey, PieceMapSnapshot>();

  constructor(
    services: HostServices,
    limits: Pick<LimitSwitch, 'alternative'>,
    also: Also,
    notify: (notice: Notice) => void,
  ) {
    this.#services = services;
    this.#limits = limits;
    this.#also = also;
    this.#notify = notify;
    this.#addresses = services.addresses();
    services.engine.onEvent((event) => this.#event(event));
    this.everySecond();
  }

  /** The current state; the same object until `forget`. */
  get state(): AppState {
    this.#state ??= this.#build();
    return this.#state;
  }

  /** The engine's own snapshots that the state was built from. */
  get snapshots(): Iterable<DownloadSnapshot> {
    return this.state && this.#snapshots.values();
  }

  snapshot(key: TorrentKey): DownloadSnapshot | undefined {
    return this.state && this.#snapshots.get(key);
  }

  log(key: TorrentKey): LogRecord | undefined {
    return this.#kept.get(key)?.story.log;
  }

  /** Somebody looks at a download in full. */
  open(key: TorrentKey): void {
    this.#kept.get(key)?.story.open(() => this.forget());
  }

  /** Keeps the logs. */
  async keep(): Promise<void> {
    await Promise.all([...this.#kept.values()].map(({ story }) => story.keep()));
  }

  speed(key: TorrentKey): SpeedRecord | undefined {
    return this.#kept.get(key)?.speed;
  }

  /** The interface that has an address, and what that is. */
  interfaceOf(address: string | undefined): Pick<AddressView, 'interfaceName' | 'kind'> | undefined {
    return this.#addresses.find((one) => one.address === address);
  }

  setDemo(state: AppState['demo'], key?: TorrentKey): void {
    this.#demo = state;
    if (key !== undefined) this.#demos.add(key);
    this.forget();
  }

  isDemo(key: TorrentKey): boolean {
    return this.#demos.has(key);
  }

  /** The piece map, made once for all windows. */
  pieceMap(key: TorrentKey): PieceMapSnapshot | undefined {
    const made = this.#maps.get(key) ?? this.#services.engine.pieceMap(key);
    if (made !== undefined) this.#maps.set(key, made);
    return made;
  }

  /** Makes the next look a fresh one. */
  forget(): void {
    this.#state = undefined;
    this.#maps.clear();
  }

  /** Samples the speeds, writes the logs, and looks at what changes seldom. */
  everySecond(): void {
    this.forget();
    if (++this.#seconds % KEEP_EVERY === 0) void this.keep();
    const addresses = this.#services.addresses();
    if (JSON.stringify(addresses) !== JSON.stringify(this.#addresses)) this.#addresses = addresses;
    const wall = this.#services.clock.wall();
    for (const { key } of this.state.downloads) {
      const snapshot = this.#snapshots.get(key);
      const kept = this.#kept.get(key);
      if (snapshot === undefined || kept === undefined) continue;
      // Other machines come and go.
      if (snapshot.identities.length > kept.speed.identities) kept.speed = kept.speed.grown(snapshot.identities.length);
      kept.speed.add(
        wall,
        snapshot.identities.map((identity) => identity.rate),
      );
      // A tracker that answers brings nothing new later on.
      const { state } = snapshot;
      const asked = state === 'downloading' || state === 'metadata' || (state === 'seeding' && kept.trackers === null);
      const trackers = asked ? this.#services.engine.trackers(key) : [];
      if (trackers.length > 0) kept.trackers = new Set(trackers.map(({ url }) => url)).size;
      this.#tell(kept, kept.chronicle.look(snapshot, trackers));
    }
  }

  #build(): AppState {
    const { engine, clock, app, settings } = this.#services;
    const now = clock.now();
    const snapshots = engine.downloads();
    this.#snapshots = new Map(snapshots.map((snapshot) => [snapshot.key, snapshot]));
    for (const [key, { story }] of this.#kept) {
      if (this.#snapshots.has(key)) continue;
      this.#kept.delete(key);
      void story.forget();
    }
    const downloads = snapshots.map((snapshot) => this.#view(snapshot, now));
    downloads.sort((a, b) => a.added - b.added);
    return {
      app,
      settings: settings.current,
      addresses: this.#addresses,
      down: snapshots.reduce((sum, { rate }) => sum + rate.down, 0),
      up: snapshots.reduce((sum, { rate }) => sum + rate.up, 0),
      alternative: this.#limits.alternative,
      serving: this.#services.serving?.urls ?? NO_URLS,
      feeds: this.#also.feeds.views,
      making: this.#also.makings.view,
      demo: this.#demo,
      downloads,
    };
  }

  #view(snapshot: DownloadSnapshot, now: Millis): DownloadView {
    const kept = this.#keep(snapshot);
    this.#look(snapshot, kept);
    this.#draw(snapshot, kept, now);
    const { pieces, bytes, rate, identities, fileSlots: _fileSlots, ...same } = snapshot;
    const { timeLeft, work, result } = snapshot;
    return {
      error: null,
      infoHashV1: null,
      infoHashV2: null,
      finished: null,
      comment: null,
      createdBy: null,
      created: null,
      queued: null,
      meeting: null,
      trackerHosts: NO_HOSTS,
      ...same,
      seeds: identities.reduce((sum, { seeds }) => sum + seeds, 0),
      machines: identities.filter(({ machine, state }) => machine !== undefined && state !== 'left').length,
      stall: sameStall(kept, snapshot.stall),
      piecesHave: pieces.have,
      piecesTotal: pieces.total,
      piecesToGo: pieces.toGo,
      piecesNobodyHas: kept.nobodyHas,
      bytesHave: bytes.have,
      bytesWanted: bytes.wanted,
      bytesTotal: bytes.total,
      trackers: kept.trackers,
      down: Math.round(rate.down),
      up: Math.round(rate.up),
      timeLeft: timeLeft === undefined ? null : wholeSeconds(timeLeft),
      work: work === undefined ? null : Math.round(work * 1000) / 1000,
      result: result ?? null,
      assembledIn: result === undefined ? null : kept.story.assembledIn,
      active: wholeSeconds(snapshot.active),
      seeded: wholeSeconds(snapshot.seeded),
      overview: kept.overview,
      demo: this.#demos.has(snapshot.key),
      servedAt: this.#services.serving?.urlOf(snapshot.key) ?? null,
    };
  }

  #keep(snapshot: DownloadSnapshot): Tracked {
    const found = this.#kept.get(snapshot.key);
    if (found !== undefined) return found;
    const kept: Tracked = {
      story: new Story(snapshot.key, this.#services.stories),
      chronicle: new Chronicle(),
      speed: new SpeedRecord(snapshot.identities.length),
      overview: EMPTY,
      nobodyHas: null,
      overviewSource: '',
      overviewAt: Number.NEGATIVE_INFINITY,
      state: snapshot.state,
      result: snapshot.result,
      trackers: null,
      assembling: undefined,
      stall: null,
    };
    this.#kept.set(snapshot.key, kept);
    return kept;
  }

  /** The line in the list: at most once a second, and only where something can have changed. */
  #draw(snapshot: DownloadSnapshot, kept: Tracked, now: Millis): void {
    const { state, pieces } = snapshot;
    const made = `${state} ${pieces.have} ${pieces.toGo}`;
    const busy = state === 'downloading';
    if (now - kept.overviewAt < SECOND || (!busy && made === kept.overviewSource)) return;
    kept.overviewAt = now;
    kept.overviewSource = made;
    const map = this.pieceMap(snapshot.key);
    const overview = map === undefined ? EMPTY : overviewOf(map);
    if (!same(overview, kept.overview)) kept.overview = overview;
    kept.nobodyHas = map === undefined || !busy || snapshot.peers === 0 ? null : nobodyHas(map);
  }

  /** What happened to the download since the last look. */
  #look(snapshot: DownloadSnapshot, kept: Tracked): void {
    const { key, name, state, result, error } = snapshot;
    if (result !== undefined && kept.result === undefined) {
      const how = snapshot.options.identities === 1 ? 'done' : 'assembled';
      this.#notify({ kind: 'assembled', key, name, message: `${name} is ${how}.` });
    }
    // Files that were gone and were put back had been assembled before.
    if (state !== 'missing-files' && state !== 'checking') kept.result = result;
    if (state === kept.state) return;
    kept.state = state;
    if (state === 'complete' && !snapshot.options.assemble) {
      this.#notify({ kind: 'complete', key, name, message: `Every piece of ${name} is there.` });
    }
    if ((state === 'failed' || state === 'missing-files') && error !== undefined) {
      this.#notify({ kind: 'failed', key, name, message: error.message });
    }
  }

  #event(event: EngineEvent): void {
    if (event.type !== 'log') {
      this.forget();
      const snapshot = this.#services.engine.download(event.key);
      if (snapshot === undefined) return;
      const kept = this.#keep(snapshot);
      this.#time(snapshot, kept);
      this.#tell(kept, kept.chronicle.lookAtState(snapshot));
      return;
    }
    const { key, level, message } = event;
    const kept = key === undefined ? [...this.#kept.values()] : [this.#kept.get(key)];
    for (const one of kept) if (one !== undefined) this.#log(one, level, message);
    if (level !== 'error') return;
    // What stops a download is told as what became of it.
    const of = key && this.#services.engine.download(key);
    if (of?.error === undefined) this.#notify({ kind: 'error', key: of?.key ?? null, name: of?.name ?? null, message });
  }

  /** To be called whenever a state changes, as an assembly may be over before the next look. */
  #time({ state, result }: DownloadSnapshot, kept: Tracked): void {
    const now = this.#services.clock.now();
    if (kept.assembling !== undefined && result !== undefined) kept.story.assembled(millis(now - kept.assembling));
    if (state !== 'assembling' || result !== undefined) kept.assembling = undefined;
    else kept.assembling ??= now;
  }

  #tell(kept: Tracked, lines: readonly Told[]): void {
    for (const { level, message } of lines) this.#log(kept, level, message);
  }

  #log(kept: Tracked, level: LogLevel, message: string): void {
    if (LEVELS[level] > LEVELS[this.#services.settings.current.logLevel]) return;
    kept.story.add({ time: this.#services.clock.wall(), level, message });
  }
}

/** The snapshot of a download; throws EnsembleError('usage') where there is none. */
export function downloadOf(services: HostServices, key: TorrentKey): DownloadSnapshot {
  const snapshot = services.engine.download(key);
  if (snapshot === undefined) throw new EnsembleError('usage', 'This download is not in the list any more.');
  return snapshot;
}

/** The same object as long as the reason is the same, so that it is sent once. */
function sameStall(kept: Tracked, now: Stall | undefined): Stall | null {
  if (now === undefined) kept.stall = null;
  else if (JSON.stringify(now) !== JSON.stringify(kept.stall)) kept.stall = now;
  return kept.stall;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
