// Whom libtorrent unchokes, as a model of it. Source: arvidn/libtorrent at 069017e3 (2.1, in this as 2.0), src/choker.cpp, and
// `recalculate_unchoke_slots` and `recalculate_optimistic_unchoke_slots` of src/session_impl.cpp, with the defaults of src/settings_pack.cpp (slots of a fixed number).
// Where it differs: libtorrent finds as many as it has slots (`nth_element`), and of these, in no order, leaves out as many as are optimistic; here the last are left out.

/** Seconds between two decisions (`unchoke_interval`), and between two about the optimistic ones (`optimistic_unchoke_interval`). */
export const UNCHOKE_INTERVAL = 15;
export const OPTIMISTIC_INTERVAL = 30;
/** A turn at a seed lasts for so many pieces (`seeding_piece_quota`), and for this many seconds at least. */
const QUOTA_PIECES = 20;
const QUOTA_SECONDS = 60;

/** How libtorrent's `seed_choking_algorithm` ranks those who send nothing. */
export const SEED_CHOKING = ['round-robin', 'fastest-upload', 'anti-leech'] as const;
export type SeedChoking = (typeof SEED_CHOKING)[number];

/** A peer that wants something, as the choker sees it. Times in seconds; bytes of a round are those since the last decision. */
export interface Candidate {
  readonly choking: boolean;
  /** What it sent us in the last round, and we it. */
  readonly gotRound: number;
  readonly sentRound: number;
  /** What we sent it since it was unchoked, and in all. */
  readonly sentSince: number;
  readonly sent: number;
  /** When it was last unchoked; if it never was, when it connected (`m_last_unchoke` counts from `m_connect`). */
  readonly unchokedAt: number;
  readonly optimistic: boolean;
  /** When it was last unchoked optimistically; below 0: never. */
  readonly optimisticAt: number;
  /** How many pieces it has. */
  readonly pieces: number;
  /** Decides between equals: libtorrent leaves them in the order of its connections ({@link Places}). */
  readonly place: number;
}

interface Torrent {
  readonly now: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
}

/** How many are optimistic of all slots (`num_optimistic_unchoke_slots` of 0): a fifth of them, and at least one. */
export const optimisticSlots = (slots: number): number => Math.max(1, Math.floor(slots / 5));

/**
 * The order in which slots are given: first to whom sent us most in the last round, as only leechers have it so; then, who sent nothing, by
 * the seed's algorithm. Below 0: `a` comes first.
 */
export function compareForSlot(a: Candidate, b: Candidate, how: SeedChoking, torrent: Torrent): number {
  if (a.gotRound !== b.gotRound) return b.gotRound - a.gotRound;
  const ranked = RANKS[how](a, b, torrent);
  return ranked || a.unchokedAt - b.unchokedAt || a.place - b.place;
}

const RANKS: Readonly<Record<SeedChoking, (a: Candidate, b: Candidate, torrent: Torrent) => number>> = {
  'round-robin': (a, b, torrent) =>
    Number(hadTurn(a, torrent)) - Number(hadTurn(b, torrent)) ||
    (b.choking ? 0 : b.sentRound) - (a.choking ? 0 : a.sentRound),
  'fastest-upload': (a, b) => b.sentRound - a.sentRound,
  'anti-leech': (a, b, torrent) => antiLeechScore(b, torrent) - antiLeechScore(a, torrent),
};

function hadTurn({ choking, sentSince, unchokedAt }: Candidate, { now, pieceLength }: Torrent): boolean {
  return !choking && sentSince > pieceLength * QUOTA_PIECES && now - unchokedAt > QUOTA_SECONDS;
}

/** Those that have just begun, or nearly all, come first (Chow et al., "Improving BitTorrent: a simple approach"). */
function antiLeechScore({ pieces, sent }: Candidate, { pieceLength, pieceCount }: Torrent): number {
  const total = pieceLength * pieceCount;
  const has = Math.max(Math.min(sent, total / 2), pieces * pieceLength);
  return Math.floor(Math.abs(((has - total / 2) * 2000) / total));
}

/** The regular slots' new holders. `slots`: of all; some are left to the optimistic ones. */
export function chooseRegular<C extends Candidate>(
  candidates: readonly C[],
  slots: number,
  how: SeedChoking,
  torrent: Torrent,
): ReadonlySet<C> {
  const optimistic = candidates.filter((one) => one.optimistic).length || optimisticSlots(slots);
  const inOrder = [...candidates].sort((a, b) => compareForSlot(a, b, how, torrent));
  return new Set(inOrder.slice(0, Math.max(0, slots - optimistic)));
}

/** The new optimistic ones, of those that have no regular slot: who has waited longest. */
export function chooseOptimistic<C extends Candidate>(candidates: readonly C[], slots: number): ReadonlySet<C> {
  const able = candidates.filter((one) => one.choking || one.optimistic);
  able.sort((a, b) => a.optimisticAt - b.optimisticAt || a.place - b.place);
  return new Set(able.slice(0, optimisticSlots(slots)));
}
