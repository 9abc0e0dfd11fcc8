import type { EngineEvent } from '../engine/engine.ts';
import type { IdentityIndex, TorrentKey } from '../base/ids.ts';
import type { TokenBucket } from '../base/token-bucket.ts';
import type { Turns } from '../base/turns.ts';
import type { ListRules } from '../engine/list-rules.ts';
import type { RateLimits, Ways } from '../engine/statuses.ts';
import type { Ports } from '../ports/ports.ts';
import type { ProcessFacts } from '../ports/process-facts.ts';
import type { IdentityPool } from './processes/identity-pool.ts';
import type { DoneDownload } from './done-programs.ts';
import type { Queued } from './queue/entrant.ts';
import type { Roots } from './folder/roots.ts';
import type { NamedLinks } from './run/links.ts';
import type { WorkerJobs } from './processes/worker-jobs.ts';

/** What all downloads of a coordinator share. */
export interface DownloadEnv {
  /** Folders below which the program was told to stay. */
  readonly roots: Roots;
  readonly ports: Ports & { readonly processFacts: ProcessFacts };
  readonly pool: IdentityPool;
  readonly jobs: WorkerJobs;
  /** Of thousands of downloads that begin at once few look at the disk at a time. */
  readonly looks: Turns;
  /** The present limits of an identity in a download. */
  limitsOf(key: TorrentKey, identity: IdentityIndex): RateLimits;
  /** What downloads upload by HTTP: the part of the limit over all that it has, and whoever is to know that somebody begins to fetch. */
  readonly web: { readonly total: TokenBucket; began(key: TorrentKey): void };
  /** The links that have names. */
  readonly named: NamedLinks;
  /** Ways to peers that the settings allow to all downloads, and the encryption that they ask for. */
  ways(): Ways;
  /** What holds for the list as a whole: places in the queue, seeding goals, categories. */
  rules(): ListRules;
  /** Whether such a download would have to wait for its turn if it began now. */
  mayWait(download: Pick<Queued, 'options' | 'files'>): boolean;
  emit(event: EngineEvent): void;
  /** All of it is where it belongs for the first time. */
  done(download: DoneDownload): void;
  /** It has seeded enough, and is to go from the list; its files stay. */
  leaveList(key: TorrentKey): void;
  /** Stores the catalog, as something changed. */
  keep(): Promise<void>;
  /** As `keep`, where nobody waits for it. */
  keepSoon(): void;
}
