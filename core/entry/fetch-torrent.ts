import { parseProxyUrl } from '../base/proxy-url.ts';
import { bindAddresses } from '../coordinator/run/bind-addresses.ts';
import { fetchTorrent } from '../discovery/fetch-torrent.ts';
import type { DownloadOptions } from '../engine/engine.ts';
import { NodeClock } from '../node/clock.ts';
import { NodeHttp } from '../node/http.ts';
import { NodeInterfaces } from '../node/interfaces.ts';
import { httpBy } from '../proxy/proxied-net.ts';
import { VERSION } from './version.ts';

/**
 * Fetches a .torrent file from a web server as the first identity would: of `bind` and `proxies` the first is used, and no other way;
 * where both are empty the system chooses. Rejects with a sentence.
 */
export async function fetchTorrentFile(
  url: string,
  { bind, proxies }: Pick<DownloadOptions, 'bind' | 'proxies'>,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const [address] = bindAddresses(new NodeInterfaces(), bind.slice(0, 1), 1, true);
  const place = parseProxyUrl(proxies[0] ?? '');
  const direct = new NodeHttp(VERSION);
  const http = place === undefined ? direct : httpBy(direct, place);
  return fetchTorrent({ http, clock: new NodeClock() }, url, address, signal);
}
