import { expect, test } from 'vitest';
import type { InfoHashV1, PeerId } from '../base/ids.ts';
import { Scraper } from '../discovery/scraper.ts';
import { TrackerAnnouncer } from '../discovery/tracker-announcer.ts';
import { UdpExchanges } from '../discovery/udp-exchanges.ts';
import type { HttpResponse } from '../ports/http.ts';
import { never, ok } from './announcer.ts';
import { VirtualClock } from './clock.ts';
import { SimHttp } from './http.ts';
import { SimNet } from './net.ts';
import { SeededRandom } from './random.ts';

const TORRENTS = 5000;
const TRACKERS = 50;
/** How long a tracker takes to answer, in ms. */
const ANSWERS_AFTER = 100;

/** Trackers that count who asks them, and thousands of seeds that ask one of them each. */
function world() {
  const clock = new VirtualClock();
  const random = new SeededRandom(5);
  const http = new SimHttp(clock);
  const net = new SimNet(clock, random).host('10.0.1.1');
  const ports = { clock, random, http, net, udp: new UdpExchanges(() => {}) };
  const scraper = new Scraper(ports, undefined);
  const under = new Map<string, number>();
  const most = { inAll: 0, atOne: 0 };
  const served = new Map<string, number>();
  const dead = new Set<string>();
  for (let i = 0; i < TRACKERS; i++) {
    const name = `t${i}`;
    http.on(`http://${name}/announce`, () => {
      under.set(name, (under.get(name) ?? 0) + 1);
      most.atOne = Math.max(most.atOne, under.get(name) ?? 0);
      most.inAll = Math.max(most.inAll, [...under.values()].reduce((sum, count) => sum + count, 0)); // prettier-ignore
      if (dead.has(name)) return never();
      return new Promise<HttpResponse>((resolve) =>
        clock.after(ANSWERS_AFTER as never, () => {
          under.set(name, (under.get(name) ?? 0) - 1);
          served.set(name, (served.get(name) ?? 0) + 1);
          resolve(ok());
        }),
      );
    });
  }
  const all = Array.from(
    { length: TORRENTS },
    (_, i) =>
      new TrackerAnnouncer({
        ports,
        scraper,
        infoHash: i.toString(16).padStart(40, '0') as InfoHashV1,
        peerId: '62'.repeat(20) as PeerId,
        trackerKey: i,
        trackers: [[`http://t${i % TRACKERS}/announce`]],
        port: () => 7000,
        totals: () => ({ uploaded: 0, downloaded: 0, left: 0 }),
        complete: () => true,
        peerCount: () => 0,
        minPeers: 20,
        maxPeers: () => 80,
        onExternalAddress: () => {},
        found: () => {},
        onWarning: () => {},
      }),
  );
  return { clock, all, most, served, dead };
}

test('five thousand torrents that start at once announce a few at a time, and a tracker that dies stops nobody', async () => {
  const w = world();
  for (const one of w.all) one.start();
  await w.clock.advance(300);
  w.dead.add('t7');
  // At eight a tenth of a second the others are through soon, whatever the dead one does.
  await w.clock.advance(20_000);
  const each = TORRENTS / TRACKERS;
  expect([...w.served].filter(([name]) => name !== 't7').every(([, count]) => count === each)).toBe(true);
  expect(w.served.size).toBe(TRACKERS);
  expect(w.served.get('t7')).toBeLessThan(each);
  expect(w.most.inAll).toBeLessThanOrEqual(100);
  expect(w.most.atOne).toBeLessThanOrEqual(8);
});
