import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../base/bitfield.ts';
import { piece } from '../../base/ids.ts';
import { BLOCK_LENGTH, Geometry } from '../../metainfo/geometry.ts';
import { Availability } from './availability.ts';
import { PiecePicker, type BlockRef } from './picker.ts';
import { picked, peerWith, scene, seededRng, shown, type Drawing } from '../testing/scene.ts';
import { PieceShare, ShareMap } from './share-map.ts';

interface Case extends Drawing {
  readonly name: string;
  readonly have?: string;
  readonly rate?: number;
  readonly count: number;
  readonly picks: string;
}

const cases: Case[] = [
  {
    name: 'the rarest first',
    availability: '1111 3214',
    share: 'PPPP mmmm',
    count: 9,
    picks: '6.0 6.1 6.2 6.3 5.0 5.1 5.2 5.3 4.0',
  },
  {
    name: 'only what the peer has',
    availability: '1111 3214',
    share: 'PPPP mmmm',
    have: '.... x..x',
    count: 5,
    picks: '4.0 4.1 4.2 4.3 7.0',
  },
  {
    name: 'begun pieces before rarer new ones',
    availability: '1111 3214',
    share: 'PPPP mmmm',
    begun: '0000 0003',
    count: 2,
    picks: '7.3 6.0',
  },
  {
    name: 'of begun pieces the rarest',
    availability: '1111 3214',
    share: 'PPPP mmmm',
    begun: '0000 3003',
    count: 2,
    picks: '4.3 7.3',
  },
  {
    name: 'of equally rare begun pieces the one that is done sooner',
    share: 'PPPP mmmm',
    begun: '0000 1310',
    count: 3,
    picks: '5.3 4.1 4.2',
  },
  {
    name: 'a higher priority before a rarer piece',
    availability: '1111 3214',
    share: 'PPPP mmmm',
    priority: '4444 4447',
    count: 5,
    picks: '7.0 7.1 7.2 7.3 6.0',
  },
  { name: 'nothing of priority 0', share: 'PPPP mmmm', priority: '0000 0030', count: 9, picks: '6.0 6.1 6.2 6.3' },
  {
    name: 'in order when sequential',
    availability: '1111 3214',
    share: 'PPPP mmmm',
    sequential: true,
    count: 5,
    picks: '4.0 4.1 4.2 4.3 5.0',
  },
  {
    name: 'priority before order when sequential',
    share: 'PPPP mmmm',
    sequential: true,
    priority: '4444 4464',
    count: 5,
    picks: '6.0 6.1 6.2 6.3 4.0',
  },
  {
    name: 'begun pieces in order when sequential',
    availability: '1111 3214',
    share: 'PPPP mmmm',
    begun: '0000 0303',
    sequential: true,
    count: 3,
    picks: '5.3 7.3 4.0',
  },
  {
    name: 'sequential passes over what the peer lacks',
    share: 'PPPP mmmm',
    have: '.... ..xx',
    sequential: true,
    count: 1,
    picks: '6.0',
  },
  { name: "nothing that is open, a sibling's, unwanted or present", share: 'ot.P ot.P', count: 9, picks: '' },
  {
    name: 'only its own of a restricted map',
    availability: '1111 1234',
    share: 'PPPP otmm',
    count: 5,
    picks: '6.0 6.1 6.2 6.3 7.0',
  },
  {
    name: 'nothing of a begun piece that was taken away',
    share: 'PPPP tmmm',
    begun: '0000 2000',
    have: '.... x...',
    count: 4,
    picks: '',
  },
  {
    name: 'granted copies last, from their last block',
    availability: '1111 1293',
    share: 'PPPP bmPP',
    count: 7,
    picks: '5.0 5.1 5.2 5.3 4.3 4.2 4.1',
  },
  { name: 'begun copies before new ones', share: 'PPPP bbPP', begun: '0000 0100', count: 4, picks: '5.3 5.2 5.1 4.3' },
  { name: 'nothing for a peer that has nothing', share: 'PPPP mmmm', have: '.... ....', count: 4, picks: '' },
  {
    name: 'fixed mode is rarest first within the range',
    availability: '1111 3214',
    share: 'PPPP mm..',
    mode: 'fixed',
    count: 5,
    picks: '5.0 5.1 5.2 5.3 4.0',
  },
];

