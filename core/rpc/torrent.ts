import type { SeedGoals } from '../base/choices.ts';
import type {
  DownloadSnapshot,
  Engine,
  FileSnapshot,
  PeerSnapshot,
  PieceMapSnapshot,
  SourceSnapshot,
} from '../engine/engine.ts';
import type { IdleLimits } from './idle-limits.ts';
import { type Tracker, trackersOf } from './trackers.ts';

/** What is read of the engine. */
export type Readable = Pick<
  Engine,
  'downloads' | 'download' | 'files' | 'sources' | 'trackers' | 'links' | 'peers' | 'pieceMap' | 'onEvent'
>;

/** One torrent while a request is answered. What only some fields need is looked up when the first of these is asked for. */
export class RpcTorrent {
  readonly id: number;
  readonly of: DownloadSnapshot;
  /** Unix milliseconds. */
  readonly now: number;
  readonly lastActive: number;
  /** When seeds have done enough that have no rule of their own. */
  readonly goals: SeedGoals;
  readonly #engine: Readable;
  #files: readonly FileSnapshot[] | undefined;
  #trackers: readonly Tracker[] | undefined;
  #peers: readonly PeerSnapshot[] | undefined;

  readonly #idle: IdleLimits;

  constructor(
    { engine, idle }: { readonly engine: Readable; readonly idle: IdleLimits },
    of: DownloadSnapshot,
    known: Pick<RpcTorrent, 'id' | 'now' | 'lastActive' | 'goals'>,
  ) {
    this.#engine = engine;
    this.#idle = idle;
    this.of = of;
    this.id = known.id;
    this.now = known.now;
    this.lastActive = known.lastActive;
    this.goals = known.goals;
  }

  /** A limit of its own that does not hold now, as it was last set. */
  idle(what: Parameters<IdleLimits['get']>[1]): number | undefined {
    return this.#idle.get(this.of.key, what);
  }

  /** In the torrent's order, without padding: by their places in this list clients name files. */
  get files(): readonly FileSnapshot[] {
    return (this.#files ??= this.#engine.files(this.of.key));
  }

  get trackers(): readonly Tracker[] {
    const { key } = this.of;
    return (this.#trackers ??= trackersOf(this.#engine.links(key)?.trackers ?? [], this.#engine.trackers(key)));
  }

  /** As they were when its peers were last asked for. */
  get peers(): readonly PeerSnapshot[] {
    return (this.#peers ??= this.#engine.peers(this.of.key));
  }

  get sources(): readonly SourceSnapshot[] {
    return this.#engine.sources(this.of.key);
  }

  get pieceMap(): PieceMapSnapshot | undefined {
    return this.#engine.pieceMap(this.of.key);
  }

  /** Bytes of what is wanted that are not there yet. A magnet link without metadata lacks something, as many take 0 for complete. */
  get left(): number {
    const { pieces, pieceLength, bytes } = this.of;
    if (pieceLength === 0) return 1;
    return pieces.toGo === pieces.wanted ? bytes.wanted : Math.min(bytes.wanted, pieces.toGo * pieceLength);
  }

  get sizeWhenDone(): number {
    return this.of.pieceLength === 0 ? 1 : this.of.bytes.wanted;
  }
}
