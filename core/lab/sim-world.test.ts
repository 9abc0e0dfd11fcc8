import { describe, expect, test } from 'vitest';
import { readScenario } from './scenario/read-scenario.ts';
import type { ArmValues } from './scenario/values.ts';
import { SimWorld } from './sim-world.ts';
import { TINY } from './testing/lines.ts';
import type { Outcome } from './world.ts';

const world = new SimWorld();
const play = (values: ArmValues = {}, seed = 1): Promise<Outcome> =>
  world.run(readScenario(TINY, values), { label: '', values }, seed, new AbortController().signal);

const MIB = 1024 ** 2;

describe('the simulated world', () => {
  test('the same seed gives the same bytes of results, whatever was run before; another seed others', async () => {
    const one = JSON.stringify(await play({ 'user.K': 2 }, 3));
    await play({}, 4);
    expect(JSON.stringify(await play({ 'user.K': 2 }, 3))).toBe(one);
    expect(JSON.stringify(await play({ 'user.K': 2 }, 4))).not.toBe(one);
  });

  test.each<[string, ArmValues]>([
    ['one identity', {}],
    ['four with an address each', { 'user.K': 4 }],
    ['four behind one address', { 'user.K': 4, 'user.addresses': 'one' }],
    ['fixed ranges', { 'user.K': 3, 'user.selection': 'fixed' }],
    ['all dial everyone behind one address', { 'user.K': 3, 'user.addresses': 'one', 'user.dealing': 'everyone' }],
    ['leechers that leave, and come at random', { 'leechers.leave': 'at completion', 'leechers.arrive': 3 }],
    ['slow receivers', { 'leechers.down': 2, 'user.down': 3 }],
    ['far away', { latency: '40 ms' }],
  ])('every byte that one sends another receives: %s', async (_, values) => {
    const { end, user, peers, lasted } = await play(values);
    expect(end).toBe('done');
    const sum = (of: (peer: (typeof peers)[number]) => number): number =>
      peers.reduce((all, peer) => all + of(peer), 0);
    expect(user.down).toBeGreaterThanOrEqual(4 * MIB);
    // What was under way when somebody left is lost.
    expect(Math.abs(sum(({ toUser }) => toUser ?? 0) - user.down)).toBeLessThan(MIB / 2);
    expect(sum(({ up }) => up) + user.up - sum(({ down }) => down) - user.down).toBeLessThan(MIB);
    for (const { role, down, seconds } of peers) {
      if (role === 'leecher' && seconds !== null) expect(down).toBeGreaterThanOrEqual(4 * MIB);
      if (role === 'seed') expect(down).toBe(0);
    }
    // Nobody sends faster than his line: seeds have 1 MB/s.
    for (const { role, up } of peers) if (role === 'seed') expect(up).toBeLessThanOrEqual(1_000_000 * lasted + MIB);
  });

  test('who has no slots sends nothing, and a limit ends what never would', async () => {
    const nobody = await play({ 'seeds.slots': 0, limit: 20 });
    expect(nobody).toMatchObject({ end: 'limit', lasted: 20, user: { seconds: null, down: 0 } });
    const riders = await play({ 'leechers.slots': 0 });
    for (const { role, up } of riders.peers) if (role === 'leecher') expect(up).toBe(0);
  });

  test('four links carry nearly four times as much', async () => {
    const link = '{up: 4, down: 4}';
    const text = (count: number): string =>
      `name: x\npayload: {size: 8 MiB, piece: 64 KiB}\nseeds: {count: 2, up: 100}\nuser: {K: ${count}, addresses: links, links: [${Array(count).fill(link).join(', ')}]}`;
    const seconds: number[] = [];
    for (const count of [1, 4]) {
      const scenario = readScenario({ file: 'x', text: text(count) });
      const { user } = await world.run(scenario, { label: '', values: {} }, 1, new AbortController().signal);
      seconds.push(user.seconds ?? Infinity);
    }
    expect((seconds[0] ?? 0) / (seconds[1] ?? 1)).toBeGreaterThan(3.5);
  });

  test('when pieces came is told, unless it is not to be measured', async () => {
    const told = await play();
    const untold = await play({ 'measure.pieces': false });
    expect(told.user.identities[0]?.pieces).toHaveLength(64);
    expect(untold.user).toEqual({
      ...told.user,
      identities: told.user.identities.map((one) => ({ ...one, pieces: [] })),
    });
  });

  test('with fixed pieces a dealing says whose each is', async () => {
    const { user } = await play({ 'user.K': 3, 'user.selection': 'fixed', 'user.dealing': 'striped' });
    for (const { index, pieces } of user.identities) {
      expect(pieces.length).toBeGreaterThan(20);
      for (const [, piece] of pieces) expect(piece % 3).toBe(index);
    }
  });

  test('stops when it is told to', async () => {
    const told = new AbortController();
    told.abort(new Error('enough'));
    await expect(world.run(readScenario(TINY), { label: '', values: {} }, 1, told.signal)).rejects.toThrow('enough');
  });

  test('says what it cannot do', () => {
    expect(world.refusals(readScenario(TINY))).toEqual([]);
    const other = readScenario(TINY, { 'seeds.client': 'aria2', 'user.client': 'libtorrent' });
    expect(world.refusals(other)).toHaveLength(2);
  });
});
