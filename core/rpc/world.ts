import { EnsembleError } from '../base/errors.ts';
import { type InfoHash, torrentKey, type TorrentKey } from '../base/ids.ts';
import type { DownloadSnapshot } from '../engine/engine.ts';
import type { Activity } from './activity.ts';
import type { Args } from './args.ts';
import type { RpcHost } from './host.ts';
import type { IdleLimits } from './idle-limits.ts';
import { RpcTorrent } from './torrent.ts';
import type { TorrentIds } from './torrent-ids.ts';

/** Most torrents that one request may name. */
const MAX_NAMED = 100_000;

/** All that methods work with. */
export interface World {
  readonly host: RpcHost;
  readonly ids: TorrentIds;
  readonly activity: Activity;
  readonly idle: IdleLimits;
}

/** The downloads that a request is about: `ids` is a number, a hash, a list of both, `recently-active`, or missing for all. */
export function chosen(world: World, args: Args): readonly DownloadSnapshot[] {
  const { engine } = world.host;
  const given = args.raw('ids');
  const ids = given === undefined ? args.raw('id') : given;
  if (ids === undefined) return engine.downloads();
  if (ids === 'recently-active') return engine.downloads().filter((one) => world.activity.isRecent(one));
  const named: readonly unknown[] = Array.isArray(ids) ? ids : [ids];
  if (named.length > MAX_NAMED) {
    throw new EnsembleError('usage', `${named.length} torrents are named; at most ${MAX_NAMED} may be.`);
  }
  const found = new Map<TorrentKey, DownloadSnapshot>();
  for (const id of named) {
    const one = typeof id === 'number' ? byNumber(world, id) : typeof id === 'string' ? byHash(world, id) : undefined;
    if (one !== undefined) found.set(one.key, one);
  }
  return [...found.values()];
}

function byNumber({ host, ids }: World, id: number): DownloadSnapshot | undefined {
  const key = ids.keyOf(id);
  return key && host.engine.download(key);
}

/** Of a hybrid both hashes count, and of one of version 2 also its first half, as others know it by. */
function byHash({ host }: World, text: string): DownloadSnapshot | undefined {
  const hash = text.toLowerCase();
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(hash)) return undefined;
  const { engine } = host;
  return (
    engine.download(torrentKey(hash as InfoHash)) ??
    engine.downloads().find(({ infoHashV1, infoHashV2 }) => infoHashV1 === hash || infoHashV2?.startsWith(hash))
  );
}

/** A download as fields are read from it. */
export function torrentOf({ host, ids, activity, idle }: World, of: DownloadSnapshot): RpcTorrent {
  return new RpcTorrent({ engine: host.engine, idle }, of, {
    id: ids.of(of.key),
    now: host.clock.wall(),
    lastActive: activity.last(of),
    goals: host.settings().seedGoals,
  });
}
