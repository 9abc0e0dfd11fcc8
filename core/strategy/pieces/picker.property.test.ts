import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PieceIndex } from '../../base/ids.ts';
import type { BlockRef, PickerPeer } from './picker.ts';
import { peerWith, scene, seededRng } from '../testing/scene.ts';
import { PieceShare, mayRequest } from './share-map.ts';

const PIECES = 12;
const PEERS = 4;
const BLOCKS = 3;

const step = fc.record({
  what: fc.constantFrom(
    'pick',
    'pick',
    'pick',
    'end-game',
    'receive',
    'receive',
    'receive',
    'abandon',
    'gone',
    'share',
    'have',
    'reset',
    'solo',
    'sequential',
    'priority',
  ),
  peer: fc.nat(PEERS - 1),
  piece: fc.nat(PIECES - 1),
  n: fc.nat(7),
});
const plan = fc.record({
  seed: fc.integer({ min: 1 }),
  mode: fc.constantFrom('rarest', 'random', 'fixed'),
  shares: fc.array(fc.constantFrom('o', 'm', 't', 'b', 'P', '.', 'm', 'm'), { minLength: PIECES, maxLength: PIECES }),
  haves: fc.array(fc.array(fc.constantFrom('x', 'x', '.'), { minLength: PIECES, maxLength: PIECES }), {
    minLength: PEERS,
    maxLength: PEERS,
  }),
  steps: fc.array(step, { maxLength: 120 }),
});

/** What is on its way or there, kept by the test in the simplest way. */
class Model {
  readonly asked = new Map<string, Set<PickerPeer>>();
  readonly got = new Set<string>();

  clear(piece: number): void {
    for (const key of this.asked.keys()) if (key.startsWith(`${piece}.`)) this.asked.delete(key);
    for (const key of this.got) if (key.startsWith(`${piece}.`)) this.got.delete(key);
  }

  drop(key: string, peer: PickerPeer): void {
    const askers = this.asked.get(key);
    askers?.delete(peer);
    if (askers?.size === 0) this.asked.delete(key);
  }
}

const key = (ref: { piece: number; block: number }): string => `${ref.piece}.${ref.block}`;

describe('whatever happens', () => {
  test('no block is given twice or against the share map, and every missing block is given', () => {
    fc.assert(
      fc.property(plan, ({ seed, mode, shares, haves, steps }) => {
        const { picker, share, availability } = scene({
          share: shares.join(''),
          mode: mode as 'rarest',
          blocks: BLOCKS,
          rng: seededRng(seed),
        });
        const peers = haves.map((line) => peerWith(PIECES, line.join('')));
        for (const peer of peers) availability.addPeer(peer.pieces);
        const model = new Model();
        const soloed = new Set<number>();
        const priorities = new Uint8Array(PIECES).fill(4);

        for (const { what, peer: p, piece: index, n } of steps) {
          const peer = peers[p]!;
          const piece = index as PieceIndex;
          const out: BlockRef[] = [];
          if (what === 'pick') {
            const count = picker.pick(peer, n, out);
            expect(count).toBe(out.length);
            for (const ref of out) {
              expect(mayRequest(share.get(ref.piece))).toBe(true);
              expect(peer.pieces.has(ref.piece)).toBe(true);
              expect(model.got.has(key(ref)) || model.asked.has(key(ref))).toBe(false);
              model.asked.set(key(ref), new Set([peer]));
            }
            if (count === n) continue;
            for (let i = 0; i < PIECES; i++) {
              if (!mayRequest(share.get(i as PieceIndex)) || !peer.pieces.has(i) || soloed.has(i)) continue;
              if (priorities[i] === 0 && !picker.begun.has(i as PieceIndex)) continue;
              for (let block = 0; block < BLOCKS; block++) {
                expect(model.got.has(`${i}.${block}`) || model.asked.has(`${i}.${block}`)).toBe(true);
              }
            }
          } else if (what === 'end-game') {
            picker.pickEndGame(peer, n, out);
            for (const ref of out) {
              expect(mayRequest(share.get(ref.piece)) && peer.pieces.has(ref.piece)).toBe(true);
              const askers = model.asked.get(key(ref));
              expect(askers !== undefined && !askers.has(peer)).toBe(true);
              askers!.add(peer);
            }
            for (let i = 0; i < PIECES && out.length > 0; i++) {
              for (
                let block = 0;
                block < BLOCKS && mayRequest(share.get(i as PieceIndex)) && priorities[i] !== 0;
                block++
              ) {
                expect(model.got.has(`${i}.${block}`) || model.asked.has(`${i}.${block}`)).toBe(true);
              }
            }
          } else if (what === 'receive') {
            const next = [...model.asked].find(([, askers]) => askers.has(peer));
            if (next === undefined) continue;
            const [block, askers] = next;
            const [i, b] = block.split('.').map(Number) as [PieceIndex, number];
            const got = picker.received(i, b, peer);
            expect(got.fresh).toBe(true);
            expect(new Set(got.others)).toEqual(new Set([...askers].filter((asker) => asker !== peer)));
            model.asked.delete(block);
            model.got.add(block);
            const all = [0, 1, 2].every((other) => model.got.has(`${i}.${other}`));
            expect(got.complete).toBe(all);
            if (!all) continue;
            share.set(i, PieceShare.present);
            picker.finished(i);
            soloed.delete(i);
            model.clear(i);
          } else if (what === 'abandon' && !soloed.has(index)) {
            const block = n % BLOCKS;
            picker.abandon(piece, block, peer);
            model.drop(`${index}.${block}`, peer);
          } else if (what === 'gone') {
            picker.abandonAll(peer);
            for (const i of soloed)
              if ([...model.asked].some(([k, a]) => k.startsWith(`${i}.`) && a.has(peer))) model.clear(i);
            for (const k of model.asked.keys()) model.drop(k, peer);
          } else if (what === 'share' && !soloed.has(index)) {
            share.set(piece, [PieceShare.mine, PieceShare.open, PieceShare.theirs, PieceShare.both][n % 4]!);
          } else if (what === 'have') {
            if (peer.pieces.add(index)) availability.have(piece);
          } else if (what === 'reset' && !soloed.has(index)) {
            picker.reset(piece);
            model.clear(index);
          } else if (what === 'solo' && n === 0 && mayRequest(share.get(piece))) {
            picker.solo(piece);
            soloed.add(index);
            model.clear(index);
          } else if (what === 'sequential') {
            picker.setSequential(n % 2 === 0);
          } else if (what === 'priority') {
            priorities[index] = n;
            picker.setPriorities(priorities.slice());
          }
        }
      }),
      { numRuns: 400 },
    );
  });
});
