import { type IdentityIndex, piece, UNKNOWN_OWNER } from '../../base/ids.ts';
import { PIECE } from '../../engine/piece-codes.ts';
import type { SwarmStatus } from '../../engine/statuses.ts';
import type { PieceLedger } from './piece-ledger.ts';

/** For each piece its code in a piece map, by what is there. Owners below `count` are identities, the others are not known any more. */
export function codesOf(ledger: PieceLedger, count: number): Uint8Array {
  const { present, placed, owners } = ledger;
  const codes = new Uint8Array(present.length).fill(PIECE.missing);
  for (let p = 0; p < codes.length; p++) {
    const owner = owners[p] ?? UNKNOWN_OWNER;
    if (present.has(p)) codes[p] = owner < count ? owner : PIECE.fromBefore;
    else if (placed.has(p)) codes[p] = PIECE.fromBefore;
    else if (!ledger.wants(piece(p))) codes[p] = PIECE.unwanted;
  }
  return codes;
}

interface Fetcher {
  readonly index: IdentityIndex;
  readonly status: Pick<SwarmStatus, 'begun' | 'begunFill'> | undefined;
}

/** Marks what identities have begun of what is missing; returns that as `PieceMapSnapshot.begun` has it. */
export function markBegun(codes: Uint8Array, fetchers: readonly Fetcher[]): number[] {
  const begun: number[] = [];
  for (const { index, status } of fetchers) {
    status?.begun.forEach((p, i) => {
      if (codes[p] !== PIECE.missing && codes[p] !== PIECE.fetching) return;
      codes[p] = PIECE.fetching;
      begun.push(p, index, status.begunFill[i] ?? 0);
    });
  }
  return begun;
}
