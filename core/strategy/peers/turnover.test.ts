import { describe, expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import type { SeatedPeer, Turnover } from './turnover.ts';
import { leastUseful } from './turnover.ts';

type Peer = Partial<Record<keyof SeatedPeer, unknown>>;
const MINUTE = 60_000;

/** Peers by name, each on a machine of its own where it names none. */
function least(peers: Readonly<Record<string, Peer>>, more: Partial<Turnover<string>> = {}): string | undefined {
  return leastUseful({
    peers: Object.entries(peers).map(
      ([id, peer]) =>
        ({
          id,
          machine: id,
          idleFor: millis(2 * MINUTE),
          traded: false,
          trickles: false,
          visits: 0,
          interested: false,
          interesting: false,
          declines: false,
          ...peer,
        }) as SeatedPeer<string>,
    ),
    seeding: false,
    newcomer: undefined,
    turn: false,
    settling: millis(MINUTE),
    may: () => true,
    ...more,
  });
}

const silent: Peer = {};
const fresh: Peer = { idleFor: MINUTE - 1 };
const wants: Peer = { interested: true };
const has: Peer = { interesting: true };
const offered: Peer = { interested: true, declines: true };
const trickles: Peer = { idleFor: 1, traded: true, trickles: true };
const longWaiting: Peer = { interesting: true, interested: true, idleFor: 10 * MINUTE };

describe('who makes room', () => {
  test('among those with whom nothing was exchanged the one with the lowest priority, then the one longest idle', () => {
    const old: Peer = { idleFor: 9 * MINUTE };
    expect(least({ a: { ...old, priority: 7 }, b: { priority: 3 }, c: { priority: 5 } })).toBe('b');
    expect(least({ a: { priority: 3 }, b: { ...old, priority: 3 } })).toBe('b');
    const traded: Peer = { traded: true };
    expect(least({ a: { ...traded, priority: 3 }, b: { ...traded, ...old, priority: 7 } })).toBe('b');
    expect(least({ a: { ...silent, priority: 9 }, b: { ...offered, priority: 1 } })).toBe('a');
  });

  test.each<[string, boolean, Record<string, Peer>, string | undefined]>([
    ['fetching: who is of no use', false, { wants, has, silent }, 'silent'],
    ['fetching: nobody who came just now', false, { fresh }, undefined],
    ['fetching: nobody who wants something, for long', false, { wants, has }, undefined],
    ['fetching: with whom nothing came about', false, { wants, has, longWaiting }, 'longWaiting'],
    ['fetching: who takes nothing of what it is offered', false, { offered, longWaiting }, 'offered'],
    ['fetching: nobody whom it is offered, and who has something', false, { a: { ...offered, ...has } }, undefined],
    ['seeding: who wants nothing, whatever it has', true, { wants, has }, 'has'],
    ['seeding: nobody who came just now', true, { fresh, a: { ...fresh, interested: true } }, undefined],
    ['seeding: nobody who waits for a slot, however long', true, { longWaiting }, undefined],
    ['seeding: who takes nothing of what it is offered', true, { wants, offered }, 'offered'],
    ['seeding: nobody who came just now and took nothing yet', true, { a: { ...offered, ...fresh } }, undefined],
    ['seeding: nobody who took something just now', true, { a: { ...offered, ...fresh, traded: true } }, undefined],
    ['nobody with whom a block was exchanged, though neither wants more', false, { a: { idleFor: 1000 } }, undefined],
    [
      'who never gave anything before who once did',
      false,
      { a: { ...silent, traded: true, idleFor: 1e7 }, silent },
      'silent',
    ],
    ['the longest idle', false, { silent, b: { idleFor: 3 * MINUTE }, c: silent }, 'b'],
    ['nobody, where there is nobody', false, {}, undefined],
    ['nobody alone on a machine, however little it brings', false, { a: { ...trickles, ...has } }, undefined],
    ['who came and went before, sooner', false, { a: { ...fresh, idleFor: MINUTE / 2, visits: 1 } }, 'a'],
    ['no sooner than that', false, { a: { ...fresh, idleFor: MINUTE / 2 - 1, visits: 1 } }, undefined],
    ['no sooner once it has traded', false, { a: { ...fresh, visits: 9, traded: true } }, undefined],
    ['who has something, came and went before, sooner', false, { a: { ...has, visits: 3 }, b: has }, 'a'],
    ['seeding: nobody who waits for a slot, even so', true, { a: { ...longWaiting, visits: 99 } }, undefined],
  ])('%s', (_, seeding, peers, expected) => {
    expect(least(peers, { seeding })).toBe(expected);
  });

  const at = (machine: string, peer: Peer): Peer => ({ ...peer, machine });
  test.each<[string, Record<string, Peer>, string | undefined, string | undefined]>([
    [
      'of those that are of no use, one of the machine with most',
      { a: silent, b: at('m', silent), c: at('m', silent) },
      undefined,
      'b',
    ],
    [
      'one of two that only wait, of a machine that has two more',
      { a: at('m', wants), b: at('m', wants) },
      undefined,
      'a',
    ],
    [
      'nobody of two for one whose machine has one',
      { a: at('m', wants), b: at('m', wants), c: at('n', wants) },
      'n',
      undefined,
    ],
    [
      'one of two with whom little is exchanged, be it now',
      { a: at('m', { ...trickles, ...wants }), b: at('m', { ...trickles, ...wants, idleFor: 5 }) },
      undefined,
      'b',
    ],
    [
      'nobody of them for one whose machine has one',
      { a: at('m', trickles), b: at('m', trickles), c: at('n', trickles) },
      'n',
      undefined,
    ],
    ['nobody of two that came just now', { a: at('m', fresh), b: at('m', fresh) }, undefined, undefined],
    [
      'nobody for a machine that has more places than his own',
      { a: silent, b: at('m', wants), c: at('m', wants) },
      'm',
      undefined,
    ],
    ['who is of no use for a machine that has as many', { a: silent, b: at('m', wants) }, 'm', 'a'],
    ['one of its own', { a: silent, b: at('m', silent), c: at('m', silent) }, 'm', 'b'],
  ])('%s', (_, peers, newcomer, expected) => {
    for (const seeding of [false, true]) expect(least(peers, { seeding, newcomer })).toBe(expected);
  });

  test('only those who may, though the others count', () => {
    const peers = { a: at('m', wants), b: at('m', wants), c: silent };
    expect(least(peers, { may: (id) => id === 'b' })).toBe('b');
  });
});

test('now and then one that trickles leaves, and nobody else', () => {
  const turn = { turn: true };
  const trades: Peer = { idleFor: 1, traded: true, interesting: true };
  expect(least({ trades, fresh, has, trickles: { ...trickles, ...has } }, turn)).toBe('trickles');
  expect(least({ trades, fresh, has }, turn)).toBeUndefined();
  expect(least({ trickles, silent }, turn)).toBe('silent');
  expect(least({ trickles: { ...trickles, interested: true } }, { ...turn, seeding: true })).toBeUndefined();
});
