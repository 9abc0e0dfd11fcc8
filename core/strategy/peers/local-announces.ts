import type { Millis } from '../../base/ids.ts';

/** What is known of the announces of one torrent by one way out. Times in ms; -Infinity: never. */
export interface LocalTorrent<Id = unknown> {
  readonly id: Id;
  /** When it was announced here. */
  readonly announcedAt: number;
  /** When a sibling on this machine announced it on the same network. */
  readonly siblingAt: number;
  /** Not before this time. */
  readonly notBefore: number;
  /** Somebody asked for it to be announced once more. */
  readonly asked: boolean;
}

/** How often a torrent is announced (BEP 14), and the least time between two announces of it by one machine. */
const EVERY = 300_000;
const LEAST = 60_000;
/** Most announces of all torrents at a time, that is in a second: networks do not like bursts. */
const MOST_AT_ONCE = 2;

/** When a torrent is to be announced next. `turn`: how much longer than its siblings it waits where several want to. */
export function nextLocalAnnounce(torrent: LocalTorrent, turn: number): Millis {
  const { announcedAt, siblingAt, notBefore, asked } = torrent;
  const due = announcedAt + (asked ? LEAST : EVERY);
  return Math.max(due, notBefore, siblingAt > announcedAt ? siblingAt + LEAST + turn : -Infinity) as Millis;
}

/** Which torrents are announced now: of those whose time has come the ones that waited longest. */
export function dueLocalAnnounces<Id>(torrents: readonly LocalTorrent<Id>[], now: Millis, turn: number): Id[] {
  return torrents
    .map((torrent) => ({ id: torrent.id, at: nextLocalAnnounce(torrent, turn) }))
    .filter(({ at }) => at <= now)
    .sort((a, b) => a.at - b.at)
    .slice(0, MOST_AT_ONCE)
    .map(({ id }) => id);
}
