import type { Statistics } from '../engine/statistics-kept.ts';
import type { RpcHost } from './host.ts';
import type { Answer } from './args.ts';
import { STATUS, statusOf } from './status.ts';

/** `session-stats`. */
export async function sessionStats({ engine, call }: RpcHost): Promise<Answer> {
  const { run, all: ever } = await call('statistics', null);
  const all = engine.downloads();
  const active = all.filter((one) => statusOf(one) !== STATUS.stopped).length;
  let [down, up] = [0, 0];
  for (const { rate } of all) {
    down += rate.down;
    up += rate.up;
  }
  return {
    activeTorrentCount: active,
    downloadSpeed: Math.round(down),
    pausedTorrentCount: all.length - active,
    torrentCount: all.length,
    uploadSpeed: Math.round(up),
    'cumulative-stats': shown(ever),
    'current-stats': shown(run),
  };
}

function shown({ downloaded, uploaded, added, starts, active }: Statistics): Answer {
  return {
    downloadedBytes: downloaded,
    uploadedBytes: uploaded,
    filesAdded: added,
    sessionCount: starts,
    secondsActive: Math.floor(active / 1000),
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
