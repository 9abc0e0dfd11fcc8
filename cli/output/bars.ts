import { MAX_IDENTITIES } from '../../core/base/bounds.ts';
import type { PieceMapSnapshot } from '../../core/engine/engine.ts';
import { PIECE } from '../../core/engine/piece-codes.ts';

/** What one character of a bar stands for: a run of pieces, or part of one. */
export interface Cell {
  /** 0 to 1: how much of it is there. */
  readonly fill: number;
  /** Some of it is being fetched. */
  readonly active: boolean;
  /** The identity that fetched most of it; undefined where none did. */
  readonly owner?: number;
}

/** The bar of the whole download and one for each identity, over the same pieces from left to right. */
export interface PieceBars {
  readonly whole: readonly Cell[];
  readonly identities: readonly (readonly Cell[])[];
}

/** Sums up a piece map in `width` characters, in one pass over the pieces. */
export function pieceBars(map: PieceMapSnapshot, identities: number, width: number): PieceBars {
  const total = map.pieces.length;
  const runs = Math.min(width, total);
  const stride = MAX_IDENTITIES + 2;
  // For each run of pieces: how many are of each identity, from before, and being fetched.
  const counts = new Uint32Array(runs * stride);
  for (let i = 0; i < total; i++) {
    const value = map.pieces[i] ?? 0;
    const column =
      value < MAX_IDENTITIES
        ? value
        : value === PIECE.fromBefore
          ? MAX_IDENTITIES
          : value === PIECE.fetching
            ? MAX_IDENTITIES + 1
            : -1;
    if (column < 0) continue;
    const at = Math.floor((i * runs) / total) * stride + column;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  const fetching = new Set<number>();
  for (let i = 0; i + 2 < map.begun.length; i += 3) {
    fetching.add(Math.floor(((map.begun[i] ?? 0) * runs) / total) * stride + (map.begun[i + 1] ?? 0));
  }

  const sizeOf = (run: number) => Math.ceil(((run + 1) * total) / runs) - Math.ceil((run * total) / runs);
  const wholeCell = (run: number): Cell => {
    let have = counts[run * stride + MAX_IDENTITIES] ?? 0;
    let most = have;
    let owner: number | undefined;
    for (let k = 0; k < MAX_IDENTITIES; k++) {
      const n = counts[run * stride + k] ?? 0;
      have += n;
      if (n > most) {
        most = n;
        owner = k;
      }
    }
    const active = (counts[run * stride + MAX_IDENTITIES + 1] ?? 0) > 0;
    return { fill: have / sizeOf(run), active, ...(owner === undefined ? {} : { owner }) };
  };
  const ownCell =
    (k: number) =>
    (run: number): Cell => ({
      fill: (counts[run * stride + k] ?? 0) / sizeOf(run),
      active: fetching.has(run * stride + k),
      owner: k,
    });
  const spread = (cell: (run: number) => Cell): Cell[] => {
    const cells = Array.from({ length: runs }, (_, run) => cell(run));
    const empty: Cell = { fill: 0, active: false };
    return Array.from({ length: width }, (_, c) => cells[Math.floor((c * runs) / width)] ?? empty);
  };
  return {
    whole: spread(wholeCell),
    identities: Array.from({ length: identities }, (_, k) => spread(ownCell(k))),
  };
}

const HEIGHTS = ' ▁▂▃▄▅▆▇█';
const WIDTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/** A cell as a character: the more of it is there, the higher; a dot where it has only begun. */
export function cellCharacter({ fill, active }: Cell): string {
  if (fill <= 0) return active ? '·' : ' ';
  return HEIGHTS[Math.max(1, Math.min(8, Math.floor(fill * 8)))] ?? ' ';
}

/** A bar from left to right, in eighths of a character. */
export function plainBar(fraction: number, width: number): string {
  const eighths = Math.floor(Math.min(1, Math.max(0, fraction)) * width * 8);
  const bar = '█'.repeat(Math.floor(eighths / 8)) + (WIDTHS[eighths % 8] ?? '');
  return bar.padEnd(width);
}
