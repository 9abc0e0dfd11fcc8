import type { IdentityIndex, InfoHash } from '../base/ids.ts';
import type { Disk } from '../ports/disk.ts';
import { journalPath, journalsIn, JournalKind, readJournal } from '../store/journal.ts';

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

  /** What was verified since the last look; `owners` in step with `pieces`. */
  async news(): Promise<{ readonly pieces: Uint32Array; readonly owners: Uint8Array }> {
    const pieces: number[] = [];
    const owners: number[] = [];
    const { infoHash, pieceCount } = this.#torrent;
    for (const identity of await journalsIn(this.#disk, this.#folder)) {
      if (identity === this.#own) continue;
      const path = journalPath(this.#folder, identity);
      const read = await readJournal(this.#disk, path, infoHash, pieceCount, this.#ends.get(identity) ?? 0);
      if (read === undefined) continue;
      this.#ends.set(identity, read.end);
      for (const { kind, piece } of read.records) {
        if (kind !== JournalKind.verified) continue;
        pieces.push(piece);
        owners.push(identity);
      }
    }
    return { pieces: Uint32Array.from(pieces), owners: Uint8Array.from(owners) };
  }
}
