import { parseProxyUrl } from '../base/proxy-url.ts';
import { bindAddresses } from '../coordinator/run/bind-addresses.ts';
import type { DownloadOptions } from '../engine/engine.ts';
import { NodeHttp } from '../node/http.ts';
import { NodeInterfaces } from '../node/interfaces.ts';
import type { Http } from '../ports/http.ts';
import { httpBy } from '../proxy/proxied-net.ts';
import { VERSION } from './version.ts';

/** What decides by which way the user's own requests leave. */
export type ChosenWay = Pick<DownloadOptions, 'bind' | 'proxies'>;

/**
 * HTTP as the first identity would speak it: of `bind` and `proxies` the first is used, and no other way; where both are empty the system
 * chooses. `address`: the local one to ask from.
 */
export function chosenWay({ bind, proxies }: ChosenWay): { readonly http: Http; readonly address: string | undefined } {
  const [address] = bindAddresses(new NodeInterfaces(), bind.slice(0, 1), 1, true);
  const place = parseProxyUrl(proxies[0] ?? '');
  const direct = new NodeHttp(VERSION);
  return { http: place === undefined ? direct : httpBy(direct, place), address };
}
