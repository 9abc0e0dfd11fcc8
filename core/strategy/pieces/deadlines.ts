import { piece as pieceIndex, type PieceIndex } from '../../base/ids.ts';

/** Somebody who reads a file from some place on. */
export interface Reading {
  /** The piece that it reads next. */
  readonly at: PieceIndex;
  /** First and last piece of the file. */
  readonly first: PieceIndex;
  readonly last: PieceIndex;
}

export interface DeadlineInput {
  /** Those who wait first. */
  readonly readings: readonly Reading[];
  /** Bytes. */
  readonly pieceLength: number;
  /** Whether a piece is wanted and not there yet. */
  readonly isMissing: (piece: PieceIndex) => boolean;
}

/** So far ahead of a reader all is wanted before anything else: some 10 s of a film of 25 Mbit/s. */
const AHEAD_BYTES = 32 * 1024 * 1024;
const LEAST_AHEAD = 4;
const MOST_AHEAD = 256;
/** Players look for tables at the beginning and the end of a file, mostly within this. */
const ENDS_BYTES = 512 * 1024;
/** The ends come after this many pieces for the reader itself. */
const ENDS_AFTER = 2;

/**
 * The missing pieces that readers need first, in the order of their deadlines: for each what it reads next, then both ends of its
 * file, then what follows. Readers take turns.
 */
export function deadlineOrder({ readings, pieceLength, isMissing }: DeadlineInput): PieceIndex[] {
  const most = Math.min(MOST_AHEAD, Math.max(LEAST_AHEAD, Math.ceil(AHEAD_BYTES / pieceLength)));
  const ends = Math.ceil(ENDS_BYTES / pieceLength);
  const lines = readings.map(({ at, first, last }) => {
    const ahead: PieceIndex[] = [];
    for (let p: number = at; p <= last && p < at + most; p++) if (isMissing(pieceIndex(p))) ahead.push(pieceIndex(p));
    const both: PieceIndex[] = [];
    for (let i = 0; i < ends; i++) {
      for (const p of [first + i, last - i])
        if (p >= first && p <= last && isMissing(pieceIndex(p))) both.push(pieceIndex(p));
    }
    return [...ahead.slice(0, ENDS_AFTER), ...both, ...ahead.slice(ENDS_AFTER)];
  });
  const out = new Set<PieceIndex>();
  for (let i = 0; out.size < most && lines.some((line) => i < line.length); i++) {
    for (const line of lines) {
      const next = line[i];
      if (next !== undefined && out.size < most) out.add(next);
    }
  }
  return [...out];
}
