import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../base/bitfield.ts';
import { piece, type PieceIndex } from '../../base/ids.ts';
import { Interest } from './interest-count.ts';
import { peerWith } from '../testing/scene.ts';
import { PieceShare, ShareMap } from './share-map.ts';

const COUNT = 9;

describe('Interest', () => {
  test.each([
    { state: 'unwanted', interesting: false },
    { state: 'open', interesting: true },
    { state: 'mine', interesting: true },
    { state: 'theirs', interesting: false },
    { state: 'both', interesting: true },
    { state: 'present', interesting: false },
  ] as const)('a peer whose only piece is $state: $interesting', ({ state, interesting }) => {
    const share = new ShareMap(COUNT, PieceShare.open);
    share.set(piece(3), PieceShare[state]);
    const interest = new Interest(share);
    const peer = peerWith(COUNT, '...x.....');
    interest.addPeer(peer);
    expect(interest.count(peer) > 0).toBe(interesting);
  });

  test('reports who becomes interesting and who ceases to be, once', () => {
    const share = new ShareMap(COUNT, PieceShare.present);
    const interest = new Interest(share);
    const told: string[] = [];
    const a = peerWith(COUNT, 'xx.......');
    const b = peerWith(COUNT);
    const names = new Map([
      [a, 'a'],
      [b, 'b'],
    ]);
    interest.onChange((peer, interesting) => told.push(`${names.get(peer)}${interesting ? '+' : '-'}`));
    interest.addPeer(a);
    interest.addPeer(b);
    share.set(piece(8), PieceShare.open);
    share.set(piece(0), PieceShare.open);
    share.set(piece(0), PieceShare.mine);
    share.set(piece(0), PieceShare.theirs);
    share.set(piece(8), PieceShare.present);
    interest.removePeer(b);
    share.set(piece(1), PieceShare.both);
    expect(told).toEqual(['b+', 'a+', 'a-', 'b-', 'a+']);
  });

  test('a have, and a bitfield that is filled in, count at once', () => {
    const share = new ShareMap(COUNT, PieceShare.mine);
    const interest = new Interest<{ pieces: Bitfield }>(share);
    const peer = { pieces: new Bitfield(COUNT) };
    const told: boolean[] = [];
    interest.onChange((_, interesting) => told.push(interesting));
    interest.addPeer(peer);
    peer.pieces.add(4);
    interest.have(peer, piece(4));
    expect(interest.count(peer)).toBe(1);
    peer.pieces.setAll();
    interest.refresh(peer);
    expect(interest.count(peer)).toBe(COUNT);
    expect(told).toEqual([true]);
  });

  test('always equals a recount', () => {
    const states = Object.values(PieceShare);
    const step = fc.record({
      share: fc.boolean(),
      piece: fc.nat(COUNT - 1),
      state: fc.constantFrom(...states),
      peer: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const share = new ShareMap(COUNT, PieceShare.open);
        const interest = new Interest(share);
        const peers = [peerWith(COUNT), peerWith(COUNT, 'x.x.x'), peerWith(COUNT, '.........')];
        for (const peer of peers) interest.addPeer(peer);
        for (const { share: changesShare, piece: index, state, peer: p } of steps) {
          const peer = peers[p]!;
          if (changesShare) share.set(index as PieceIndex, state);
          else if (peer.pieces.add(index)) interest.have(peer, index as PieceIndex);
          for (const { pieces } of peers) {
            const recount = [...pieces.indexes()].filter((i) => share.mayTake(i as PieceIndex)).length;
            expect(interest.count(peers.find((other) => other.pieces === pieces)!)).toBe(recount);
          }
        }
      }),
    );
  });
});
