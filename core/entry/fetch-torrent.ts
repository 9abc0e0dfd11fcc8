import { linksOf } from '../coordinator/run/links.ts';
import { fetchTorrent } from '../discovery/fetch-torrent.ts';
import type { DownloadOptions } from '../engine/engine.ts';
import { NodeClock } from '../node/clock.ts';
import { NodeHttp } from '../node/http.ts';
import { NodeInterfaces } from '../node/interfaces.ts';
import { NodeNet } from '../node/net.ts';
import { ProxiedHttp } from '../proxy/proxied-net.ts';
import { ProxyLink } from '../proxy/proxy-link.ts';
import { VERSION } from './version.ts';

/**
 * Fetches a .torrent file from a web server as the first identity of a download with these options would: by the first address or
 * interface and the first proxy, and no other way; the system chooses where there are none. Rejects with a sentence.
 */
export async function fetchTorrentFile(
  url: string,
  { bind, proxies }: Pick<DownloadOptions, 'bind' | 'proxies'>,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const interfaces = new NodeInterfaces();
  const direct = { clock: new NodeClock(), http: new NodeHttp(VERSION) };
  const [way] = linksOf(interfaces, { bind: bind.slice(0, 1), proxies: proxies.slice(0, 1) }, 1, true);
  const { address, proxy } = way ?? {};
  if (proxy === undefined || address === undefined) return fetchTorrent(direct, url, address, signal);
  const ports = { ...direct, interfaces, net: new NodeNet() };
  const link = new ProxyLink({ ports, url: proxy.url, from: proxy.from, address });
  try {
    return await fetchTorrent({ ...direct, http: new ProxiedHttp(ports, link) }, url, address, signal);
  } finally {
    link.close();
  }
}
