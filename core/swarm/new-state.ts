import type { SelectionMode } from '../base/choices.ts';
import type { EnsembleError } from '../base/errors.ts';
import type { SwarmTuning } from '../engine/statuses.ts';
import { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import { PieceIntake } from '../store/intake/piece-intake.ts';
import type { PieceStore } from '../store/piece-store.ts';
import type { BegunRecord } from '../store/records/begun-record.ts';
import type { Claimer } from '../strategy/claims/claimer.ts';
import type { PieceStrategy } from '../strategy/orders/piece-strategy.ts';
import { Availability } from '../strategy/pieces/availability.ts';
import { Interest } from '../strategy/pieces/interest-count.ts';
import { PiecePicker } from '../strategy/pieces/picker.ts';
import type { ShareMap } from '../strategy/pieces/share-map.ts';
import type { BlockSource } from './block-source.ts';
import type { BlockIntake } from './block-sources.ts';
import type { CoreOptions } from './core.ts';
import type { OtherSources } from './other-sources.ts';
import type { SwarmBuckets, SwarmEvents, SwarmState, Totals } from './state.ts';
import type { UploadLine } from './upload-line.ts';

export interface SwarmOptions extends CoreOptions {
  readonly info: Info;
  readonly share: ShareMap;
  readonly claimer: Claimer;
  readonly store: PieceStore;
  /** Undefined: nothing can have been begun, nor have left anything. */
  readonly begun: readonly BegunRecord[] | undefined;
  readonly totals?: Readonly<Totals>;
  readonly priorities?: Uint8Array;
  readonly selection: SelectionMode;
  /** In place of the order of `selection`. */
  readonly strategy?: PieceStrategy | undefined;
  readonly tuning: SwarmTuning;
  readonly seeding: boolean;
  readonly buckets: SwarmBuckets;
  readonly line: UploadLine;
  readonly events: SwarmEvents;
  /** Makes sources of blocks other than peers. */
  readonly others?: (intake: BlockIntake) => OtherSources;
}

/** What the parts of a swarm share, as it is before the swarm runs. */
export function newState(options: SwarmOptions, failed: (error: EnsembleError) => void): SwarmState {
  const { ports, self, info, share } = options;
  const geometry = new Geometry(info);
  const availability = new Availability(info.pieceCount);
  return {
    ports,
    self,
    info,
    pieceRoots: info.pieceRoots,
    geometry,
    share,
    availability,
    claimer: options.claimer,
    picker: new PiecePicker<BlockSource>({
      geometry,
      share,
      availability,
      rng: ports.random.uniform,
      mode: options.selection,
      strategy: options.strategy,
      sequential: options.tuning.sequential,
      ...(options.priorities === undefined ? {} : { priorities: options.priorities }),
    }),
    interest: new Interest<BlockSource>(share),
    store: options.store,
    intake: new PieceIntake({ store: options.store, hasher: ports.hasher, geometry, info }),
    buckets: options.buckets,
    line: options.line,
    events: { ...options.events, failed },
    peers: new Set(),
    sources: new Set(),
    totals: { downloaded: 0, uploaded: 0, wasted: 0, ...options.totals },
    tuning: options.tuning,
    ahead: 1,
    seeding: options.seeding,
  };
}
