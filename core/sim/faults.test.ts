import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { figure, times } from './acceptance.ts';
import type { SimMachine } from './machine.ts';
import { SeededRandom } from './random.ts';
import { SimSwarm } from './swarm.ts';
import type { WireConnection, WirePeerOptions } from './wire-peer.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const addressesOf = (k: number): string[] => Array.from({ length: k }, (_, i) => `10.9.0.${i + 1}`);

function expectWhole(ours: SimMachine, { torrent, payload }: SimSwarm): void {
  expect(sameBytes(ours.payload(torrent) ?? new Uint8Array(), payload)).toBe(true);
}

describe('whatever dies, whenever (invariant 7)', () => {
  const layouts = ['in-place', 'parts', 'pieces'] as const;
  const targets = ['identity', 'coordinator', 'both', 'everything at once'] as const;
  const kills = layouts.flatMap((layout) =>
    Array.from({ length: times(4, 20) }, (_, i) => [layout, targets[i % targets.length] ?? 'identity', i] as const),
  );
  test.for(kills)('%s: SIGKILL of %s, moment %i', async ([layout, target, i], it) => {
    const chance = new SeededRandom(1000 * layouts.indexOf(layout) + i);
    const swarm = new SimSwarm(i + 1, { files: 4 * MIB - 12_345, pieceLength: 64 * KIB });
    for (const address of ['10.0.0.1', '10.0.0.2']) swarm.seed(address, { up: MIB / 2, down: MIB });
    const addresses = addressesOf(3);
    const options = { identities: 3, bind: addresses, layout, selection: i % 3 === 2 ? 'fixed' : 'rarest' } as const;
    const ours = swarm.machine({ addresses, down: MIB, up: MIB });
    await ours.add(swarm.torrent, options);
    await swarm.clock.advance(chance.uniform() * 7_000);
    const before = ours.snapshot(swarm.torrent).pieces.have;
    if (target === 'identity') ours.killIdentity(Math.floor(3 * chance.uniform()));
    else {
      if (target === 'both') ours.killIdentity(Math.floor(3 * chance.uniform()));
      ours.killCoordinator(target === 'everything at once');
      await swarm.clock.advance(chance.uniform() * 3_000);
      if (target !== 'everything at once') await swarm.clock.advance(6_000);
      ours.restart();
      await ours.add(swarm.torrent, options);
    }
    // What had been verified is there: at most what was in flight is fetched again.
    const { pieces } = await ours.until(swarm.torrent, ['downloading', 'done'], 60_000);
    expect(pieces.have).toBeGreaterThanOrEqual(before);
    const done = await ours.until(swarm.torrent, ['done'], 300_000);
    expect(done, done.error?.message).toMatchObject({ state: 'done', hashFailures: 0 });
    if (target === 'identity') expect(done.duplicatePieces).toBe(0);
    figure(it, `${layout}: KiB wasted through a kill`, Math.round(done.wasted / KIB));
    expectWhole(ours, swarm);
    expect(ours.disk.paths().filter((path) => path.includes('.ensemble') && !path.endsWith('/'))).toEqual([]);
  });
});

describe('fixed ranges that nobody takes over', () => {
  async function world(seed: number): Promise<{ swarm: SimSwarm; ours: SimMachine }> {
    const swarm = new SimSwarm(seed, { files: 4 * MIB, pieceLength: 64 * KIB });
    for (const address of ['10.0.0.1', '10.0.0.2']) swarm.seed(address, { up: MIB / 2, down: MIB });
    const addresses = addressesOf(3);
    const ours = swarm.machine({ addresses, down: MIB, up: MIB });
    await ours.add(swarm.torrent, { identities: 3, bind: addresses, selection: 'fixed' });
    return { swarm, ours };
  }

  test.each([0, 1, 2])('identity %i dies three times: it comes back and goes on with its range', async (victim) => {
    const { swarm, ours } = await world(61 + victim);
    for (let death = 0; death < 3; death++) {
      await swarm.clock.advance(1_500);
      expect(ours.killIdentity(victim)).toBe(true);
      await swarm.clock.advance(1_000 * 2 ** death);
    }
    const done = await ours.until(swarm.torrent, ['done'], 300_000);
    expect(done, done.error?.message).toMatchObject({ state: 'done', duplicatePieces: 0 });
    expectWhole(ours, swarm);
  });

  test.each([
    [0, 'while the others are at work', 100],
    [1, 'while the others are at work', 100],
    [2, 'when the others have left', 20_000],
  ])('identity %i dies again and again, %s: given up, and they finish its range', async (victim, _, late) => {
    const { swarm, ours } = await world(71 + victim);
    ours.host.link(`10.9.0.${victim + 1}`).down.rate = KIB;
    await swarm.clock.advance(late);
    await swarm.clock.runUntil(() => {
      ours.killIdentity(victim);
      return ours.snapshot(swarm.torrent).identities[victim]?.state === 'given-up';
    }, 120_000);
    expect(ours.snapshot(swarm.torrent).identities[victim]?.state).toBe('given-up');
    const done = await ours.until(swarm.torrent, ['done'], 300_000);
    expect(done, done.error?.message).toMatchObject({ state: 'done', duplicatePieces: 0 });
    expectWhole(ours, swarm);
  });
});

