import type { PieceMap } from '../../core/bridge/views.ts';
import { MISSING } from './codes.ts';

/** A piece on its way: who fetches it and how much of it is there, 0 to 255. */
export interface Arriving {
  readonly identity: number;
  readonly fill: number;
}

/** First piece that changed, and one beyond the last. */
export type Range = readonly [from: number, to: number];

const NOTHING = new Uint8Array(0);

/** The state of every piece of one download, updated in place; whoever draws it is told which ranges changed. */
export class MapData {
  readonly count: number;
  readonly #listeners = new Set<(ranges: readonly Range[]) => void>();
  #codes: Uint8Array;
  #availability: Uint8Array = NOTHING;
  #begun: Uint32Array = new Uint32Array(0);
  #arriving: Map<number, Arriving> = new Map();

  constructor(count: number) {
    this.count = count;
    this.#codes = new Uint8Array(count).fill(MISSING);
  }

  /** For a map that never changes, without pieces on their way. */
  static still(pieces: Uint8Array): MapData {
    const data = new MapData(pieces.length);
    data.#codes = pieces;
    return data;
  }

  /** A code for each piece (`PIECE`, or the identity that fetched it). */
  get codes(): Uint8Array {
    return this.#codes;
  }

  /** Pieces on their way, by index. */
  get arriving(): ReadonlyMap<number, Arriving> {
    return this.#arriving;
  }

  /** How many peers have a piece; undefined where that is not known. */
  availability(piece: number): number | undefined {
    return this.#availability[piece];
  }

  /** Takes over a newer map of the same number of pieces, and tells the listeners what differs. */
  update(map: PieceMap): void {
    const ranges = differing(this.#codes, map.pieces);
    this.#codes = map.pieces;
    this.#availability = map.availability;
    if (map.begun !== this.#begun) ranges.push(...this.#setArriving(map.begun));
    this.#begun = map.begun;
    if (ranges.length > 0) for (const listener of this.#listeners) listener(ranges);
  }

  /** Returns a function that stops listening. */
  onChange(listener: (ranges: readonly Range[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #setArriving(triples: Uint32Array): Range[] {
    const next = new Map<number, Arriving>();
    const changed: Range[] = [];
    for (let i = 0; i + 2 < triples.length; i += 3) {
      const piece = triples[i] ?? 0;
      const identity = triples[i + 1] ?? 0;
      const fill = triples[i + 2] ?? 0;
      const before = this.#arriving.get(piece);
      const same = before?.identity === identity && before.fill === fill;
      next.set(piece, same ? before : { identity, fill });
      if (!same && piece < this.count) changed.push([piece, piece + 1]);
    }
    for (const piece of this.#arriving.keys()) if (!next.has(piece)) changed.push([piece, piece + 1]);
    this.#arriving = next;
    return changed;
  }
}

function differing(before: Uint8Array, after: Uint8Array): Range[] {
  if (before === after) return [];
  const out: Range[] = [];
  const length = Math.min(before.length, after.length);
  for (let i = 0; i < length; i++) {
    if (before[i] === after[i]) continue;
    const from = i;
    while (i < length && before[i] !== after[i]) i++;
    out.push([from, i]);
  }
  return out;
}
