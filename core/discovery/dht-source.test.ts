import { beforeEach, describe, expect, test } from 'vitest';
import type { Endpoint } from '../base/endpoint.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SeededRandom } from '../sim/random.ts';
import { type DhtOutcome, DhtSource } from './dht-source.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const PEERS = [{ host: '10.1.0.1', port: 1 }];

let clock: VirtualClock;
let world: {
  ready: boolean;
  on: boolean;
  complete: boolean;
  peers: number;
  port: number | undefined;
  /** How many times it asked to be served, and said that this is over. */
  opened: number;
  closed: number;
};
/** Each search: when it began and what it announced. */
let searches: {
  readonly at: number;
  readonly announce: unknown;
  cancelled: boolean;
  end(outcome: DhtOutcome): void;
  found(peers: readonly Endpoint[]): void;
}[];
let found: Endpoint[];
let changed: () => void;
let source: DhtSource;

beforeEach(() => {
  clock = new VirtualClock();
  world = { ready: true, on: true, complete: false, peers: 0, port: 6881, opened: 0, closed: 0 };
  searches = [];
  found = [];
  source = new DhtSource({
    ports: { clock, random: new SeededRandom(1) },
    open: (listener) => {
      world.opened++;
      changed = listener;
      return {
        get ready() {
          return world.ready;
        },
        search: (options) => {
          let end: (outcome: DhtOutcome) => void = () => {};
          const done = new Promise<DhtOutcome>((resolve) => (end = resolve));
          const search = { at: clock.now(), announce: options.announce, cancelled: false, end, found: options.found };
          searches.push(search);
          return { cancel: () => (search.cancelled = true), done };
        },
        close: () => world.closed++,
      };
    },
    on: () => world.on,
    port: () => world.port,
    complete: () => world.complete,
    peerCount: () => world.peers,
    totals: () => ({ uploaded: 0, downloaded: 0, left: 1 }),
    found: (_, peers) => found.push(...peers),
  });
});

async function end(nodes = 8, announced = 8): Promise<void> {
  searches.at(-1)!.end({ nodes, announced });
  await clock.settle();
}

describe('searches', () => {
  test('that never left are made at once when there is a way; others are not made again for that', async () => {
    source.start();
    for (let i = 0; i < 20; i++) {
      await end(0, 0);
      await clock.advance(MINUTE);
    }
    await end(0, 0);
    const before = searches.length;
    source.wayCame();
    await clock.settle();
    expect(searches).toHaveLength(before + 1);
    await end();
    source.wayCame();
    await clock.settle();
    expect(searches).toHaveLength(before + 1);
  });

  test('begin as soon as there is a node, and pass on what they find', async () => {
    world.ready = false;
    source.start();
    await clock.advance(MINUTE);
    expect([searches.length, source.status()]).toMatchObject([0, { state: 'joining' }]);
    world.ready = true;
    changed();
    expect(searches).toMatchObject([{ at: MINUTE, announce: { port: 6881, seed: false } }]);
    searches[0]!.found(PEERS);
    searches[0]!.found([]);
    expect([found, source.status().state]).toEqual([PEERS, 'searching']);
    changed();
    await end();
    expect(searches).toHaveLength(1);
    expect(source.status()).toMatchObject({ state: 'waiting', nodes: 8, announced: 8, found: 1, last: 0 });
  });

  test('come again soon without peers, and every quarter of an hour with some', async () => {
    source.start();
    await end();
    await clock.advance(21 * SECOND);
    expect(searches).toHaveLength(2);
    world.peers = 3;
    await end();
    await clock.advance(11 * MINUTE);
    expect(searches).toHaveLength(2);
    await clock.advance(5 * MINUTE);
    expect(searches).toHaveLength(3);
    // All peers have gone since.
    await end();
    await clock.advance(MINUTE);
    world.peers = 0;
    await clock.advance(MINUTE);
    expect(searches).toHaveLength(4);
  });

  test('that nobody answers are made again at once, as the node only joins', async () => {
    source.start();
    await end(0, 0);
    expect(source.status().state).toBe('joining');
    await clock.advance(1.1 * SECOND);
    expect(searches).toHaveLength(2);
    await end();
    expect(source.status().state).toBe('waiting');
  });

  test('that somebody asks for are made, but not twice in half a minute', async () => {
    world.peers = 1;
    source.start();
    source.announceNow();
    await end();
    source.announceNow();
    source.announceNow();
    await clock.advance(29 * SECOND);
    expect(searches).toHaveLength(1);
    await clock.advance(2 * SECOND);
    expect(searches).toHaveLength(2);
    await end();
    await clock.advance(5 * MINUTE);
    expect(searches).toHaveLength(2);
  });
});

test('a seed says that it is one; who may not be known only searches', async () => {
  world.complete = true;
  source.start();
  await end();
  world.port = undefined;
  await clock.advance(16 * MINUTE);
  expect(searches.map(({ announce }) => announce)).toEqual([{ port: 6881, seed: true }, undefined]);
});

test('switched off it is silent at once, and begins anew when it is switched on', async () => {
  world.on = false;
  source.start();
  await clock.advance(MINUTE);
  expect([world.opened, source.status()]).toEqual([0, { kind: 'dht', state: 'off', nodes: 0, announced: 0, found: 0 }]);
  world.on = true;
  source.retuned();
  source.retuned();
  expect([world.opened, searches.length]).toEqual([1, 1]);
  world.on = false;
  source.retuned();
  expect([world.closed, searches[0]!.cancelled]).toEqual([1, true]);
  searches[0]!.found(PEERS);
  await end();
  await clock.advance(20 * MINUTE);
  expect([found, searches.length]).toEqual([[], 1]);
  world.on = true;
  source.retuned();
  expect(searches).toHaveLength(2);
  await clock.resolve(source.stop());
  await end();
  await clock.advance(20 * MINUTE);
  expect([world.opened, world.closed, searches.length, clock.pending]).toEqual([2, 2, 2, 0]);
});
