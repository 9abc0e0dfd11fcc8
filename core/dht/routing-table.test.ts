import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { SeededRandom } from '../sim/random.ts';
import { type NodeId, compareDistance, sharedBits } from './node-id.ts';
import { RoutingTable } from './routing-table.ts';
import { at, hostOf, idOf, minutes } from './testing/scene.ts';

const SELF = idOf('00');
const contact = (n: number, id: NodeId, host = hostOf(n)) => ({ id, host, port: 6881 });

/** A table of `count` nodes with random ids that have answered. */
function filled(count: number, seed = 1, self: NodeId = SELF): { table: RoutingTable; ids: NodeId[] } {
  const random = new SeededRandom(seed);
  const table = new RoutingTable(self);
  const ids = Array.from({ length: count }, () => random.bytes(20) as NodeId);
  for (const [n, id] of ids.entries()) table.answered(contact(n, id), 100, at(0));
  return { table, ids };
}

const all = (table: RoutingTable) => table.closest(SELF, 10_000);

describe('what is in the table', () => {
  test('first buckets are larger, and near ones are all kept', () => {
    const { table, ids } = filled(5000);
    const counts = [0, 1, 2, 3, 4, 5].map(
      (bits) => all(table).filter(({ id }) => sharedBits(SELF, id) === bits).length,
    );
    expect(counts).toEqual([128, 64, 32, 16, 8, 8]);
    const near = [...ids].sort((a, b) => compareDistance(SELF, a, b)).slice(0, 8);
    expect(table.closest(SELF, 8).map(({ id }) => toHex(id))).toEqual(near.map(toHex));
    const { good, questionable, spare } = table.counts(at(0));
    expect([good, questionable]).toEqual([all(table).length, 0]);
    expect(spare).toBeLessThanOrEqual(600);
  });

  test('closest gives the nearest of all, whatever the target', () => {
    const { table } = filled(60);
    const random = new SeededRandom(2);
    for (let i = 0; i < 50; i++) {
      const target = random.bytes(20) as NodeId;
      const expected = all(table)
        .sort((a, b) => compareDistance(target, a.id, b.id))
        .slice(0, 8);
      expect(table.closest(target, 8)).toEqual(expected);
    }
  });

  test('heard of is not known: it waits in reserve', () => {
    const table = new RoutingTable(SELF);
    for (let n = 0; n < 300; n++) table.heard(contact(n, idOf((0x8000 + n).toString(16))), false, at(0));
    expect(all(table)).toEqual([]);
    expect(table.counts(at(0))).toEqual({ good: 0, questionable: 0, spare: 128 });
  });

  test('ourselves never', () => {
    const table = new RoutingTable(SELF);
    table.answered(contact(1, SELF), 1, at(0));
    table.heard(contact(2, SELF), true, at(0));
    expect(table.counts(at(0))).toEqual({ good: 0, questionable: 0, spare: 0 });
  });

  test.each([
    ['another port of an address', [contact(1, idOf('80')), { ...contact(1, idOf('40')), port: 1 }], ['80']],
    ['the id of another address', [contact(1, idOf('80')), contact(2, idOf('80'))], ['80']],
    ['a second one of a /24', [contact(1, idOf('80')), contact(1, idOf('c0'), '10.0.1.9')], ['80']],
    ['a second one of a /24, but elsewhere', [contact(1, idOf('80')), contact(1, idOf('01'), '10.0.1.9')], ['80']],
    ['one that changes its id is put out', [contact(1, idOf('80')), contact(1, idOf('c0'))], []],
    ['one that answers again', [contact(1, idOf('80')), contact(1, idOf('80'))], ['80']],
  ])('%s', (_, answers, ids) => {
    const table = new RoutingTable(SELF);
    for (const one of answers) table.answered(one, 10, at(0));
    expect(all(table).map(({ id }) => toHex(id).slice(0, 2))).toEqual(ids);
  });

  test('one of a /24 a bucket: in others it may be', () => {
    const { table } = filled(5000);
    table.answered(contact(0, idOf('000000000001'), '99.1.1.1'), 1, at(0));
    table.answered(contact(0, idOf('000000000100'), '99.1.1.2'), 1, at(0));
    expect(all(table).filter(({ host }) => host.startsWith('99.'))).toHaveLength(1);
    table.answered(contact(0, idOf('80ff'), '99.1.1.3'), 1, at(0));
    expect(all(table).filter(({ host }) => host.startsWith('99.')).length).toBeLessThanOrEqual(2);
  });

  test('an address that was only told of with a wrong id does not keep the node out', () => {
    const table = new RoutingTable(SELF);
    table.heard(contact(1, idOf('80')), false, at(0));
    table.answered(contact(1, idOf('c0')), 1, at(0));
    expect(all(table).map(({ id }) => toHex(id).slice(0, 2))).toEqual(['c0']);
  });

  test('a port that is no longer there makes way for the new one', () => {
    const table = new RoutingTable(SELF);
    table.answered(contact(1, idOf('80')), 1, at(0));
    table.failed(hostOf(1), 6881, false);
    table.answered({ ...contact(1, idOf('80')), port: 7000 }, 1, at(0));
    expect(all(table).map(({ port }) => port)).toEqual([7000]);
  });
});

