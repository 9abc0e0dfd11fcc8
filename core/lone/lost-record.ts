import type { Bitfield } from '../base/bitfield.ts';
import { type PieceIndex, piece as pieceIndex } from '../base/ids.ts';
import type { ClaimStore } from '../claims/claim-store.ts';
import type { DownloadOptions } from '../engine/engine.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import { Journal, JournalKind, journalPath, JournalState, readJournal } from '../store/records/journal.ts';
import { readPartIndexes } from '../store/layouts/part-index.ts';
import { fixedRange, keepsToRanges } from '../strategy/claims/fixed-range.ts';

/** What is known when an identity's own records are damaged or gone. */
interface Lost {
  readonly info: Info;
  readonly geometry: Geometry;
  readonly options: DownloadOptions;
  /** Pieces that are there by anybody's remaining records. */
  readonly have: Bitfield;
}

type Own = Pick<DownloadSetup, 'identity' | 'count' | 'location'>;

/** Pieces that no record names and that this identity may have written: they have to be read. */
export async function maybeWritten(
  disk: Disk,
  store: ClaimStore,
  own: Own,
  lost: Lost,
): Promise<readonly PieceIndex[]> {
  const pieces = await candidates(disk, store, own, lost);
  return pieces.filter((piece) => !lost.have.has(piece));
}

async function candidates(
  disk: Disk,
  store: ClaimStore,
  { identity, count, location }: Own,
  { info, geometry, options }: Lost,
): Promise<readonly PieceIndex[]> {
  const { workFolder, layout } = location;
  if (layout === 'parts') {
    const indexes = await readPartIndexes(disk, workFolder, info.infoHash, geometry);
    return indexes.get(identity)?.pieces() ?? [];
  }
  const all = Array.from({ length: info.pieceCount }, (_, p) => pieceIndex(p));
  if (keepsToRanges(options)) {
    const { first, end } = fixedRange(identity, count, info.pieceCount);
    return all.slice(first, end);
  }
  const { claims } = await store.watch();
  // Without a single claim the claims are gone, too, as each piece is claimed before it is written.
  if (claims.size === 0) return all;
  const out: PieceIndex[] = [];
  for (const [piece, { turn }] of claims) if ((await store.holder(piece, turn)) === identity) out.push(piece);
  return out.sort((a, b) => a - b);
}

/** Records in this identity's journal the pieces that were read and are right and durable, so that siblings learn of them. */
export async function recordFound(
  disk: Disk,
  { identity, location }: Own,
  { infoHash, pieceCount }: Pick<Info, 'infoHash' | 'pieceCount'>,
  pieces: readonly PieceIndex[],
): Promise<void> {
  const path = journalPath(location.workFolder, identity);
  const said = new JournalState(pieceCount);
  said.take((await readJournal(disk, path, infoHash, pieceCount))?.records ?? []);
  const news = pieces.filter((piece) => !said.verified.has(piece));
  const journal = new Journal(disk, path, infoHash);
  try {
    await journal.append(JournalKind.verified, news);
    await journal.append(JournalKind.synced, news);
    await journal.sync();
  } finally {
    await journal.close();
  }
}
