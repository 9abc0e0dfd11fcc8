import type { Endpoint } from '../base/endpoint.ts';
import type { EnsembleError } from '../base/errors.ts';
import type { IdentityIndex, PeerId, PieceIndex } from '../base/ids.ts';

/** The last claim on a piece, as far as it is known. */
export interface Claimed {
  /** How often it was claimed before this time. */
  readonly turn: number;
  /** It was given back after that. */
  readonly free: boolean;
}

/** A piece to be claimed, and the claim that this one is to follow; undefined: it was never claimed. */
export interface Wish {
  readonly piece: PieceIndex;
  readonly after: Claimed | undefined;
}

/** An identity as it registers, so that siblings never connect to it (A14) and see whether it lives (A15). */
export interface MemberRecord {
  readonly index: IdentityIndex;
  readonly peerId: PeerId;
  /** Where it listens; `host` is empty before it does. */
  readonly endpoint: Endpoint;
  /** Which machine it runs on: tells those who listen on all addresses of one machine from those of another. */
  readonly machine: string;
  /** Another number each time that it says that it lives. Compared with the one before alone: clocks need not agree. */
  readonly heartbeat: number;
}

/** What a store holds at present. */
export interface StoreView {
  /** All that are registered, ascending. */
  readonly members: readonly MemberRecord[];
  /** Every piece that was ever claimed. Read after the members: a member that came back shows no later than its claims. */
  readonly claims: ReadonlyMap<PieceIndex, Claimed>;
}

/** What a sibling did to one piece since the last look. */
export interface PieceNews {
  readonly piece: PieceIndex;
  readonly identity: IdentityIndex;
  /** It was verified and written; else it was found wrong on disk later. */
  readonly present: boolean;
}

/**
 * Where identities that have no common coordinator agree on who fetches which piece, as one of them sees it (A4, A7). It
 * keeps claims, registrations and news, and decides nothing: who counts as dead and what is taken over says `StoreClaimer`.
 *
 * Whatever `claim` answers, of those who claim a piece in the same turn exactly one holds it. A store whose answer was lost
 * asks again: a claim that turns out to be this identity's own counts as granted, whenever it was made. One that is away
 * for a while is waited for in here; what rejects ends the download.
 */
export interface ClaimStore {
  /** For people, such as `common directory "/srv/film"`. */
  readonly name: string;
  /**
   * Takes the place of this identity. Rejects with EnsembleError('in-use') where it runs already; `replaced` is called
   * where another process takes its place later.
   */
  join(replaced: (error: EnsembleError) => void): Promise<void>;
  /** Registers this identity, or says that it still lives. */
  beat(own: MemberRecord): Promise<void>;
  /** Claims pieces, in this order, and says of each as soon as it is known. `turn`: granted in it; undefined: somebody else was first. */
  claim(wishes: readonly Wish[], answer: (wish: Wish, turn: number | undefined) => void): Promise<void>;
  /** Gives back what was claimed in these turns. */
  release(turns: ReadonlyMap<PieceIndex, number>): Promise<void>;
  /** Who holds the claim of that turn; undefined where the store does not say (yet). */
  holder(piece: PieceIndex, turn: number): Promise<IdentityIndex | undefined>;
  /** What is there now; also before this identity has joined. */
  watch(): Promise<StoreView>;
  /** The last word of each sibling on each piece of which there is news since the last call. */
  journal(): Promise<readonly PieceNews[]>;
  /** Tells the siblings what this identity verified and wrote. */
  record(pieces: readonly PieceIndex[]): Promise<void>;
  /** Takes this identity off. */
  leave(): Promise<void>;
}
