import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { piece as p, torrentKey } from '../base/ids.ts';
import type { SimClient } from '../sim/client.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WirePeer, WirePeerOptions } from '../sim/wire-peer.ts';

const KIB = 1024;
const BLOCK = 16 * KIB;

type Answer = (send: () => void, piece: number, begin: number) => void;

interface World {
  readonly swarm: SimSwarm;
  readonly ours: SimClient;
  /** A seed of the test's own that answers requests as it says. */
  seed(address: string, answer: Answer, changes?: Partial<WirePeerOptions>, up?: number): Promise<WirePeer>;
  meet(...peers: readonly WirePeer[]): void;
}

function world(pieces: number, blocks: number): World {
  const swarm = new SimSwarm(3, { files: pieces * blocks * BLOCK, pieceLength: blocks * BLOCK });
  const ours = swarm.leecher('10.9.0.1', {});
  return {
    swarm,
    ours,
    seed: (address, answer, changes = {}, up = 400 * KIB) => {
      const script: Partial<WirePeerOptions> = {
        greet: (it) => {
          it.batch.haveAll();
          it.batch.unchoke();
        },
        requested: (it, piece, begin, length) =>
          answer(
            () => {
              const at = it.requests.findIndex((one) => one.piece === piece && one.begin === begin);
              // Cancelled meanwhile.
              if (at < 0 || it.closed !== undefined) return;
              it.requests.splice(at, 1);
              it.block(piece, begin, swarm.block(piece, begin, length));
            },
            piece,
            begin,
          ),
        ...changes,
      };
      return swarm.wirePeer(address, { up }, script).listen();
    },
    meet: (...peers) =>
      ours.introduce(
        torrentKey(swarm.torrent.info.infoHash),
        peers.map(({ endpoint }) => endpoint),
      ),
  };
}

