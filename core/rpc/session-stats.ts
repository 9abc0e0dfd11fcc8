import type { RpcHost } from './host.ts';
import type { Answer } from './args.ts';
import { STATUS, statusOf } from './status.ts';

/** `session-stats`. `started`: when the program began, by the clock's `now`. */
export function sessionStats({ engine, clock }: RpcHost, started: number): Answer {
  const all = engine.downloads();
  const active = all.filter((one) => statusOf(one) !== STATUS.stopped).length;
  let [down, up, downloadedBytes, uploadedBytes] = [0, 0, 0, 0];
  for (const { rate, downloaded, uploaded } of all) {
    down += rate.down;
    up += rate.up;
    downloadedBytes += downloaded;
    uploadedBytes += uploaded;
  }
  const secondsActive = Math.floor((clock.now() - started) / 1000);
  // What torrents that were removed had moved is not kept, so all that is known is of those that are there.
  const stats = { downloadedBytes, uploadedBytes, filesAdded: all.length, sessionCount: 1, secondsActive };
  return {
    activeTorrentCount: active,
    downloadSpeed: Math.round(down),
    pausedTorrentCount: all.length - active,
    torrentCount: all.length,
    uploadSpeed: Math.round(up),
    'cumulative-stats': stats,
    'current-stats': stats,
  };
}

/** `port-test`. Nobody outside is asked: it is what peers and the router let us know. */
export function portTest({ engine }: RpcHost): Answer {
  const open = engine
    .downloads()
    .some(({ identities }) =>
      identities.some(({ reachability }) => reachability.kind === 'reached' || reachability.kind === 'mapped'),
    );
  return { 'port-is-open': open };
}
