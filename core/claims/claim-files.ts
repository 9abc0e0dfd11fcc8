import { type IdentityIndex, identityIndex, type PieceIndex, piece as pieceIndex } from '../base/ids.ts';
import { type Disk, diskCode } from '../ports/disk.ts';
import type { Claimed } from './claim-store.ts';

/** Most bytes that are read of a claim file. */
const MAX_BYTES = 256;
const VERSION = 1;
/** The folder that the claims lie in. */
export const CLAIMS = 'claims';

/**
 * Claims in a common directory (A7). The first claim of a piece is the exclusive create of `claims/<piece>` (with the
 * `pieces` layout of `pieces/<piece>` before it), the next ones of `claims/<piece>.<turn>`; `claims/<piece>.<turn>.free`
 * gives one back. Nothing is ever removed, so that every claim is made by exactly one identity, also one that takes over from a
 * dead sibling.
 */
export class ClaimFiles {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #pieces: string | undefined;
  readonly #identity: IdentityIndex;
  /** Pieces whose files have been made, by us or by somebody who was first: from then on only the claims decide. */
  readonly #made = new Set<PieceIndex>();
  /** Holders that were read once: who made a claim never changes. */
  readonly #holders = new Map<PieceIndex, { readonly turn: number; readonly holder: IdentityIndex }>();

  constructor(disk: Disk, workFolder: string, withPieceFiles: boolean, identity: IdentityIndex) {
    this.#disk = disk;
    this.#folder = `${workFolder}/${CLAIMS}`;
    this.#pieces = withPieceFiles ? `${workFolder}/pieces` : undefined;
    this.#identity = identity;
  }

  async open(): Promise<void> {
    await this.#disk.makeDirectory(this.#folder);
    if (this.#pieces !== undefined) await this.#disk.makeDirectory(this.#pieces);
  }

  /** Every piece that was ever claimed. Other file names are ignored. */
  async scan(pieceCount: number): Promise<Map<PieceIndex, Claimed>> {
    const out = new Map<PieceIndex, Claimed>();
    for (const name of await this.#disk.list(this.#folder)) {
      const match = /^(0|[1-9]\d{0,5})(?:\.(0|[1-9]\d{0,5}))?(\.free)?$/.exec(name);
      if (match === null || Number(match[1]) >= pieceCount) continue;
      const piece = pieceIndex(Number(match[1]));
      const turn = Number(match[2] ?? 0);
      const free = match[3] !== undefined;
      const known = out.get(piece);
      if (known === undefined || turn > known.turn || (turn === known.turn && free)) out.set(piece, { turn, free });
    }
    return out;
  }

  /** Claims a piece after `before` (undefined: it was never claimed); resolves to the turn, or undefined where another was first. */
  async claim(piece: PieceIndex, before: Claimed | undefined): Promise<number | undefined> {
    if (before === undefined && this.#pieces !== undefined && !this.#made.has(piece)) {
      // Whoever makes this file then claims the piece in `claims/`; where a crash comes between the two, the claim there decides.
      const first = await this.#create(`${this.#pieces}/${piece}`, new Uint8Array(0));
      this.#made.add(piece);
      if (!first) return undefined;
    }
    const turn = before === undefined ? 0 : before.turn + 1;
    const record = JSON.stringify({ version: VERSION, identity: this.#identity });
    if (await this.#create(this.#path(piece, turn), new TextEncoder().encode(record))) return turn;
    // A network disk may have made the file and lost the answer. Only this process writes this identity's number.
    return (await this.holder(piece, turn)) === this.#identity ? turn : undefined;
  }

  /** Gives back a piece that was claimed in that turn. */
  async release(piece: PieceIndex, turn: number): Promise<void> {
    await this.#create(`${this.#folder}/${piece}.${turn}.free`, new Uint8Array(0));
  }

  /** Who claimed a piece in that turn; undefined where the file does not say (yet). */
  async holder(piece: PieceIndex, turn: number): Promise<IdentityIndex | undefined> {
    const known = this.#holders.get(piece);
    if (known?.turn === turn) return known.holder;
    const data = await this.#disk.readFile(this.#path(piece, turn), MAX_BYTES);
    const holder = data && decodeHolder(data);
    if (holder !== undefined) this.#holders.set(piece, { turn, holder });
    return holder;
  }

  #path(piece: PieceIndex, turn: number): string {
    return turn === 0 ? `${this.#folder}/${piece}` : `${this.#folder}/${piece}.${turn}`;
  }

  async #create(path: string, content: Uint8Array): Promise<boolean> {
    let file;
    try {
      file = await this.#disk.open(path, 'create');
    } catch (error) {
      if (diskCode(error) === 'EEXIST') return false;
      throw error;
    }
    try {
      if (content.length > 0) await file.write(content, 0);
    } finally {
      await file.close();
    }
    return true;
  }
}

function decodeHolder(data: Uint8Array): IdentityIndex | undefined {
  try {
    const record: unknown = JSON.parse(new TextDecoder().decode(data));
    if (typeof record !== 'object' || record === null || !('identity' in record)) return undefined;
    const { identity } = record;
    const valid = typeof identity === 'number' && Number.isInteger(identity) && identity >= 0 && identity < 255;
    return valid ? identityIndex(identity) : undefined;
  } catch {
    return undefined; // half-written
  }
}