describe('pick', () => {
  test.each(cases)('$name', ({ have, rate, count, picks, ...drawing }) => {
    const { picker, pieceCount } = scene(drawing);
    expect(picked(picker, peerWith(pieceCount, have, rate), count)).toBe(picks);
  });

  test('no block twice: the next peer goes on where the first stopped', () => {
    const { picker, pieceCount } = scene({ availability: '1111 12', share: 'PPPP mm' });
    expect(picked(picker, peerWith(pieceCount), 3)).toBe('4.0 4.1 4.2');
    expect(picked(picker, peerWith(pieceCount), 3)).toBe('4.3 5.0 5.1');
  });

  test('the last block of the torrent has its own length', () => {
    const geometry = new Geometry({
      pieceCount: 2,
      pieceLength: 2 * BLOCK_LENGTH,
      length: 3 * BLOCK_LENGTH + 7,
      files: [],
    });
    const share = new ShareMap(2, PieceShare.mine);
    const picker = new PiecePicker({
      geometry,
      share,
      availability: new Availability(2),
      rng: seededRng(),
      mode: 'rarest',
      sequential: true,
    });
    const out: BlockRef[] = [];
    expect(picker.pick(peerWith(2), 9, out)).toBe(4);
    expect(out.at(-1)).toEqual({ piece: 1, block: 1, begin: BLOCK_LENGTH, length: 7 });
  });

  test('a block for a single piece, as allowed fast ones are asked for', () => {
    const { picker, pieceCount } = scene({ availability: '1111 3214', share: 'PPPP mmmo' });
    const out: BlockRef[] = [];
    const peer = peerWith(pieceCount, '.... x..x');
    expect(picker.pickPiece(peer, piece(4), 2, out)).toBe(2);
    expect(picker.pickPiece(peer, piece(5), 2, out)).toBe(0);
    expect(picker.pickPiece(peer, piece(7), 2, out)).toBe(0);
    expect(shown(out)).toBe('4.0 4.1');
  });
});

