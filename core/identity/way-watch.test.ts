import { expect, test } from 'vitest';
import type { InfoHash } from '../base/ids.ts';
import { torrentKey } from '../base/ids.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimHttp } from '../sim/http.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { ListenSockets } from './listen-sockets.ts';
import { silentUser } from './testing/silent-user.ts';

const ADDRESS = '10.5.0.1';

/** A machine whose ways come and go, and what a torrent there hears of it. */
function world(address: string | undefined) {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const http = new SimHttp(clock);
  const host = new SimNet(clock, random).host([ADDRESS, 'fd00::1']);
  const moved: (string | undefined)[] = [];
  const sockets = new ListenSockets({ net: host, clock, interfaces: host, random, http }, ({ udp }) =>
    moved.push(udp.address),
  );
  const heard: string[] = [];
  const hash = 'aa'.repeat(20) as InfoHash;
  const join = (): Promise<void> =>
    sockets.at(address).join(
      torrentKey(hash),
      [hash],
      7000,
      silentUser({
        takes: () => true,
        up: () => heard.push('up'),
        down: () => heard.push('down'),
        wayCame: (since) => heard.push(`way since ${since}`),
      }),
    );
  const look = async (seconds: number): Promise<string[]> => {
    for (let i = 0; i < seconds; i++) {
      await clock.advance(1000);
      sockets.check();
    }
    await clock.settle();
    return heard.splice(0);
  };
  return { host, look, join, moved };
}

test('a way that comes later than its address is told once, each time; one that was there is no news', async () => {
  const { host, look, join, moved } = world(ADDRESS);
  await join();
  expect(await look(3)).toEqual(['up']);
  host.wayless.add(ADDRESS);
  host.link(ADDRESS).present = false;
  expect(await look(1)).toEqual(['down']);
  host.link(ADDRESS).present = true;
  expect(await look(7)).toEqual(['up']);
  host.wayless.delete(ADDRESS);
  expect(await look(3)).toEqual(['way since 5000']);
  host.wayless.add(ADDRESS);
  expect(await look(2)).toEqual([]);
  host.wayless.delete(ADDRESS);
  expect(await look(3)).toEqual(['way since 15000']);
  expect(moved).toEqual([ADDRESS, ADDRESS]);
});

test('a way that comes and goes for an hour is told a few times at once, and then once a minute', async () => {
  const { host, look, join } = world(ADDRESS);
  await join();
  await look(1);
  const heard: string[] = [];
  for (let i = 0; i < 360; i++) {
    host.wayless.add(ADDRESS);
    await look(5);
    host.wayless.delete(ADDRESS);
    heard.push(...(await look(5)));
  }
  expect(heard.slice(0, 4)).toEqual([2, 12, 22, 32].map((at) => `way since ${at * 1000}`));
  expect(heard.length).toBeGreaterThan(55);
  expect(heard.length).toBeLessThanOrEqual(4 + 60);
  // Nothing is forgotten: who failed since the last news hears of it with the next one.
  host.wayless.add(ADDRESS);
  await look(5);
  host.wayless.delete(ADDRESS);
  expect(await look(70)).toHaveLength(1);
});

test('a way that comes within the first second is news, too', async () => {
  const { host, look, join } = world(ADDRESS);
  host.wayless.add(ADDRESS);
  await join();
  host.wayless.delete(ADDRESS);
  expect(await look(1)).toEqual(['up', 'way since 0']);
});

test('bound to no address, a way of either family is news', async () => {
  const { host, look, join } = world(undefined);
  host.wayless.add('fd00::1');
  await join();
  await look(5);
  host.wayless.delete('fd00::1');
  expect(await look(2)).toEqual(['way since 0']);
});