describe('who stays', () => {
  test('good for 15 minutes after an answer, or a question of a node that has answered', () => {
    const table = new RoutingTable(SELF);
    table.answered(contact(1, idOf('80')), 1, at(0));
    table.answered(contact(2, idOf('40')), 1, at(0));
    expect(table.counts(minutes(14)).good).toBe(2);
    table.heard(contact(2, idOf('40')), true, minutes(14));
    // Not by what others tell of it, nor by who uses its address with another id.
    table.heard(contact(1, idOf('80')), false, minutes(14));
    table.heard(contact(1, idOf('81')), true, minutes(14));
    expect(table.counts(minutes(16))).toMatchObject({ good: 1, questionable: 1 });
  });

  test('one that fails is replaced by one in reserve that answered', () => {
    const { table } = filled(400);
    const far = all(table).filter(({ id }) => sharedBits(SELF, id) === 0);
    const [first] = far;
    table.failed(first?.host ?? '', 6881, false);
    const now = all(table).filter(({ id }) => sharedBits(SELF, id) === 0);
    expect([now.length, now.includes(first as never)]).toEqual([128, false]);
  });

  test('without one in reserve it stays until it has failed five times', () => {
    const { table } = filled(10);
    for (let i = 0; i < 4; i++) table.failed(hostOf(3), 6881, false);
    expect(all(table)).toHaveLength(10);
    table.answered(contact(3, (all(table).find(({ host }) => host === hostOf(3)) as { id: NodeId }).id), 1, at(0));
    for (let i = 0; i < 4; i++) table.failed(hostOf(3), 6881, false);
    expect(all(table)).toHaveLength(10);
    table.failed(hostOf(3), 6881, false);
    expect(all(table)).toHaveLength(9);
  });

  test('while nobody answers us it is not their fault', () => {
    const { table } = filled(400);
    const before = table.counts(at(0));
    for (const { host } of all(table)) for (let i = 0; i < 9; i++) table.failed(host, 6881, true);
    expect(table.counts(at(0))).toEqual(before);
    table.heard(contact(999, idOf('0001')), false, at(0));
    table.failed(hostOf(999), 6881, true);
    expect(table.knows(hostOf(999))).toBe(false);
  });

  test('a full bucket takes a node that fills a gap between ids, or answers faster than one beside it', () => {
    const table = new RoutingTable(SELF);
    // All 128 of the first bucket lie in one quarter of its ids; one of those near makes it split.
    for (let n = 0; n < 128; n++) table.answered(contact(n, idOf((0x800000 + n * 64).toString(16))), 100, at(0));
    table.answered(contact(500, idOf('01')), 100, at(0));
    const far = () => all(table).filter(({ id }) => sharedBits(SELF, id) === 0);
    table.answered(contact(200, idOf('f0')), 900, at(0));
    expect(far().map(({ host }) => host)).toContain(hostOf(200));
    table.answered(contact(201, idOf('f0ff')), 950, at(0));
    expect(far().map(({ host }) => host)).not.toContain(hostOf(201));
    table.answered(contact(202, idOf('f0fe')), 10, at(0));
    expect(far().map(({ host }) => host)).toContain(hostOf(202));
    expect(far()).toHaveLength(128);
  });

  test('a full bucket takes any node in the place of one that fails', () => {
    const table = new RoutingTable(SELF);
    for (let n = 0; n < 128; n++) table.answered(contact(n, idOf((0x80 + n).toString(16))), 1, at(0));
    table.answered(contact(500, idOf('01')), 1, at(0));
    table.failed(hostOf(5), 6881, false);
    expect(table.knows(hostOf(5))).toBe(true);
    table.answered(contact(200, idOf('ffff')), 900, at(0));
    expect(all(table).map(({ host }) => host)).toContain(hostOf(200));
    expect(table.knows(hostOf(5))).toBe(false);
  });

  test('another id sorts all of them in anew', () => {
    const { table } = filled(2000);
    const before = all(table).length;
    const id = idOf('ff00ff');
    table.setId(id);
    expect(toHex(table.id)).toBe(toHex(id));
    expect(all(table).length).toBeGreaterThan(before / 2);
    expect(table.closest(id, 8).every((node) => sharedBits(id, node.id) >= 4)).toBe(true);
  });
});

