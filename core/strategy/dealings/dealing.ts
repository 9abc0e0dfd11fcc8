import type { PieceIndex } from '../../base/ids.ts';
import type { DealInput, DealtPeers } from '../peers/peer-dealing.ts';

/** What there is to be dealt out where each piece is one identity's from the start. */
export interface Homes {
  /** K. */
  readonly count: number;
  readonly pieceCount: number;
}

/**
 * How known peers, and pieces, are dealt among the identities of one download. One file each, and a line in `dealings.ts` under the name by which
 * people choose it; docs/lab.md shows how to write and try one.
 */
export interface Dealing {
  /**
   * Which peers each identity may dial, of those that are known; asked again where these, the identities or their connections change. What was
   * dealt before and is not now is dialled no more, but a connection stays. Identities of one `group` look alike from outside: most peers take one connection from all of them.
   */
  peers(input: DealInput): DealtPeers;
  /** Whether identities with many connections give some up for those of their group that have none, so that these are dealt to them. */
  readonly evensOut: boolean;
  /** Whose a piece is, 0 to K - 1, where each identity has pieces of its own (`selection: fixed`); without it each has a range. */
  home?(piece: PieceIndex, homes: Homes): number;
}
