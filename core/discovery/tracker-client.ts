import { EnsembleError } from '../base/errors.ts';
import { remembered } from '../base/remembered.ts';
import type { Ports } from '../ports/ports.ts';
import type { TrackerClient } from './announce.ts';
import { HttpTracker } from './http-tracker.ts';
import type { UdpExchanges } from './udp-exchanges.ts';
import { UdpTracker } from './udp-tracker.ts';

export interface TrackerPorts extends Pick<Ports, 'clock' | 'http' | 'net' | 'random'> {
  /** Used for UDP trackers. */
  readonly udp: UdpExchanges;
}

const urlOf = remembered(256, (url) => (URL.canParse(url) ? new URL(url) : undefined));

/** A client for the protocol of the URL: http, https or udp. Throws EnsembleError('tracker') for anything else. */
export function openTracker(ports: TrackerPorts, url: string, address: string | undefined): TrackerClient {
  const bound = address !== undefined && { address };
  const parsed = urlOf(url);
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return new HttpTracker({ ports, url, ...bound });
  const port = Number(parsed?.port);
  if (parsed?.protocol !== 'udp:' || parsed.hostname === '' || port < 1) {
    throw new EnsembleError('tracker', `Not an announce URL: ${url.slice(0, 200)} (http, https or udp with a port)`);
  }
  const path = parsed.pathname === '/' ? '' : parsed.pathname;
  return new UdpTracker({
    ports,
    udp: ports.udp,
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port,
    urlData: new TextEncoder().encode(path + parsed.search),
    ...bound,
  });
}
