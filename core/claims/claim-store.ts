import type { CollectMode, LinkKind } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { EnsembleError } from '../base/errors.ts';
import type { IdentityIndex, Millis, PeerId, PieceIndex } from '../base/ids.ts';

/** The last known claim of a piece. */
export interface Claimed {
  /** How often it was claimed before this time. */
  readonly turn: number;
  /** Whether it was given back after its last claim. */
  readonly free: boolean;
}

/** A piece to claim, and its last claim, which the new one is to follow; undefined: it was never claimed. */
export interface Wish {
  readonly piece: PieceIndex;
  readonly after: Claimed | undefined;
}

/** The registration of an identity. By it siblings know not to connect to it (A14), and whether it lives (A15). */
export interface MemberRecord {
  readonly index: IdentityIndex;
  readonly peerId: PeerId;
  /** Where it listens; `host` is empty before it does. */
  readonly endpoint: Endpoint;
  /** Identifies its machine, as identities that listen on all addresses are on this or another one. */
  readonly machine: string;
  /** A new number with each heartbeat. It is compared with the one before and nothing else, so that clocks need not agree. */
  readonly heartbeat: number;
  /** Of machines that have no disk in common. */
  readonly exchange?: Exchange;
}

/** What a machine says of the pieces that go from one to another. */
export interface Exchange {
  /** Where it gives out its pieces: addresses of its own, at most `MAX_HOSTS`, all with this port. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly collect: CollectMode;
  /** Whether it still fetches what others have, who stay as long as it does. */
  readonly collecting: boolean;
  /** For people. */
  readonly figures?: Figures;
  /** By what it leaves, for people. */
  readonly link?: LinkSaid;
}

/** What a machine says of the link by which it is in the swarm, of which it says the address elsewhere. */
export interface LinkSaid {
  readonly name?: string;
  readonly interfaceName?: string;
  readonly kind?: LinkKind;
  /** Without its password. */
  readonly proxy?: string;
}

/** How a machine fares: rates in bytes a second, payload in bytes. */
export interface Figures {
  readonly down: number;
  readonly up: number;
  readonly peers: number;
  readonly downloaded: number;
  readonly uploaded: number;
}

/** What a store holds at present. */
export interface StoreView {
  /** All registered identities, ascending. */
  readonly members: readonly MemberRecord[];
  /** Every piece that was ever claimed. Read after the members, so that a member that came back is seen no later than its claims. */
  readonly claims: ReadonlyMap<PieceIndex, Claimed>;
  /** Since when it was there all the time: before, siblings may have been unable to tell what they verified. Undefined: always. */
  readonly since?: Millis;
}

/** What a sibling did to one piece since the last look. */
export interface PieceNews {
  readonly piece: PieceIndex;
  readonly identity: IdentityIndex;
  /** True: it was verified and written. False: it was found wrong on disk later. */
  readonly present: boolean;
}

/**
 * Where identities that have no common coordinator agree on who fetches which piece, as one of them sees it (A4, A7). It keeps
 * claims, registrations and news, and decides nothing: `StoreClaimer` decides who counts as dead and what is taken over.
 *
 * Whatever `claim` answers, exactly one of those who claim a piece in the same turn holds it. An implementation whose answer was
 * lost asks again: a claim that turns out to be this identity's own counts as granted, whenever it was made. It waits by itself
 * while the store is away; a rejection ends the download.
 */
export interface ClaimStore {
  /** For people, such as `common directory "/srv/film"`. */
  readonly name: string;
  /**
   * Takes the place of this identity, which has `own` and nothing else. Rejects with EnsembleError('in-use') where it runs already;
   * `replaced` is called where another process takes its place later.
   */
  join(replaced: (error: EnsembleError) => void, own: readonly PieceIndex[]): Promise<void>;
  /** Registers this identity, or renews its heartbeat. */
  beat(own: MemberRecord): Promise<void>;
  /**
   * Claims pieces in this order, and answers for each as soon as that is known. `turn`: the turn in which it was granted;
   * undefined: somebody else was first.
   */
  claim(wishes: readonly Wish[], answer: (wish: Wish, turn: number | undefined) => void): Promise<void>;
  /** Gives back pieces that were claimed in these turns. */
  release(turns: ReadonlyMap<PieceIndex, number>): Promise<void>;
  /** Who claimed the piece in that turn; undefined where the store does not say (yet). */
  holder(piece: PieceIndex, turn: number): Promise<IdentityIndex | undefined>;
  /** What the store holds now. May be called before `join`. */
  watch(): Promise<StoreView>;
  /** What each sibling says last about each piece with news since the last call. */
  journal(): Promise<readonly PieceNews[]>;
  /** Tells the siblings what this identity verified and wrote. */
  record(pieces: readonly PieceIndex[]): Promise<void>;
  /** Calls back when a sibling said what it has or how it stands. Missing: such a store does not tell, it is looked at. */
  listen?(heard: () => void): void;
  /** Unregisters this identity. */
  leave(): Promise<void>;
}