/** A seed of which every `rate`-th block is wrong. */
function liar(swarm: SimSwarm, rate: number): Partial<WirePeerOptions> {
  let count = 0;
  return {
    greet: (it) => {
      it.batch.haveAll();
      it.batch.unchoke();
    },
    requested: (it, piece, begin, length) => {
      const data = swarm.block(piece, begin, length).slice();
      if (++count % rate === 0) data[5] = (data[5] ?? 0) ^ 255;
      it.block(piece, begin, data);
    },
  };
}

describe('a seed that sends bad data', () => {
  test.each([
    [1, 1],
    [1, 7],
    [3, 1],
    [3, 7],
    [3, 40],
  ])(
    'K=%i, every block of %i wrong: it is banned, the honest ones are not, the download completes',
    async (k, rate) => {
      const swarm = new SimSwarm(11 * rate + k, { files: 4 * MIB, pieceLength: 64 * KIB });
      swarm.seed('10.0.0.1', { up: MIB / 2, down: MIB });
      swarm.seed('10.0.0.2', { up: MIB / 2, down: MIB });
      const bad = await swarm.wirePeer('10.0.3.1', { up: 2 * MIB }, liar(swarm, rate)).listen();
      const addresses = addressesOf(k);
      const ours = swarm.machine({ addresses, down: 2 * MIB });
      await ours.add(swarm.torrent, { identities: k, bind: addresses, peers: [bad.endpoint] });
      const done = await ours.until(swarm.torrent, ['done'], 300_000);
      expect(done.state, done.error?.message).toBe('done');
      expectWhole(ours, swarm);
      if (rate < 40) expect(done.hashFailures).toBeGreaterThan(0);
      // Each identity that it lied to hung up, and did not come back.
      if (rate === 1) {
        expect(bad.connections.length).toBeLessThanOrEqual(k);
        expect(bad.connections.every((it: WireConnection) => it.closed !== undefined)).toBe(true);
      }
      expect(swarm.clock.now()).toBeLessThan(60_000);
    },
  );
});

test('whom one identity found to lie may not connect to another', async () => {
  const swarm = new SimSwarm(5, { files: 8 * MIB, pieceLength: 64 * KIB });
  swarm.seed('10.0.0.1', { up: 128 * KIB, down: MIB });
  const addresses = addressesOf(2);
  const ours = swarm.machine({ addresses, down: 2 * MIB });
  await ours.add(swarm.torrent, { identities: 2, bind: addresses });
  await swarm.clock.advance(2_000);
  let answered = 0;
  const script = liar(swarm, 1);
  const bad = swarm.wirePeer(
    '10.0.3.1',
    { up: 2 * MIB },
    {
      ...script,
      greet: (it) => {
        answered++;
        script.greet?.(it);
      },
    },
  );
  for (const { address: host = '', port = 0 } of ours.snapshot(swarm.torrent).identities) {
    bad.dial({ host, port });
    await swarm.clock.advance(10_000);
    expect(bad.open).toBeUndefined();
  }
  expect(answered).toBe(1);
  expect(ours.snapshot(swarm.torrent).hashFailures).toBe(1);
});

