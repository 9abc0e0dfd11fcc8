import { expect, test } from 'vitest';
import { millis, type TorrentKey } from '../base/ids.ts';
import type { Ports } from '../ports/ports.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SeededRandom } from '../sim/random.ts';
import { SleepyClock } from '../sim/sleepy-clock.ts';
import type { HostedDownload } from './hosted-download.ts';
import { DhtDesk } from './dht-desk.ts';
import { SharedHost } from './shared-host.ts';

test.each([
  ['long enough for trackers to forget us is followed by an announce', 120_000, ['announce']],
  ['of a moment is nobody´s concern', 30_000, []],
])('a sleep %s', async (_, span, told) => {
  const time = new VirtualClock();
  const clock = new SleepyClock(time);
  const said: string[] = [];
  const download = {
    setup: { key: 'aa'.repeat(20) as TorrentKey },
    handle: ({ type }: { type: string }) => said.push(type),
    sync: () => Promise.resolve(),
  };
  const interfaces = { list: () => [] };
  const ports = { clock, interfaces, random: new SeededRandom(1) } as unknown as Ports;
  const host = new SharedHost(
    ports,
    'client',
    () => {},
    () => [download as unknown as HostedDownload],
    new DhtDesk({ ports, version: new Uint8Array(4), post: () => {} }),
  );
  host.start();
  await time.advance(millis(5000));
  clock.sleep();
  await time.advance(millis(span));
  clock.wake();
  await time.advance(millis(5000));
  expect(said).toEqual(told);
  void host.stop();
  await time.advance(millis(2000));
  expect(time.pending).toBe(0);
});
