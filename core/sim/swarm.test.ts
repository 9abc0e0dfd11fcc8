import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { times } from './acceptance.ts';
import type { SimMachine } from './machine.ts';
import { SimSwarm } from './swarm.ts';

const KIB = 1024;
const MIB = KIB * KIB;

/** Two seeds of different speed and two leechers, 64 pieces over two files. */
function world(seed: number): SimSwarm {
  const made = new SimSwarm(seed, {
    files: [
      { path: ['a'], length: 4 * MIB - 70_001 },
      { path: ['sub', 'b'], length: 70_001 },
    ],
    pieceLength: 64 * KIB,
  });
  made.seed('10.0.0.1', { up: MIB, down: MIB });
  made.seed('10.0.0.2', { up: MIB / 2, down: MIB });
  made.leecher('10.0.1.1', { up: MIB / 2, down: MIB });
  made.leecher('10.0.1.2', { up: MIB / 2, down: MIB });
  return made;
}

const addressesOf = (k: number): string[] => Array.from({ length: k }, (_, i) => `10.9.0.${i + 1}`);

function expectWhole(ours: SimMachine, { torrent, payload }: SimSwarm): void {
  expect(sameBytes(ours.payload(torrent) ?? new Uint8Array(), payload)).toBe(true);
}

describe('K identities complete, byte for byte, with no piece fetched twice', () => {
  const cases = [1, 2, 4, 8].flatMap((k) => (['rarest', 'random', 'fixed'] as const).map((mode) => [k, mode] as const));
  test.each(cases)('K=%i, %s', async (k, selection) => {
    for (let seed = 1; seed <= times(1, 20); seed++) {
      const swarm = world(seed * 100 + k);
      const addresses = addressesOf(k);
      const ours = swarm.machine({ addresses, down: 2 * MIB, up: MIB });
      await ours.add(swarm.torrent, { identities: k, selection, bind: addresses });
      const done = await ours.until(swarm.torrent, ['done'], 180_000);
      expect(done, `seed ${seed}`).toMatchObject({ state: 'done', duplicatePieces: 0, hashFailures: 0 });
      expectWhole(ours, swarm);
    }
  });

  test.each([2, 4, 8])('K=%i behind one address', async (k) => {
    const swarm = world(k);
    const ours = swarm.machine({ down: 2 * MIB, up: MIB });
    await ours.add(swarm.torrent, { identities: k });
    const done = await ours.until(swarm.torrent, ['done'], 180_000);
    expect(done).toMatchObject({ state: 'done', duplicatePieces: 0, hashFailures: 0 });
    expectWhole(ours, swarm);
  });

  test('the same seed plays the same swarm', async () => {
    const play = async (): Promise<unknown> => {
      const swarm = world(5);
      const ours = swarm.machine({ addresses: addressesOf(4), down: 2 * MIB });
      await ours.add(swarm.torrent, { identities: 4, bind: addressesOf(4) });
      const { identities } = await ours.until(swarm.torrent, ['done'], 180_000);
      const figures = identities.map(({ pieces, downloaded, uploaded }) => [pieces, downloaded, uploaded]);
      return { figures, at: swarm.clock.now(), heard: swarm.tracker.heard.length };
    };
    expect(await play()).toEqual(await play());
  });
});

describe('no straggler (A17)', () => {
  test.each([
    ['four links of which one has a fortieth', [800, 800, 800, 20]],
    ['links of 8, 4, 2 and 1 parts', [800, 400, 200, 100]],
  ])('%s: rarest beats fixed', async (_, kilobytes) => {
    const seconds: Record<string, number> = {};
    for (const selection of ['fixed', 'rarest'] as const) {
      const swarm = new SimSwarm(3, { files: 16 * MIB, pieceLength: 128 * KIB });
      swarm.seed('10.0.0.1', { up: 8 * MIB, down: MIB });
      swarm.seed('10.0.0.2', { up: 8 * MIB, down: MIB });
      const addresses = addressesOf(kilobytes.length);
      const ours = swarm.machine({ addresses });
      kilobytes.forEach((rate, i) => (ours.host.link(addresses[i]).down.rate = rate * KIB));
      await ours.add(swarm.torrent, { identities: kilobytes.length, selection, bind: addresses });
      const done = await ours.until(swarm.torrent, ['done'], 3_600_000);
      expect(done).toMatchObject({ state: 'done', duplicatePieces: 0 });
      seconds[selection] = swarm.clock.now() / 1000;
    }
    const { fixed = 0, rarest = Infinity } = seconds;
    const ideal = (16 * 1024) / kilobytes.reduce((sum, rate) => sum + rate, 0);
    expect(rarest).toBeLessThan(fixed / 1.5);
    expect(rarest).toBeLessThan(1.5 * ideal);
  });
});
