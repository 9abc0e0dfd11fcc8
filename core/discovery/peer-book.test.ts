import { describe, expect, it } from 'vitest';
import type { FoundPeer, PeerSourceKind } from '../base/peer-source.ts';
import { PeerBook } from './peer-book.ts';

const at = (host: string, port = 6881, source: PeerSourceKind = 'tracker'): FoundPeer => ({ host, port, source });
const A = at('10.0.0.1');
const B = at('10.0.0.2');

describe('PeerBook', () => {
  it('takes in what can be dialled, once', () => {
    const book = new PeerBook();
    const good = [A, B, at('127.0.0.1', 1), at('2001:db8::1'), at('2001:DB8:0::1'), at('10.0.0.1', 6882), A];
    const bad = [at('10.0.0.3', 0), at('10.0.0.3', 65536), at('10.0.0.3', 1.5), at('0.0.0.0'), at('224.0.0.1')];
    const worse = [at('255.255.255.255'), at('::'), at('ff02::1'), at('tracker.example'), at('10.0.0.256')];
    expect(book.add([...good, ...bad, ...worse])).toBe(5);
    expect(book.candidates(0, 10)).toEqual([A, B, at('127.0.0.1', 1), at('2001:db8::1'), at('10.0.0.1', 6882)]);
  });

  it('lets nobody wait for what happened for a reason of our own', () => {
    const book = new PeerBook();
    const [C, D] = [at('10.0.0.3'), at('10.0.0.4')];
    book.add([A, B, C, D]);
    book.failed(A, 1000);
    book.failed(A, 20_000);
    book.failed(B, 1000);
    book.connected(C);
    book.gone(C, 21_000);
    book.useless(D, 21_000);
    book.forgive(19_000);
    expect(book.candidates(21_000, 4)).toEqual([C, A, B]);
    // What failed before counts as before.
    book.failed(A, 22_000);
    expect(book.candidates(51_999, 4)).not.toContainEqual(A);
    expect(book.candidates(52_000, 4)).toContainEqual(A);
  });

  it('lets a peer that failed wait longer each time and forgets it in the end', () => {
    const book = new PeerBook();
    book.add([A]);
    let now = 0;
    for (const wait of [10_000, 30_000, 120_000, 600_000, 1_800_000]) {
      book.failed(A, now);
      expect(book.candidates(now + wait - 1, 1)).toEqual([]);
      now += wait;
      expect(book.candidates(now, 1)).toEqual([A]);
    }
    book.failed(A, now);
    expect(book.size).toBe(0);
    expect(book.add([A])).toBe(1);
  });

  it('offers peers without failures first', () => {
    const book = new PeerBook();
    book.add([A]);
    book.failed(A, 0);
    book.add([B]);
    expect(book.candidates(10_000, 1)).toEqual([B]);
    expect(book.candidates(10_000, 2)).toEqual([B, A]);
  });

  it('does not offer connected peers; a connection clears the failures', () => {
    const book = new PeerBook();
    book.add([A]);
    book.failed(A, 0);
    book.failed(A, 10_000);
    book.connected(A);
    expect(book.candidates(1e9, 5)).toEqual([]);
    book.gone(A);
    expect(book.candidates(0, 5)).toEqual([A]);
    book.failed(A, 0);
    expect(book.candidates(10_000, 5)).toEqual([A]);
    book.connected(A);
    book.gone(A, 20_000);
    expect(book.candidates(29_999, 5)).toEqual([]);
    expect(book.candidates(30_000, 5)).toEqual([A]);
  });

  it('leaves a peer with nothing to give alone for half an hour, whenever its connection ends', () => {
    const book = new PeerBook();
    book.add([A]);
    book.connected(A);
    book.useless(A, 1_000);
    book.gone(A, 2_000);
    expect(book.candidates(1_800_999, 5)).toEqual([]);
    expect(book.candidates(1_801_000, 5)).toEqual([A]);
    book.connected(A);
    book.gone(A, 1_802_000);
    expect(book.candidates(1_812_000, 5)).toEqual([A]);
  });

  it('leaves it alone twice as long each time, a day at most', () => {
    const book = new PeerBook();
    book.add([A]);
    let now = 0;
    for (const hours of [0.5, 1, 2, 4, 8, 16, 24, 24]) {
      book.connected(A);
      book.useless(A, now);
      book.gone(A, now);
      const until = now + hours * 3_600_000;
      expect(book.candidates(until - 1, 5)).toEqual([]);
      expect(book.candidates(until, 5)).toEqual([A]);
      now = until;
    }
    book.useless(A, now);
    book.wantAgain();
    book.useless(A, now);
    expect(book.candidates(now + 1_800_000, 5)).toEqual([A]);
  });

  it('offers those with the highest priority first, of each source in turn, and works it out anew when asked', () => {
    let factor = 1;
    const last = ({ host }: { readonly host: string }): number => Number(host.split('.')[3]);
    const book = new PeerBook(undefined, (peer) => (last(peer) > 8 ? undefined : factor * last(peer)));
    const hosts = [3, 9, 1, 2].map((i) => at(`10.0.0.${i}`));
    book.add([...hosts, at('10.0.1.1', 1, 'user'), at('10.0.1.2', 1, 'user')]);
    const order = (): string[] => book.candidates(0, 9).map(({ host }) => host.slice(5));
    expect(order()).toEqual(['0.3', '1.2', '0.2', '1.1', '0.1', '0.9']);
    factor = 10;
    expect(order()[0]).toBe('0.3');
    factor = -10;
    book.rerank();
    expect(order()).toEqual(['0.9', '1.1', '0.1', '1.2', '0.2', '0.3']);
  });

  it('offers one whose port is unsure after the others, until somebody is sure', () => {
    const book = new PeerBook();
    book.add([{ ...A, unsure: true }, B]);
    expect(book.candidates(0, 5)).toEqual([B, { ...A, unsure: true }]);
    book.add([at('10.0.0.3'), A]);
    expect(book.candidates(0, 5)).toEqual([A, B, at('10.0.0.3')]);
  });

  it.each(['overUtp', 'v2'])('remembers how one is reached, whoever says so: %s', (fact) => {
    const book = new PeerBook();
    book.add([A]);
    book.add([{ ...A, [fact]: true }]);
    book.add([A]);
    expect(book.candidates(0, 5)).toEqual([{ ...A, [fact]: true }]);
  });

  it('dials at once whom a seed had no use for, when there is something to fetch again, but not who failed', () => {
    const book = new PeerBook();
    book.add([A, B]);
    book.connected(A);
    book.useless(A, 1_000);
    book.gone(A, 1_000);
    book.failed(B, 1_000);
    book.wantAgain();
    expect(book.candidates(1_001, 5)).toEqual([A]);
  });

  it('bans a host however it is written, with all its ports', () => {
    const book = new PeerBook();
    book.add([A, at('10.0.0.1', 7000), B]);
    book.ban('::ffff:10.0.0.1');
    expect(book.candidates(0, 5)).toEqual([B]);
    expect(book.add([at('10.0.0.1', 7001)])).toBe(0);
    expect([book.isBanned('10.0.0.1'), book.isBanned('10.0.0.2')]).toEqual([true, false]);
  });

  it('stays bounded: only a peer that failed makes room', () => {
    const book = new PeerBook(2);
    book.add([A, B]);
    expect(book.add([at('10.0.0.3')])).toBe(0);
    book.failed(B, 0);
    expect(book.add([at('10.0.0.3')])).toBe(1);
    expect(book.candidates(1e9, 5)).toEqual([A, at('10.0.0.3')]);
  });

  it('gives no source more than its share where another wants some, and dials of each in turn', () => {
    const book = new PeerBook(8);
    const of = (source: PeerSourceKind, from: number, count: number): FoundPeer[] =>
      Array.from({ length: count }, (_, i) => at(`10.0.1.${from + i}`, 1, source));
    expect(book.add(of('tracker', 0, 20))).toBe(8);
    expect(book.add(of('incoming', 100, 20))).toBe(4);
    expect(book.add(of('user', 200, 2))).toBe(2);
    expect(book.add(of('tracker', 50, 20))).toBe(0);
    expect(Object.fromEntries(book.counts)).toEqual({ tracker: 3, incoming: 3, user: 2 });
    const order = book.candidates(0, 8).map(({ source }) => source);
    expect(order.slice(0, 3).toSorted()).toEqual(['incoming', 'tracker', 'user']);
    expect(order).toHaveLength(8);
    book.ban('10.0.1.201');
    for (const peer of of('user', 200, 1)) book.forget(peer);
    expect(book.counts.get('user')).toBe(0);
  });

  it('passes over what it does not know', () => {
    const book = new PeerBook();
    book.failed(A, 0);
    book.connected(A);
    book.gone(A, 0);
    expect([book.size, book.candidates(0, 1), book.candidates(0, -1)]).toEqual([0, [], []]);
  });
});
