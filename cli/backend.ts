import type { Clock } from '../core/ports/clock.ts';
import type { Disk } from '../core/ports/disk.ts';
import type { Hasher } from '../core/ports/hasher.ts';
import type { DownloadOptions, DownloadSnapshot, Engine, Source } from '../core/bridge/engine.ts';
import type { DemoOptions, DemoResult } from '../core/entry/demo.ts';
import type { IdentityIndex } from '../core/base/ids.ts';

/** One identity alone, with a common directory or a fixed range (A2, A6). */
export interface LoneOptions {
  readonly source: Source;
  readonly index: IdentityIndex;
  /** `identities` is K; `common` undefined: its range alone, left below `output`. */
  readonly options: DownloadOptions;
  /** Aborted: leaves the swarm, keeps what is there, and rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** About five times a second. Counts are those of this identity. */
  onProgress(snapshot: DownloadSnapshot): void;
}

export interface LoneResult {
  /** The last one. */
  readonly snapshot: DownloadSnapshot;
  /** Absolute: where its pieces lie, for `ensemble assemble`. */
  readonly folder: string;
}

/** What the commands stand on; `main.ts` builds the real one, tests a small one. */
export interface Backend {
  readonly clock: Clock;
  readonly disk: Disk;
  /** Its threads start at the first use. */
  hasher(): Hasher;
  createEngine(options: { readonly stateFolder?: string }): Promise<Engine>;
  runLoneIdentity(options: LoneOptions): Promise<LoneResult>;
  runDemo(options: DemoOptions): Promise<DemoResult>;
}
