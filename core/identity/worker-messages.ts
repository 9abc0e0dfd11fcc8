import * as v from 'valibot';
import { MAX_FILES, MAX_PIECES } from '../base/bounds.ts';
import type { TorrentDescription } from '../engine/engine.ts';
import {
  bytePerPiece,
  count,
  flag,
  type Frozen,
  infoHash,
  isWhole,
  listOf,
  pieces,
  text,
  torrentKey,
} from '../engine/values.ts';
import { variantBy } from '../engine/variant-by.ts';
import * as part from './message-parts.ts';

const job = {
  version: count,
  rawInfo: part.rawInfo,
  naming: v.exactOptional(part.naming),
  pieceRoots: v.exactOptional(part.pieceRoots),
  location: part.location,
  count: part.identityCount,
};

/** Most small rechecks that travel together. */
export const MOST_RECHECKS = 64;

/** Read `pieces` (undefined: all) where they lie and check their hashes. */
const recheck = v.object({
  type: v.literal('recheck'),
  ...job,
  pieces: v.exactOptional(pieces),
  /** Owner of each piece; `UNKNOWN_OWNER`: nobody knows (parts). */
  owners: v.exactOptional(bytePerPiece),
});
export type RecheckTask = Frozen<v.InferOutput<typeof recheck>>;

/** Coordinator to worker: a job when the one before is over. */
export const toWorker = variantBy('type', [
  recheck,
  /** Rechecks that each read so little that a message, a thread's turn and a wake for each would cost more. */
  v.object({ type: v.literal('rechecks'), jobs: v.pipe(v.array(recheck), v.maxLength(MOST_RECHECKS)) }),
  /** Assemble what lies in the working folder into the output (A13). */
  v.object({
    type: v.literal('assemble'),
    ...job,
    owners: bytePerPiece,
    /** 1 for pieces that need no further verification: hashed in memory, written, synced (invariant 4). */
    trusted: bytePerPiece,
    /** 1 for files to assemble. */
    wantedFiles: bytePerPiece,
    /** Replace other files at the target (`--reuse`). */
    replace: flag,
  }),
  /** Keep all that is to be moved in the new place (`assembly/bring-over`). */
  v.object({
    type: v.literal('bring'),
    ...job,
    /** The new output folder. */
    to: part.path,
    /** Name of the working folder, where it is moved, too. */
    work: v.exactOptional(part.path),
    /** 1 for files that have their final names. */
    placed: bytePerPiece,
  }),
  /** Say what is in a torrent file that is about to be added. */
  v.object({ type: v.literal('describe'), version: count, torrent: part.rawInfo }),
  /** Leave the job: what it has begun and nobody needs is cleared away. */
  v.object({ type: v.literal('stop') }),
]);
export type ToWorker = Frozen<v.InferOutput<typeof toWorker>>;
export type WorkerTask = Exclude<ToWorker, { readonly type: 'stop' }>;

const amountOf = /* @__NO_SIDE_EFFECTS__ */ (most: number) =>
  v.custom<number>((n) => isWhole(n, most), 'not an amount');
const description: v.GenericSchema<unknown, TorrentDescription> = v.object({
  key: torrentKey,
  infoHash,
  version: v.picklist([1, 2, 'hybrid']),
  name: text,
  length: count,
  pieceLength: count,
  pieceCount: amountOf(MAX_PIECES),
  files: v.object({
    indexes: v.instance(Uint32Array),
    lengths: v.instance(Float64Array),
    paths: v.instance(Uint8Array),
  }),
  fileCount: amountOf(MAX_FILES),
  fileSlots: amountOf(MAX_FILES),
  private: flag,
  trackers: count,
  comment: v.nullable(v.string()),
  notes: listOf(v.string()),
  renamed: v.object({ count, first: listOf(v.object({ path: v.string(), own: v.string() })) }),
});

/** Worker to coordinator. */
export const fromWorker = variantBy('type', [
  v.object({ type: v.literal('progress'), done: count, total: count }),
  /** `good`: 1 for pieces that are right. */
  v.object({ type: v.literal('rechecked'), good: bytePerPiece }),
  /** In the order of the jobs: as `good` above, or why it failed. */
  v.object({
    type: v.literal('all-rechecked'),
    results: v.pipe(
      v.array(v.union([bytePerPiece, v.object({ code: part.errorCode, message: text })])),
      v.maxLength(MOST_RECHECKS),
    ),
  }),
  /** Absolute paths of the files that now have their final names. */
  v.object({ type: v.literal('assembled'), files: v.pipe(v.array(v.string()), v.maxLength(MAX_FILES)) }),
  v.object({ type: v.literal('brought') }),
  /** Assembly found pieces that are missing or wrong: they have to be fetched again. */
  v.object({ type: v.literal('bad-pieces'), pieces }),
  v.object({ type: v.literal('described'), description }),
  v.object({ type: v.literal('failed'), code: part.errorCode, message: text }),
]);
export type FromWorker = Frozen<v.InferOutput<typeof fromWorker>>;