describe('whom to ask next', () => {
  test('nobody while all are fresh and buckets are full', () => {
    const { table } = filled(20_000);
    const { spare } = table.counts(at(0));
    expect(spare).toBeGreaterThan(100);
    const next = table.nextUpkeep(minutes(4));
    expect(next).toBeUndefined();
    expect(table.nextUpkeep(minutes(16))).toBeDefined();
  });

  test('who was only heard of, where there is room; then each in turn', () => {
    const { table } = filled(10);
    table.heard(contact(99, idOf('8123')), false, at(0));
    const first = table.nextUpkeep(at(1));
    expect(first?.node.host).toBe(hostOf(99));
    if (first) first.node.askedAt = 1;
    expect(table.nextUpkeep(at(2))).toBeUndefined();
    const asked = new Set<string>();
    for (let i = 0; i < 10; i++) {
      const next = table.nextUpkeep(minutes(6));
      if (next === undefined) break;
      asked.add(next.node.host);
      next.node.askedAt = minutes(6);
    }
    expect(asked.size).toBe(10);
    expect(table.nextUpkeep(minutes(6))).toBeUndefined();
  });
});

test('whatever happens, the laws hold', () => {
  const step = fc.record({
    what: fc.constantFrom('heard', 'told', 'answered', 'failed', 'lost', 'id'),
    n: fc.integer({ min: 0, max: 400 }),
    port: fc.constantFrom(6881, 6881, 6881, 1),
    seed: fc.integer({ min: 0, max: 600 }),
    near: fc.integer({ min: 0, max: 30 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1500, minLength: 300 }), (steps) => {
      const table = new RoutingTable(SELF);
      let now = 0;
      for (const { what, n, port, seed, near } of steps) {
        now += 1000;
        const id = new SeededRandom(seed).bytes(20) as NodeId;
        id.fill(0, 0, near >> 3);
        const host = `10.0.${n >> 2}.${n & 3}`;
        if (what === 'answered') table.answered({ id, host, port }, n, at(now));
        else if (what === 'failed' || what === 'lost') table.failed(host, port, what === 'lost');
        else if (what === 'id') table.setId(id);
        else table.heard({ id, host, port }, what === 'heard', at(now));
      }
      const nodes = table.closest(SELF, 10_000);
      expect(new Set(nodes.map(({ host }) => host)).size).toBe(nodes.length);
      expect(new Set(nodes.map(({ id }) => toHex(id))).size).toBe(nodes.length);
      expect(nodes.every(({ answeredAt, id }) => answeredAt >= 0 && toHex(id) !== toHex(table.id))).toBe(true);
      const { good, questionable, spare } = table.counts(at(now));
      expect(good + questionable).toBe(nodes.length);
      expect(spare).toBeLessThanOrEqual(240 + 46 * 8);
      expect(nodes.every(({ host }) => table.knows(host))).toBe(true);
    }),
    { numRuns: 60 },
  );
});
