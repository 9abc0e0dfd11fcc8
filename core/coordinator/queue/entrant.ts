import { type Millis, millis } from '../../base/ids.ts';
import type { DownloadOptions, DownloadState } from '../../engine/engine.ts';
import type { ListRules } from '../../engine/list-rules.ts';
import { type Entrant, placesOf } from './decide.ts';

const MINUTE = 60_000;

/** A download that takes part in the queue. */
export interface Queued {
  readonly state: DownloadState;
  readonly options: Pick<DownloadOptions, 'forced' | 'assemble'>;
  /** It is paused, waits for its turn, or is about to be removed. */
  readonly halted: boolean;
  readonly closed: boolean;
  /** Before that it is not to be moved. */
  readonly opened: boolean;
  readonly files: { readonly result: readonly string[] | undefined };
  readonly crew: { readonly ledger: { readonly complete: boolean } | undefined };
  /** Whether its rule says to seed. */
  readonly seeds: boolean;
  readonly stats: { readonly idle: Millis; readonly seeding: { quiet(): Millis } };
}

/** `stalledAfter`: minutes; 0: never. */
export function entrantOf(download: Queued, stalledAfter: number): Entrant {
  const wants = wantsOf(download);
  const { state, options, stats } = download;
  return {
    wants,
    forced: options.forced,
    waits: state === 'queued',
    stalled: stalledAfter > 0 && quietFor(state, stats) >= millis(stalledAfter * MINUTE),
  };
}

/** Whether it may come to count as stalled without anything happening, and it matters: what is quiet for that long stays so. */
export function awaitsStall({ state, stats }: Pick<Queued, 'state' | 'stats'>, rules: ListRules): boolean {
  const { stalledAfter } = rules;
  const matters = stalledAfter > 0 && Math.min(placesOf(rules, 'download'), placesOf(rules, 'seed')) < Infinity;
  return matters && quietFor(state, stats) < stalledAfter * MINUTE;
}

function wantsOf(download: Queued): Entrant['wants'] {
  const { state, files, crew, closed } = download;
  if (closed) return undefined;
  switch (state) {
    case 'metadata':
    case 'downloading':
      return 'download';
    case 'checking':
      if (download.halted) return undefined;
      return files.result === undefined ? 'download' : seed(download);
    case 'queued':
      return files.result === undefined && crew.ledger?.complete !== true ? 'download' : complete(download);
    case 'complete':
    case 'seeding':
      return complete(download);
    case 'assembling':
    case 'moving':
    case 'done':
    case 'paused':
    case 'failed':
    case 'missing-files':
      return undefined;
  }
}

/** What is about to be assembled needs no place for that. */
function complete({ files, options, seeds }: Queued): Entrant['wants'] {
  return files.result === undefined && options.assemble ? undefined : seed({ seeds });
}

function seed({ seeds }: Pick<Queued, 'seeds'>): Entrant['wants'] {
  return seeds ? 'seed' : undefined;
}

function quietFor(state: DownloadState, stats: Queued['stats']): number {
  if (state === 'downloading' || state === 'metadata') return stats.idle;
  return state === 'seeding' || state === 'complete' ? stats.seeding.quiet() : 0;
}
