import { type Bytes, bytes } from '../../base/ids.ts';
import { type Seconds, seconds } from '../seconds.ts';
import type { IdentityOutcome, Outcome, PeerOutcome, PieceTime } from '../world.ts';
import type { Moved } from './others.ts';
import { type PlannedPeer, type PlannedUser, roleOf } from './plan.ts';
import type { UserTold } from './user.ts';

/** How one of the others fared, in milliseconds from the begin; undefined: it did not come to that. */
export interface PlayedPeer {
  readonly planned: PlannedPeer;
  readonly came: number | undefined;
  readonly finished: number | undefined;
  readonly left: number | undefined;
  readonly moved: Moved;
}

/** How the user fared. */
export interface PlayedUser {
  readonly planned: PlannedUser;
  readonly K: number;
  readonly came: number;
  readonly finished: number | undefined;
  /** The begin by the clock that `told.pieces` are of. */
  readonly begin: number;
  readonly told: UserTold;
}

type End = Pick<Outcome, 'end' | 'programs' | 'notes'> & { readonly lasted: number };

const since = (from: number | undefined, to: number | undefined): Seconds | null =>
  from === undefined || to === undefined ? null : seconds((to - from) / 1000);

/** What came of a run. */
export function outcomeOf(user: PlayedUser, peers: readonly PlayedPeer[], { lasted, ...end }: End): Outcome {
  const { told, came } = user;
  return {
    ...end,
    lasted: seconds(lasted / 1000),
    user: {
      came: seconds(came / 1000),
      seconds: since(came, user.finished),
      down: bytes(told.down),
      up: bytes(told.up),
      wasted: bytes(told.wasted),
      twice: told.twice,
      identities: Array.from({ length: user.K }, (_, index) => identityOutcome(index, user, peers)),
    },
    peers: peers.map(peerOutcome),
  };
}

function identityOutcome(index: number, user: PlayedUser, peers: readonly PlayedPeer[]): IdentityOutcome {
  const { told, came, planned, begin, K } = user;
  const address = planned.bind[index % planned.bind.length] ?? '';
  const pieces = told.pieces
    .filter(({ identity }) => identity === index)
    .map(({ at, piece }): PieceTime => [seconds((at - begin - came) / 1000), piece])
    .toSorted((a, b) => a[0] - b[0]);
  // Behind one address nobody can tell whom of them something was sent.
  const apart = planned.bind.length === K;
  const { down = 0, up = 0 } = told.identities[index] ?? {};
  return {
    index,
    address,
    seconds: pieces.at(-1)?.[0] ?? null,
    down: bytes(down),
    up: bytes(up),
    fromSeeds: apart ? sentTo(address, 'seed', peers) : null,
    fromLeechers: apart ? sentTo(address, 'leecher', peers) : null,
    pieces,
  };
}

/** What all of a role sent there; null: not all of them tell. */
function sentTo(address: string, role: PlannedPeer['role'], peers: readonly PlayedPeer[]): Bytes | null {
  const all = peers.filter(({ planned, came }) => planned.role === role && came !== undefined);
  if (all.some(({ moved }) => moved.hosts === undefined)) return null;
  return bytes(all.reduce((sum, { moved }) => sum + (moved.hosts?.[address]?.[1] ?? 0), 0));
}

function peerOutcome({ planned, came, finished, left, moved }: PlayedPeer): PeerOutcome {
  const { role, group, index } = planned;
  const user = Object.entries(moved.hosts ?? {}).filter(([host]) => roleOf(host) === 'user');
  const withUser = (way: 0 | 1): Bytes | null =>
    moved.hosts === undefined ? null : bytes(user.reduce((sum, [, both]) => sum + both[way], 0));
  return {
    role,
    group,
    index,
    came: since(0, came),
    seconds: role === 'seed' ? null : since(came, finished),
    left: since(0, left),
    down: bytes(moved.down),
    up: bytes(moved.up),
    toUser: withUser(1),
    fromUser: withUser(0),
  };
}
