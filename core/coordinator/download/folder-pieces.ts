import { piece, type PieceIndex, UNKNOWN_OWNER } from '../../base/ids.ts';
import { recordLost } from '../../store/records/journal.ts';
import type { DownloadEnv } from '../download-env.ts';
import { loadProgress, type RecordedProgress } from '../folder/work-folder.ts';
import { changedInFolder } from './changed-files.ts';
import type { PieceLedger } from './piece-ledger.ts';
import type { PrepareInput } from './prepare-input.ts';
import { readPieces } from './read-pieces.ts';

/**
 * Enters into the ledger what the working folder holds. Pieces that an unclean end left in doubt, or whose files somebody changed, are
 * read before they count; with `everything` all are. Resolves to what the records say.
 */
export async function takeFolder(
  env: DownloadEnv,
  input: PrepareInput,
  ledger: PieceLedger,
): Promise<RecordedProgress> {
  const { info, workFolder, everything } = input;
  const progress = await loadProgress(env.ports.disk, workFolder, info);
  takeRecords(ledger, progress);
  const changed = everything ? [] : await changedMeanwhile(env, input, progress);
  if (progress.damaged)
    input.warn(`The record of what is there of ${info.name} is damaged or gone: all of it is read again.`);
  const doubtful = everything
    ? Uint32Array.from({ length: info.pieceCount }, (_, p) => p)
    : Uint32Array.from(new Set([...progress.doubtful, ...changed]));
  if (doubtful.length > 0) await confirm(env, input, ledger, progress.owners, doubtful);
  return progress;
}

/** Takes over what the records say, without reading any piece. */
export function takeRecords(ledger: PieceLedger, { have, owners }: RecordedProgress): void {
  for (const p of have.indexes()) {
    ledger.add(piece(p), owners[p] ?? UNKNOWN_OWNER);
    ledger.synced.add(p);
  }
}

/** Pieces that are there according to the records, but lie in files that somebody else changed. */
function changedMeanwhile(
  env: DownloadEnv,
  input: PrepareInput,
  { have, owners, doubtful, clean }: RecordedProgress,
): Promise<readonly PieceIndex[]> {
  const believed = have.clone();
  for (const p of doubtful) believed.delete(p);
  return changedInFolder(env.ports, input, { have: believed, owners, clean });
}

/** Reads pieces again, and corrects the ledger. */
async function confirm(
  env: DownloadEnv,
  input: PrepareInput,
  ledger: PieceLedger,
  owners: Uint8Array,
  doubtful: Uint32Array,
): Promise<void> {
  const good = await readPieces(env, input, doubtful, { where: 'folder', owners });
  const lost = [...doubtful].filter((p) => good[p] !== 1 && ledger.present.has(p)).map(piece);
  // Before anything else is written, so that after a crash no record says that they are there (invariants 4 and 7).
  const { infoHash, pieceCount } = input.info;
  if (lost.length > 0) await recordLost(env.ports.disk, input.workFolder, infoHash, pieceCount, lost);
  for (const p of lost) ledger.remove(p);
  for (const p of doubtful) {
    if (good[p] !== 1) continue;
    ledger.add(piece(p), owners[p] ?? UNKNOWN_OWNER);
    ledger.synced.add(p);
  }
}
