import { expect, test } from 'vitest';
import { SeededRandom } from '../sim/random.ts';
import type { KrpcReply } from './krpc.ts';
import { Queries, type Query, type QueryOwner, transactionBytes } from './queries.ts';
import { at } from './testing/scene.ts';

class Owner implements QueryOwner {
  readonly slowOnes: number[] = [];
  answered(_query: Query, _reply: KrpcReply): void {}
  failed(): void {}
  slow(query: Query): void {
    this.slowOnes.push(query.port);
  }
}

const open = (queries: Queries, host: string, port: number, owner: QueryOwner = new Owner(), now = 0): Query =>
  queries.open(host, port, owner, at(now));

test('an answer counts from where the question went alone, once', () => {
  const queries = new Queries(new SeededRandom(1));
  const query = open(queries, '1.2.3.4', 80);
  const t = transactionBytes(query.transaction);
  const rows: readonly [string, Uint8Array, string, number][] = [
    ['another address', t, '1.2.3.5', 80],
    ['another port', t, '1.2.3.4', 81],
    ['another transaction', t.map((byte) => byte ^ 1), '1.2.3.4', 80],
    ['no transaction', new Uint8Array(0), '1.2.3.4', 80],
    ['a longer one', Uint8Array.of(...t, 0), '1.2.3.4', 80],
    ['a shorter one', t.subarray(1), '1.2.3.4', 80],
  ];
  for (const [name, transaction, host, port] of rows)
    expect(queries.take(transaction, host, port), name).toBeUndefined();
  expect(queries.expects('1.2.3.4', 80)).toBe(true);
  expect(queries.expects('1.2.3.4', 81)).toBe(false);
  expect(queries.take(t, '1.2.3.4', 80)).toBe(query);
  expect(queries.take(t, '1.2.3.4', 80)).toBeUndefined();
  expect(queries.expects('1.2.3.4', 80)).toBe(false);
});

test('after a second a question is slow, once; after fifteen it is lost', () => {
  const queries = new Queries(new SeededRandom(1));
  const owner = new Owner();
  open(queries, '1.2.3.4', 1, owner, 0);
  open(queries, '1.2.3.4', 2, owner, 800);
  const lost: [number, number[]][] = [];
  for (let now = 0; now <= 16_000; now += 200) {
    const gone = queries.sweep(at(now)).map(({ port }) => port);
    if (gone.length > 0) lost.push([now, gone]);
    if (now === 1000) expect(owner.slowOnes).toEqual([1]);
  }
  expect(owner.slowOnes).toEqual([1, 2]);
  expect(lost).toEqual([
    [15_000, [1]],
    [15_800, [2]],
  ]);
  expect(queries.size).toBe(0);
});

test('what nothing can be sent to, and what nobody waits for any more', () => {
  const queries = new Queries(new SeededRandom(1));
  const owner = new Owner();
  open(queries, '1.2.3.4', 1);
  open(queries, '1.2.3.4', 1);
  open(queries, '1.2.3.4', 2);
  open(queries, '1.2.3.5', 1, owner);
  expect(queries.unreachable('1.2.3.4', 1)).toHaveLength(2);
  queries.drop(owner);
  expect(queries.size).toBe(1);
  expect(queries.sweep(at(20_000)).map(({ port }) => port)).toEqual([2]);
});

test('a bounded number is open, each with another transaction', () => {
  const queries = new Queries(new SeededRandom(1));
  const seen = new Set<number>();
  while (!queries.full) seen.add(open(queries, '1.2.3.4', seen.size + 1).transaction);
  expect(seen.size).toBe(queries.size);
  expect(seen.size).toBeLessThanOrEqual(512);
});
