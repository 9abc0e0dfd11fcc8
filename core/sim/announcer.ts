import type { Endpoint } from '../base/endpoint.ts';
import type { InfoHashV1, PeerId } from '../base/ids.ts';
import { encode } from '../bencode/bencode.ts';
import { AddressVotes } from '../discovery/address-votes.ts';
import type { TrackerAnnouncerOptions } from '../discovery/announcer-options.ts';
import { Scraper } from '../discovery/scraper.ts';
import { TrackerAnnouncer } from '../discovery/tracker-announcer.ts';
import { UdpExchanges } from '../discovery/udp-exchanges.ts';
import type { Clock } from '../ports/clock.ts';
import type { HttpRequest, HttpResponse } from '../ports/http.ts';
import { VirtualClock } from './clock.ts';
import { SimHttp } from './http.ts';
import { SimNet } from './net.ts';
import { SeededRandom } from './random.ts';

const PEERS = Uint8Array.of(10, 0, 0, 9, 0x1a, 0xe1);
/** An ordinary answer of a tracker. */
export const ok = (fields: Record<string, number | Uint8Array> = {}): HttpResponse => ({
  status: 200,
  body: encode({ interval: 1800, peers: PEERS, ...fields }),
});
export const text = (s: string): Uint8Array => new TextEncoder().encode(s);

/** One announce that a tracker received: `at` in seconds. */
interface Announce {
  readonly at: number;
  readonly tracker: string;
  readonly event: string | null;
  readonly query: URLSearchParams;
}

/** An announcer, and trackers by the names of their hosts. */
export function announcerScene(
  trackers: readonly (readonly string[])[],
  options: Partial<TrackerAnnouncerOptions> = {},
  wrapped: (clock: VirtualClock) => Clock = (clock) => clock,
) {
  const clock = new VirtualClock();
  const random = new SeededRandom(3);
  const http = new SimHttp(clock);
  const world = new SimNet(clock, random);
  const net = world.host('10.0.1.1');
  const external = new AddressVotes();
  const heard: Announce[] = [];
  const found: Endpoint[] = [];
  const warnings: string[] = [];
  const state = { peers: 100, left: 10, complete: false };
  const on = (host: string, answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>): void =>
    http.on(`http://${host}/announce`, (request) => {
      const url = new URL(request.url);
      const query = url.searchParams;
      heard.push({ at: clock.now() / 1000, tracker: url.host, event: query.get('event'), query });
      return answer(request);
    });
  const ports = { clock: wrapped(clock), random, http, net, udp: new UdpExchanges(() => {}) };
  const scraper = new Scraper(ports, options.address);
  const announcer = new TrackerAnnouncer({
    ports,
    scraper,
    infoHash: '61'.repeat(20) as InfoHashV1,
    peerId: '62'.repeat(20) as PeerId,
    trackerKey: 0xabc,
    trackers: trackers.map((tier) => tier.map((host) => `http://${host}/announce`)),
    port: () => 7000,
    totals: () => ({ uploaded: 1, downloaded: 2, left: state.left }),
    complete: () => state.complete,
    peerCount: () => state.peers,
    minPeers: 20,
    maxPeers: () => 80,
    onExternalAddress: (tracker, address) => external.vote(tracker, address),
    found: (_, peers) => found.push(...peers),
    onWarning: (line) => warnings.push(line),
    ...options,
  });
  const log = (): string[] => heard.map(({ at, tracker, event }) => `${at} ${tracker}${event ? ` ${event}` : ''}`);
  return { clock, ports, scraper, world, net, external, http, heard, found, warnings, state, on, announcer, log };
}

/** A tracker that is down, and one that is silent. */
export const fail = (): HttpResponse => ({ status: 503, body: new Uint8Array() });
export const never = (): Promise<HttpResponse> => new Promise(() => {});
