import type { ErrorCode } from '../base/errors.ts';
import type { StoreLocation } from '../store/layout.ts';

/** Coordinator to worker: a worker process does one job and ends. */
export type ToWorker =
  | WorkerTask
  /** Leave the job and end: what it has begun and nobody needs is cleared away. */
  | { readonly type: 'stop' };

export type WorkerTask =
  /** Read `pieces` (undefined: all) where they lie and check their hashes. */
  | {
      readonly type: 'recheck';
      readonly version: number;
      readonly rawInfo: Uint8Array;
      readonly location: StoreLocation;
      readonly count: number;
      readonly pieces?: Uint32Array;
      /** Owner of each piece; `UNKNOWN_OWNER`: nobody knows (parts). */
      readonly owners?: Uint8Array;
    }
  /** Join what lies in the working folder into the output (A13). */
  | {
      readonly type: 'assemble';
      readonly version: number;
      readonly rawInfo: Uint8Array;
      readonly location: StoreLocation;
      readonly count: number;
      readonly owners: Uint8Array;
      /** 1 for pieces that need no more verification: hashed in memory, written, synced (invariant 4). */
      readonly trusted: Uint8Array;
      /** 1 for files to assemble. */
      readonly wantedFiles: Uint8Array;
      /** Replace other files at the target (`--reuse`). */
      readonly replace: boolean;
    };

/** Worker to coordinator. */
export type FromWorker =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  /** `good`: 1 for pieces that are right. */
  | { readonly type: 'rechecked'; readonly good: Uint8Array }
  /** Absolute paths of the files that bear their final names now. */
  | { readonly type: 'assembled'; readonly files: readonly string[] }
  /** Assembly found pieces that are missing or wrong: they are to be fetched again. */
  | { readonly type: 'bad-pieces'; readonly pieces: Uint32Array }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string };
