import { identityIndex, type IdentityIndex, type PieceIndex } from '../../base/ids.ts';
import { homeOf } from '../claims/fixed-range.ts';
import type { Dealing, Homes } from './dealing.ts';
import { even } from './even.ts';
import { everyone } from './everyone.ts';
import { striped } from './striped.ts';

const DEALINGS: Readonly<Record<string, Dealing>> = { even, striped, everyone };

/** Names by which dealings are chosen. */
export const DEALING_NAMES: readonly string[] = Object.keys(DEALINGS);

/** The dealing of this name; the usual one where none is named, or one that this program does not have. */
export function dealingNamed(name: string | undefined): Dealing {
  return (name !== undefined && Object.hasOwn(DEALINGS, name) ? DEALINGS[name] : undefined) ?? even;
}

/** Whether it deals out pieces, so that it is for `selection: fixed` alone. */
export const dealsPieces = (name: string | undefined): boolean => dealingNamed(name).home !== undefined;

/** Whose each piece is by a dealing, where each identity has pieces of its own. */
export function homesBy({ home }: Dealing, homes: Homes): (piece: PieceIndex) => IdentityIndex {
  const { count, pieceCount } = homes;
  if (home === undefined) return (piece) => homeOf(piece, count, pieceCount);
  return (piece) => {
    const at = Math.floor(home(piece, homes)) % count;
    // A piece that is nobody's would never come.
    return identityIndex(Number.isNaN(at) ? 0 : at < 0 ? at + count : at);
  };
}
