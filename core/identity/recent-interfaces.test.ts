import { expect, test } from 'vitest';
import { VirtualClock } from '../sim/clock.ts';
import { SeededRandom } from '../sim/random.ts';
import { SimHttp } from '../sim/http.ts';
import { SimNet } from '../sim/net.ts';
import type { InfoHash, TorrentKey } from '../base/ids.ts';
import { ListenSockets } from './listen-sockets.ts';
import { RecentInterfaces } from '../ports/recent-interfaces.ts';
import { silentUser } from './testing/silent-user.ts';

test('thousands of torrents that join ask the system for its addresses once, and changes are seen within a second', async () => {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const host = new SimNet(clock, random).host(['10.0.0.1', '10.0.0.2']);
  let asked = 0;
  const list = (): ReturnType<typeof host.list> => {
    asked++;
    return host.list();
  };
  const interfaces = new RecentInterfaces({ list, routes: () => Promise.resolve([]) }, clock);
  const sockets = new ListenSockets({ net: host, clock, interfaces, random, http: new SimHttp(clock) });
  const user = silentUser({ takes: () => true });
  const socket = sockets.at(undefined);
  for (let i = 0; i < 2000; i++) {
    const hash = i.toString(16).padStart(40, '0');
    void socket.join(hash as TorrentKey, [hash as InfoHash], 0, user);
  }
  await clock.advance(500);
  expect([asked, [...socket.udp.locals.keys()]]).toEqual([1, ['10.0.0.1', '10.0.0.2']]);
  host.link('10.0.0.2').present = false;
  await clock.advance(500);
  sockets.check();
  await clock.advance(100);
  expect([asked, [...socket.udp.locals.keys()]]).toEqual([2, ['10.0.0.1']]);
});
