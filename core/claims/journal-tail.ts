import type { IdentityIndex, InfoHash, PieceIndex } from '../base/ids.ts';
import type { Disk } from '../ports/disk.ts';
import { journalPath, journalsIn, JournalKind, readJournal } from '../store/records/journal.ts';
import type { PieceNews } from './claim-store.ts';

/** Follows the journals of the other identities in a common directory: what they verified is present (A4). */
export class JournalTail {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #own: IdentityIndex;
  readonly #torrent: { readonly infoHash: InfoHash; readonly pieceCount: number };
  readonly #ends = new Map<IdentityIndex, number>();

  constructor(
    disk: Disk,
    folder: string,
    own: IdentityIndex,
    torrent: { readonly infoHash: InfoHash; readonly pieceCount: number },
  ) {
    this.#disk = disk;
    this.#folder = folder;
    this.#own = own;
    this.#torrent = torrent;
  }

  /** What each journal says last about each piece that it names since the last call. */
  async news(): Promise<PieceNews[]> {
    const out: PieceNews[] = [];
    const { infoHash, pieceCount } = this.#torrent;
    for (const identity of await journalsIn(this.#disk, this.#folder)) {
      if (identity === this.#own) continue;
      const path = journalPath(this.#folder, identity);
      const read = await readJournal(this.#disk, path, infoHash, pieceCount, this.#ends.get(identity) ?? 0);
      if (read === undefined) continue;
      this.#ends.set(identity, read.end);
      const last = new Map<PieceIndex, boolean>();
      for (const { kind, piece } of read.records) {
        if (kind !== JournalKind.synced) last.set(piece, kind === JournalKind.verified);
      }
      for (const [piece, present] of last) out.push({ piece, identity, present });
    }
    return out;
  }
}