function expectAll({ swarm, ours }: World): void {
  expect(ours.verified.size).toBe(swarm.torrent.info.pieceCount);
  expect(sameBytes(ours.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
}

describe('requests', () => {
  test('a peer that sends nothing for a minute loses them to others, and is asked for one block a minute', async () => {
    const scene = world(4, 4);
    const silent = await scene.seed('10.0.3.1', () => {});
    scene.meet(silent);
    await scene.swarm.clock.advance(50_000);
    expect(silent.open?.requests.length).toBeGreaterThan(1);
    await scene.swarm.clock.advance(15_000);
    expect(silent.open?.requests.length).toBe(1);
    const other = await scene.seed('10.0.3.2', (send) => send());
    scene.meet(other);
    await scene.swarm.clock.advance(10_000);
    expectAll(scene);
  });

  test('at the end the last blocks are asked of all; the first wins, and it is cancelled at the others', async () => {
    const scene = world(4, 8);
    const { clock } = scene.swarm;
    const fast = await scene.seed('10.0.3.1', (send) => send());
    // It answers, but so late that the others are done by then.
    const late = await scene.seed('10.0.3.2', (send) => void clock.after(40_000 as never, send));
    scene.meet(fast, late);
    expect(await clock.runUntil(() => scene.ours.verified.size === 4, 20_000)).toBe(true);
    await clock.advance(60_000);
    expectAll(scene);
    expect(late.open?.requests).toEqual([]);
    expect(scene.ours.status?.wasted).toBe(0);
  });

  test('what was taken back when somebody jumped, and comes all the same, is kept', async () => {
    const scene = world(64, 16);
    const { clock, torrent } = scene.swarm;
    // It has what it was asked for in its socket at once: nothing can be taken back.
    const requested: WirePeerOptions['requested'] = (it, piece, begin, length) =>
      it.block(piece, begin, scene.swarm.block(piece, begin, length));
    scene.meet(await scene.seed('10.0.3.1', () => {}, { requested }, 1024 * KIB));
    await clock.advance(3000);
    const key = torrentKey(torrent.info.infoHash);
    for (const first of [60, 30, 50]) {
      scene.ours.tell({ type: 'urgent', key, pieces: Uint32Array.of(first), hurries: true, helps: false });
      await clock.advance(2000);
    }
    expect(await clock.runUntil(() => scene.ours.verified.size === 64, 60_000)).toBe(true);
    expect(scene.ours.status?.wasted).toBeLessThan(4 * BLOCK);
    expectAll(scene);
  });

  test('the reject of a request that was taken back is none of the same request made anew', async () => {
    // The last piece is one block.
    const scene = world(7.25, 4);
    const { clock, torrent } = scene.swarm;
    let answers = false;
    let asked = 0;
    const peer = await scene.seed('10.0.3.1', (send) => {
      asked++;
      if (answers) send();
    });
    scene.meet(peer);
    await clock.advance(3000);
    const it = peer.open;
    const before = it?.requests.slice(2) ?? [];
    const key = torrentKey(torrent.info.infoHash);
    scene.ours.tell({ type: 'urgent', key, pieces: Uint32Array.of(7), hurries: true, helps: false });
    await clock.advance(100);
    // One of them fills the window again.
    const now = it?.requests.slice() ?? [];
    expect(
      before.filter(({ begin }) => now.some((one) => one.piece === before[0]?.piece && one.begin === begin)),
    ).toHaveLength(1);
    for (const { piece, begin, length } of before) it?.batch.reject(p(piece), begin, length);
    it?.flush();
    await clock.advance(100);
    answers = true;
    for (const { piece, begin, length } of now) it?.block(piece, begin, scene.swarm.block(piece, begin, length));
    expect(await clock.runUntil(() => scene.ours.verified.size === 8, 60_000)).toBe(true);
    expect(scene.ours.status?.wasted).toBe(0);
    expect(asked).toBe(29 + before.length);
    expectAll(scene);
  });

  test('while choked only the pieces that a peer allows are asked for (BEP 6)', async () => {
    const scene = world(8, 2);
    const asked = new Set<number>();
    const allowing = await scene.seed(
      '10.0.3.1',
      (send, piece) => {
        asked.add(piece);
        send();
      },
      {
        greet: (it) => {
          it.batch.haveAll();
          for (const piece of [2, 5]) it.batch.allowedFast(p(piece));
        },
      },
    );
    scene.meet(allowing);
    await scene.swarm.clock.advance(10_000);
    expect(asked).toEqual(new Set([2, 5]));
    expect(scene.ours.verified).toEqual(new Set([2, 5]));
  });
});

describe('a piece that failed through several', () => {
  test('is taken from the one that has it to itself where that one is far slower than another', async () => {
    const scene = world(1, 32);
    const { clock } = scene.swarm;
    let free = 0;
    let slow = false;
    // Wrong once, while another has a part in it; from then on a block every 15 s, so that it is never held for silent.
    const first = await scene.seed(
      '10.0.3.1',
      () => {},
      {
        requested: (it, piece, begin, length) => {
          const send = (): void => {
            if (it.closed !== undefined || !it.requests.some((one) => one.begin === begin)) return;
            const data = scene.swarm.block(piece, begin, length).slice();
            if (!slow) data[0] = (data[0] ?? 0) ^ 1;
            it.requests.splice(
              it.requests.findIndex((one) => one.begin === begin),
              1,
            );
            it.block(piece, begin, data);
          };
          if (!slow) return send();
          free = Math.max(free, clock.now()) + 15_000;
          clock.after((free - clock.now()) as never, send);
        },
      },
      40 * KIB,
    );
    const second = await scene.seed('10.0.3.2', (send) => send(), {}, 40 * KIB);
    scene.meet(first);
    await clock.advance(1_500);
    scene.meet(second);
    await clock.runUntil(() => scene.ours.heard.some(({ type }) => type === 'hash-failed'), 60_000);
    slow = true;
    expect(await clock.runUntil(() => scene.ours.verified.size === 1, 120_000)).toBe(true);
    expectAll(scene);
    await clock.advance(3_000);
    expect(first.open).toBeUndefined();
    expect(second.open).toBeDefined();
  });
});