describe('a tracker that is down', () => {
  test('for the first ten minutes: the download begins when it is back', async () => {
    const swarm = new SimSwarm(21, { files: 2 * MIB, pieceLength: 64 * KIB });
    swarm.seed('10.0.0.1', { up: MIB, down: MIB });
    await swarm.clock.advance(1_000);
    swarm.tracker.down = true;
    const ours = swarm.machine({ addresses: addressesOf(2) });
    await ours.add(swarm.torrent, { identities: 2, bind: addressesOf(2) });
    await swarm.clock.advance(600_000);
    expect(ours.snapshot(swarm.torrent)).toMatchObject({ state: 'downloading', pieces: { have: 0 } });
    swarm.tracker.down = false;
    expect(await ours.until(swarm.torrent, ['done'], 900_000)).toMatchObject({ state: 'done' });
    expectWhole(ours, swarm);
  });

  test('for ten minutes in the middle: peers that are known go on, and it is asked again, not stormed', async () => {
    const swarm = new SimSwarm(22, { files: 8 * MIB, pieceLength: 64 * KIB });
    swarm.seed('10.0.0.1', { up: 10 * KIB, down: MIB });
    const ours = swarm.machine({ addresses: addressesOf(2) });
    await ours.add(swarm.torrent, { identities: 2, bind: addressesOf(2) });
    await swarm.clock.advance(60_000);
    const before = ours.snapshot(swarm.torrent).pieces.have;
    swarm.tracker.down = true;
    const asked = swarm.tracker.heard.length;
    await swarm.clock.advance(600_000);
    expect(swarm.tracker.heard.length).toBe(asked);
    expect(ours.snapshot(swarm.torrent).pieces.have).toBeGreaterThan(before);
    swarm.tracker.down = false;
    // A faster seed appears: only the tracker knows of it.
    swarm.seed('10.0.0.2', { up: MIB, down: MIB });
    expect(await ours.until(swarm.torrent, ['done'], 1_200_000)).toMatchObject({ state: 'done' });
    expectWhole(ours, swarm);
    for (const address of addressesOf(2)) {
      expect(swarm.tracker.heard.filter(({ host }) => host === address).length).toBeLessThan(40);
    }
  });
});

describe('lines that break', () => {
  test.each(Array.from({ length: times(3, 12) }, (_, i) => [i]))('connections reset at random, world %i', async (i) => {
    const chance = new SeededRandom(77 + i);
    const swarm = new SimSwarm(31 + i, { files: 4 * MIB, pieceLength: 64 * KIB });
    swarm.seed('10.0.0.1', { up: MIB / 2, down: MIB });
    swarm.seed('10.0.0.2', { up: MIB / 2, down: MIB });
    const addresses = addressesOf(3);
    const ours = swarm.machine({ addresses, down: MIB });
    await ours.add(swarm.torrent, { identities: 3, bind: addresses });
    for (let n = 0; n < 6 && ours.snapshot(swarm.torrent).state === 'downloading'; n++) {
      await swarm.clock.advance(chance.uniform() * 3_000);
      if (chance.uniform() < 0.5) ours.host.breakConnections();
      else {
        const link = ours.host.link(addresses[Math.floor(3 * chance.uniform())]);
        link.present = false;
        await swarm.clock.advance(2_500);
        link.present = true;
      }
    }
    const done = await ours.until(swarm.torrent, ['done'], 300_000);
    expect(done).toMatchObject({ state: 'done', duplicatePieces: 0, hashFailures: 0 });
    expectWhole(ours, swarm);
  });

  test('an identity whose address vanishes for good: the others finish its share (A15, invariant 8)', async () => {
    const swarm = new SimSwarm(41, { files: 4 * MIB, pieceLength: 64 * KIB });
    swarm.seed('10.0.0.1', { up: MIB / 2, down: MIB });
    const addresses = addressesOf(3);
    const ours = swarm.machine({ addresses, down: MIB });
    await ours.add(swarm.torrent, { identities: 3, bind: addresses });
    await swarm.clock.advance(2_000);
    const link = ours.host.link('10.9.0.2');
    link.present = false;
    const sent = link.sent;
    const done = await ours.until(swarm.torrent, ['done'], 600_000);
    expect(done.state, done.error?.message).toBe('done');
    expect(link.sent).toBe(sent);
    expectWhole(ours, swarm);
  });
});