describe('order follows what happens', () => {
  test('the first four pieces are picked at random, then the rarest', () => {
    const firsts = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const { picker, pieceCount } = scene({ availability: '9999 9991', rng: seededRng(seed * 7919) });
      firsts.add(picked(picker, peerWith(pieceCount), 1));
    }
    expect(firsts.size).toBe(8);
    for (let seed = 1; seed <= 10; seed++) {
      const { picker, share, pieceCount } = scene({ availability: '9999 9991', rng: seededRng(seed * 7919) });
      for (let i = 0; i < 4; i++) share.set(piece(i), PieceShare.present);
      expect(picked(picker, peerWith(pieceCount), 1)).toBe('7.0');
    }
  });

  test('ties are broken by chance, evenly', () => {
    const hits = new Map<string, number>();
    for (let seed = 1; seed <= 400; seed++) {
      const { picker, pieceCount } = scene({ share: 'PPPP mmmm', rng: seededRng(seed * 104729) });
      const first = picked(picker, peerWith(pieceCount), 1);
      hits.set(first, (hits.get(first) ?? 0) + 1);
    }
    expect([...hits.keys()].sort()).toEqual(['4.0', '5.0', '6.0', '7.0']);
    for (const n of hits.values()) expect(n).toBeGreaterThan(60);
  });

  test('random mode takes no notice of rarity', () => {
    const firsts = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const { picker, pieceCount } = scene({
        availability: '1111 9991',
        share: 'PPPP mmmm',
        mode: 'random',
        rng: seededRng(seed * 31),
      });
      firsts.add(picked(picker, peerWith(pieceCount), 1));
    }
    expect(firsts.size).toBe(4);
  });

  test('haves, peers that come and go, and siblings move pieces', () => {
    const { picker, availability, pieceCount } = scene({ availability: '1111 1233', share: 'PPPP oooo' });
    const seed = peerWith(pieceCount).pieces;
    expect(picker.candidates(seed, 4).slice(0, 2)).toEqual([4, 5]);
    for (let i = 0; i < 5; i++) availability.have(piece(4));
    expect(picker.candidates(seed, 1)).toEqual([5]);
    const comer = peerWith(pieceCount, '.... .x..').pieces;
    for (let i = 0; i < 3; i++) availability.addPeer(comer.clone());
    expect(picker.candidates(seed, 4).slice(2)).toEqual([5, 4]);
    availability.setElsewhere(Uint16Array.of(0, 0, 0, 0, 0, 0, 9, 9));
    expect(picker.candidates(seed, 2)).toEqual([5, 4]);
  });

  test('a piece of ours that became common is picked later', () => {
    const { picker, availability, pieceCount } = scene({ availability: '1111 1233', share: 'PPPP mmmm' });
    for (let i = 0; i < 5; i++) availability.have(piece(4));
    expect(picked(picker, peerWith(pieceCount), 1)).toBe('5.0');
    expect(picker.unbegun()[0]).toBe(4);
  });

  test('seeds come and go without any effect on the order', () => {
    const { picker, availability, pieceCount } = scene({ availability: '1111 3214', share: 'PPPP oooo' });
    const seeds = Array.from({ length: 300 }, () => Bitfield.full(pieceCount));
    for (const seed of seeds) availability.addPeer(seed);
    expect(availability.count(piece(6))).toBe(301);
    expect(picker.candidates(seeds[0]!, 4)).toEqual([6, 5, 4, 7]);
    for (const seed of seeds) availability.removePeer(seed);
    expect(availability.count(piece(6))).toBe(1);
  });

  test('priorities, order and mode may change at any time', () => {
    const { picker, pieceCount } = scene({ availability: '1111 3214', share: 'PPPP mmmm' });
    const seed = peerWith(pieceCount);
    picker.setPriorities(Uint8Array.of(4, 4, 4, 4, 4, 4, 0, 5));
    expect(picked(picker, seed, 5)).toBe('7.0 7.1 7.2 7.3 5.0');
    picker.setPriorities(undefined);
    picker.setSequential(true);
    expect(picked(picker, seed, 5)).toBe('5.1 5.2 5.3 4.0 4.1');
    expect(picker.unbegun()).toEqual([6]);
  });

  test('a claim that is granted can be picked, one that is lost cannot', () => {
    const { picker, share, pieceCount } = scene({ share: 'PPPP oo' });
    const seed = peerWith(pieceCount);
    expect(picked(picker, seed, 9)).toBe('');
    share.set(piece(5), PieceShare.mine);
    expect(picker.candidates(seed.pieces, 9)).toEqual([4]);
    expect(picked(picker, seed, 2)).toBe('5.0 5.1');
    share.set(piece(5), PieceShare.theirs);
    expect(picked(picker, seed, 9)).toBe('');
    share.set(piece(5), PieceShare.mine);
    expect(picked(picker, seed, 9)).toBe('5.2 5.3');
  });

  test('unbegun pieces, the last to be picked first', () => {
    const { picker, pieceCount } = scene({ availability: '1111 3214 1', share: 'PPPP mmmm o' });
    expect(picker.unbegun()).toEqual([7, 4, 5, 6]);
    picked(picker, peerWith(pieceCount), 1);
    expect(picker.unbegun()).toEqual([7, 4, 5]);
  });

  test('candidates pass over those that were asked for', () => {
    const { picker, pieceCount } = scene({ availability: '1111 3214', share: 'PPPP oooo' });
    const seed = peerWith(pieceCount).pieces;
    expect(picker.candidates(seed, 2, new Set([piece(6), piece(4)]))).toEqual([5, 7]);
  });
});

describe('slow peers', () => {
  const slow = 1000;
  const fast = 1_000_000;

  test('stay off what a fast one began while there is other work, and help when there is none', () => {
    const { picker, pieceCount } = scene({ availability: '1111 12', share: 'PPPP mm' });
    expect(picked(picker, peerWith(pieceCount, undefined, fast), 1)).toBe('4.0');
    expect(picked(picker, peerWith(pieceCount, undefined, slow), 5)).toBe('5.0 5.1 5.2 5.3 4.1');
  });

  test('are helped by fast ones', () => {
    const { picker, pieceCount } = scene({ availability: '1111 12', share: 'PPPP mm' });
    expect(picked(picker, peerWith(pieceCount, undefined, slow), 1)).toBe('4.0');
    expect(picked(picker, peerWith(pieceCount, undefined, fast), 4)).toBe('4.1 4.2 4.3 5.0');
  });

  test('may go on with it once the fast one has nothing on its way there', () => {
    const { picker, pieceCount } = scene({ availability: '1111 12', share: 'PPPP mm' });
    const quick = peerWith(pieceCount, undefined, fast);
    picked(picker, quick, 2);
    picker.received(piece(4), 0, quick);
    picker.abandonAll(quick);
    expect(picked(picker, peerWith(pieceCount, undefined, slow), 1)).toBe('4.1');
  });
});
