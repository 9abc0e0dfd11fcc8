import { beforeAll, describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import type { Link } from './net-link.ts';
import { SimSwarm } from './swarm.ts';

const KIB = 1024;
/** Bytes a second of each link. */
const RATE = 100_000;
const LENGTH = 4_000_000;
/** Seconds that so many links take without any loss of time. */
const least = (links: number): number => LENGTH / (links * RATE);

type Trouble = (link: Link, seconds: number) => void;

/** Seconds that a download takes by so many links, of which one has trouble. */
async function seconds(links: number, trouble: Trouble = () => {}): Promise<number> {
  const swarm = new SimSwarm(7, { files: LENGTH, pieceLength: 64 * KIB });
  for (let i = 1; i <= 4; i++) swarm.seed(`10.0.0.${i}`, { up: 8 * RATE, down: RATE });
  await swarm.clock.advance(3000);
  const bind = Array.from({ length: links }, (_, i) => `10.9.0.${i + 1}`);
  const machine = swarm.machine({ addresses: bind, up: RATE, down: RATE });
  const bad = machine.host.link(bind.at(-1));
  const began = swarm.clock.now();
  trouble(bad, 0);
  await machine.add(swarm.torrent, { identities: links, bind, dht: false, lsd: false, portMap: false });
  for (let tenths = 1; machine.snapshot(swarm.torrent).state !== 'done'; tenths++) {
    if (tenths > 1200) throw new Error(JSON.stringify(machine.snapshot(swarm.torrent).identities));
    trouble(bad, tenths / 10);
    await swarm.clock.advance(100);
  }
  const there = machine.payload(swarm.torrent);
  expect(there !== undefined && sameBytes(there, swarm.payload)).toBe(true);
  return (swarm.clock.now() - began) / 1000;
}

describe('a download by several links', () => {
  let three = 0;
  beforeAll(async () => {
    three = await seconds(3);
  });

  test.each<[string, number, Trouble]>([
    ['four alike', 4, () => {}],
    ['three and one of a quarter', 3.25, (link) => (link.down.rate = RATE / 4)],
  ])('takes little longer than what they carry together: %s', async (_, links, trouble) => {
    expect(await seconds(4, trouble)).toBeLessThan(least(links) + 1);
  });

  test.each<[string, Trouble]>([
    ['is far away', (link) => (link.latency = 150)],
    ['carries a tenth', (link) => (link.down.rate = RATE / 10)],
    [
      'stutters',
      (link, at) => {
        link.down.rate = RATE / 4;
        link.alive = Math.floor(at) % 3 !== 0;
      },
    ],
    ['falls silent at half time', (link, at) => (link.alive = at < least(4) / 2)],
    ['vanishes at half time, and is back soon', (link, at) => (link.present = Math.abs(at - least(4) * 0.75) > 2)],
    ['never leads anywhere', (link) => (link.alive = false)],
  ])('takes no longer than by three alone where the fourth %s', async (_, trouble) => {
    expect(await seconds(4, trouble)).toBeLessThanOrEqual(1.02 * three);
  });
});
