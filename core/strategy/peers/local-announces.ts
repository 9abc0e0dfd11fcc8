import { MAX_IDENTITIES } from '../../base/bounds.ts';
import type { Millis } from '../../base/ids.ts';

/** What is known of the announces of one torrent by one way out. Times in ms; -Infinity: never. */
export interface LocalTorrent<Id = unknown> {
  readonly id: Id;
  /** When it was announced here. */
  readonly announcedAt: number;
  /** The last announce of it by a sibling on this machine, on the same network. */
  readonly sibling?: { readonly at: number; readonly identity: number } | undefined;
  /** Not before this time. */
  readonly notBefore: number;
  /** Somebody asked for it to be announced once more. */
  readonly asked: boolean;
}

/** How often a torrent is announced (BEP 14), and the least time between two announces of it by one machine. */
export const EVERY = 300_000;
const LEAST = 60_000;
/** Most announces of all torrents at a time, that is in a second: networks do not like bursts. */
const MOST_AT_ONCE = 2;

/** How much longer each identity waits than the one whose turn is before its own. */
const TURN = 3_000;

/** How long an identity waits for those before it where all of them begin. */
export function firstTurn(identity: number): number {
  return identity * TURN;
}

/**
 * When a torrent is to be announced next by this identity. Of several the one that follows the one that announced last comes first, so that
 * each gets its turn however many there are.
 */
export function nextLocalAnnounce(torrent: LocalTorrent, identity: number): Millis {
  const { announcedAt, sibling, notBefore, asked } = torrent;
  const due = Math.max(announcedAt + (asked ? LEAST : EVERY), notBefore);
  if (sibling === undefined || sibling.at <= announcedAt) return due as Millis;
  const before = (identity - sibling.identity - 1 + MAX_IDENTITIES) % MAX_IDENTITIES;
  return Math.max(due, sibling.at + LEAST + before * TURN) as Millis;
}

/** Which torrents are announced now: of those whose time has come the ones that waited longest. */
export function dueLocalAnnounces<Id>(torrents: readonly LocalTorrent<Id>[], now: Millis, identity: number): Id[] {
  return torrents
    .map((torrent) => ({ id: torrent.id, at: nextLocalAnnounce(torrent, identity) }))
    .filter(({ at }) => at <= now)
    .sort((a, b) => a.at - b.at)
    .slice(0, MOST_AT_ONCE)
    .map(({ id }) => id);
}
