import { bindAddresses } from '../coordinator/run/bind-addresses.ts';
import { fetchTorrent } from '../discovery/fetch-torrent.ts';
import { NodeClock } from '../node/clock.ts';
import { NodeHttp } from '../node/http.ts';
import { NodeInterfaces } from '../node/interfaces.ts';
import { VERSION } from './version.ts';

/**
 * Fetches a .torrent file from a web server. `bind`: addresses or interface names, of which the first is used and no other way; empty:
 * the system chooses. Rejects with a sentence.
 */
export async function fetchTorrentFile(
  url: string,
  bind: readonly string[],
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const [address] = bindAddresses(new NodeInterfaces(), bind.slice(0, 1), 1, true);
  return fetchTorrent({ http: new NodeHttp(VERSION), clock: new NodeClock() }, url, address, signal);
}
