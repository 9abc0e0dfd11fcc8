import type { Source } from '../engine/engine.ts';
import type { Scope } from '../base/ip-scope.ts';
import { fetchTorrent } from '../discovery/fetch-torrent.ts';
import { NodeClock } from '../node/clock.ts';
import { type ChosenWay, chosenWay } from './chosen-way.ts';

/** Fetches a .torrent file from a web server by the user's way: see `chosenWay`, `fetchTorrent`. Rejects with a sentence. */
export async function fetchTorrentFile(
  url: string,
  way: ChosenWay,
  signal?: AbortSignal,
  innermost?: Scope,
): Promise<Source> {
  const { http, address } = chosenWay(way);
  return fetchTorrent({ http, clock: new NodeClock() }, url, address, signal, innermost);
}
