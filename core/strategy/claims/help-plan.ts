import type { IdentityIndex, PieceIndex } from '../../base/ids.ts';
import type { UrgentWorker } from './urgent-plan.ts';

/** An identity that fetches blocks of a sibling's piece for it. */
export interface Helper {
  readonly identity: IdentityIndex;
  /** What it receives, bytes a second. */
  readonly rate: number;
}

/** A piece whose claimant has blocks of it fetched by siblings. */
export interface Help {
  readonly piece: PieceIndex;
  readonly helpers: readonly Helper[];
}

export interface HelpInput {
  /** Somebody waits for these. */
  readonly waited: Iterable<PieceIndex>;
  readonly workers: readonly UrgentWorker[];
  /** Bytes. */
  readonly pieceLength: number;
  readonly claimant: (piece: PieceIndex) => IdentityIndex | undefined;
}

/** A piece that its claimant has within this time (s) is not shared: asking the others takes some of that. */
const SOON = 0.3;
/** An identity this many times slower than the fastest would only bring the last block. */
const SLOWER = 8;

/** Who helps whom: pieces that somebody waits for come from all identities that can, as one alone may take long for a piece. */
export function planHelp({ waited, workers, pieceLength, claimant }: HelpInput): Map<IdentityIndex, Help[]> {
  const out = new Map<IdentityIndex, Help[]>();
  for (const piece of waited) {
    const owner = workers.find(({ identity }) => identity === claimant(piece));
    if (owner === undefined || owner.rate * SOON >= pieceLength) continue;
    const able = workers.filter((one) => one.rate > 0 && one.able(piece));
    const least = Math.max(0, ...able.map(({ rate }) => rate)) / SLOWER;
    const helpers = able.filter((one) => one !== owner && one.rate >= least);
    if (helpers.length === 0) continue;
    const help = { piece, helpers: helpers.map(({ identity, rate }) => ({ identity, rate })) };
    out.set(owner.identity, [...(out.get(owner.identity) ?? []), help]);
  }
  return out;
}
