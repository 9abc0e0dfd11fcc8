import type { IdentityIndex } from '../../base/ids.ts';
import { piece } from '../../base/ids.ts';
import type { VerifiedPiece } from '../../engine/statuses.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Disk } from '../../ports/disk.ts';
import { journalPath, JournalState, readJournal } from '../../store/records/journal.ts';
import type { PieceLedger } from '../download/piece-ledger.ts';

/**
 * The pieces that an identity verified and wrote but died before it reported, from its journal (A15). A journal that cannot be read
 * counts as empty: then its last pieces are fetched again.
 */
export async function readLostReports(
  disk: Disk,
  workFolder: string,
  info: Pick<Info, 'infoHash' | 'pieceCount'>,
  identity: IdentityIndex,
  ledger: PieceLedger,
): Promise<VerifiedPiece[]> {
  const path = journalPath(workFolder, identity);
  const read = await readJournal(disk, path, info.infoHash, info.pieceCount).catch(() => undefined);
  if (read === undefined) return [];
  const state = new JournalState(info.pieceCount);
  state.take(read.records);
  const told = [...state.verified.indexes()].filter((p) => !ledger.present.has(p));
  return told.map((p) => ({ piece: piece(p), from: [], seconds: 0, late: false }));
}

/** What becomes of the work of an identity whose process died (A15); undefined: it had none. */
export function healing(identity: IdentityIndex, journal: number, free: number): string | undefined {
  const parts = [
    ...(journal > 0 ? [`${journal} verified but not told of ${journal === 1 ? 'is' : 'are'} in its journal`] : []),
    ...(free > 0 ? [`${free} that it had claimed ${free === 1 ? 'is' : 'are'} free for the others`] : []),
  ];
  return parts.length === 0 ? undefined : `Pieces of identity ${identity + 1}: ${parts.join(', ')}.`;
}
