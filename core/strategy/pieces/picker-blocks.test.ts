import { describe, expect, test } from 'vitest';
import { piece } from '../../base/ids.ts';
import type { BlockRef } from './picker.ts';
import { peerWith, picked, scene, shown, type Scene } from '../testing/scene.ts';
import { PieceShare } from './share-map.ts';

const two = (): Scene => scene({ availability: '1111 12', share: 'PPPP mm', blocks: 2 });

describe('received', () => {
  test('says what is fresh, what completes a piece, and who brought it', () => {
    const { picker, pieceCount } = two();
    const a = peerWith(pieceCount);
    const b = peerWith(pieceCount);
    picked(picker, a, 1);
    picked(picker, b, 1);
    expect(picker.received(piece(4), 0, a)).toEqual({ fresh: true, complete: false, others: [] });
    expect(picker.received(piece(4), 0, b)).toEqual({ fresh: false, complete: false, others: [] });
    expect(picker.received(piece(4), 1, b)).toEqual({ fresh: true, complete: true, others: [] });
    const begun = picker.begun.get(piece(4));
    expect(begun?.received).toBe(2);
    expect([...begun!.contributors]).toEqual([a, b]);
    expect(begun?.bits()).toEqual(Uint8Array.of(0b11000000));
    picker.finished(piece(4));
    expect(picker.begun.size).toBe(0);
  });

  test('takes a block that was given up meanwhile', () => {
    const { picker, pieceCount } = two();
    const a = peerWith(pieceCount);
    picked(picker, a, 1);
    picker.abandon(piece(4), 0, a);
    expect(picker.begun.size).toBe(0);
    expect(picker.received(piece(4), 0, a).fresh).toBe(true);
    expect(picked(picker, a, 2)).toBe('4.1 5.0');
  });

  test.each([
    { name: 'of a piece that may not be requested', piece: 0, block: 0 },
    { name: 'that is no block of the piece', piece: 4, block: 2 },
    { name: 'before the first', piece: 4, block: -1 },
  ])('refuses a block $name', ({ piece: index, block }) => {
    const { picker, pieceCount } = two();
    expect(picker.received(piece(index), block, peerWith(pieceCount)).fresh).toBe(false);
    expect(picker.begun.size).toBe(0);
  });
});

describe('abandon', () => {
  test('a block that will not come is missing again and goes first', () => {
    const { picker, pieceCount } = two();
    const a = peerWith(pieceCount);
    picked(picker, a, 2);
    picker.received(piece(4), 1, a);
    picker.abandon(piece(4), 0, a);
    expect(picked(picker, peerWith(pieceCount), 1)).toBe('4.0');
  });

  test('a block of a copy goes first again from the end', () => {
    const { picker, pieceCount } = scene({ share: 'PPPP b', blocks: 4 });
    const a = peerWith(pieceCount);
    expect(picked(picker, a, 3)).toBe('4.3 4.2 4.1');
    picker.abandon(piece(4), 2, a);
    expect(picked(picker, a, 3)).toBe('4.2 4.0');
  });

  test('of a peer that did not ask for it changes nothing', () => {
    const { picker, pieceCount } = two();
    picked(picker, peerWith(pieceCount), 1);
    picker.abandon(piece(4), 0, peerWith(pieceCount));
    expect(picked(picker, peerWith(pieceCount), 1)).toBe('4.1');
  });

  test('all of a peer, and nothing of another', () => {
    const { picker, pieceCount } = two();
    const a = peerWith(pieceCount);
    const b = peerWith(pieceCount);
    expect(picked(picker, a, 1)).toBe('4.0');
    expect(picked(picker, b, 1)).toBe('4.1');
    expect(picked(picker, a, 2)).toBe('5.0 5.1');
    picker.abandonAll(a);
    expect([...picker.begun.keys()]).toEqual([4]);
    expect(picked(picker, b, 9)).toBe('4.0 5.0 5.1');
  });
});

describe('restore, reset', () => {
  test('blocks that are on disk are not fetched again; spare bits say nothing', () => {
    const { picker, pieceCount } = scene({ share: 'PPPP m', blocks: 4 });
    picker.restore({ piece: piece(4), blocks: Uint8Array.of(0b01011111) });
    picker.restore({ piece: piece(99), blocks: Uint8Array.of(0xff) });
    expect(picker.begun.get(piece(4))?.received).toBe(2);
    expect(picked(picker, peerWith(pieceCount), 9)).toBe('4.0 4.2');
    expect(picker.begun.size).toBe(1);
  });

  test('a record without blocks begins nothing', () => {
    const { picker } = scene({ share: 'PPPP m' });
    picker.restore({ piece: piece(4), blocks: new Uint8Array(0) });
    expect(picker.begun.size).toBe(0);
    expect(picker.unbegun()).toEqual([4]);
  });

  test('after a reset all of it is missing and nobody is to blame', () => {
    const { picker, pieceCount } = two();
    const a = peerWith(pieceCount);
    picked(picker, a, 2);
    picker.received(piece(4), 0, a);
    picker.received(piece(4), 1, a);
    picker.reset(piece(4));
    expect(picker.begun.size).toBe(0);
    expect(picked(picker, a, 2)).toBe('4.0 4.1');
    expect(picker.begun.get(piece(4))?.contributors.size).toBe(0);
  });
});

describe('solo', () => {
  const failed = (): Scene => {
    const drawn = two();
    drawn.picker.solo(piece(4));
    return drawn;
  };

  test('the first that picks it gets all of it', () => {
    const { picker, pieceCount } = failed();
    const a = peerWith(pieceCount);
    const b = peerWith(pieceCount);
    expect(picked(picker, a, 1)).toBe('4.0');
    expect(picked(picker, b, 9)).toBe('5.0 5.1');
    expect(picker.received(piece(4), 0, b).fresh).toBe(false);
    expect(picker.received(piece(4), 0, a).fresh).toBe(true);
    expect(picked(picker, a, 9)).toBe('4.1');
    expect(picker.received(piece(4), 1, a).complete).toBe(true);
    expect([...picker.begun.get(piece(4))!.contributors]).toEqual([a]);
  });

  test.each(['goes away', 'gives up its last request'])('when it %s the next one goes on with it', (how) => {
    const { picker, pieceCount } = failed();
    const a = peerWith(pieceCount);
    const b = peerWith(pieceCount);
    picked(picker, a, 2);
    picker.received(piece(4), 0, a);
    if (how === 'goes away') picker.abandonAll(a);
    else picker.abandon(piece(4), 1, a);
    expect(picked(picker, a, 1)).toBe('5.0');
    expect(picked(picker, b, 1)).toBe('4.1');
    picker.received(piece(4), 1, b);
    expect(picker.begun.get(piece(4))?.senders()).toEqual([a, b]);
  });

  test('who gave it up comes last: also after it failed again, and until nobody else is able', () => {
    const { picker, pieceCount } = failed();
    const [a, b] = [{ ...peerWith(pieceCount), host: 'a' }, peerWith(pieceCount)];
    const again = { ...peerWith(pieceCount), host: 'a' };
    picked(picker, a, 1);
    picker.abandonAll(a);
    expect(picked(picker, again, 9)).toBe('5.0 5.1');
    picker.solo(piece(4));
    picker.unbar([again, b], () => true);
    expect(picked(picker, again, 9)).toBe('');
    picker.unbar([again, b], (peer) => peer === again);
    expect(picked(picker, again, 9)).toBe('4.0 4.1');
  });

  test.each([
    ['eight times slower', 1, 9, true],
    ['not much slower', 2, 9, false],
    ['not measured yet', 0, 9, false],
  ])('one that is %s gives way: %j', (_, rate, other, expected) => {
    const { picker, pieceCount } = failed();
    picked(picker, { ...peerWith(pieceCount), rate }, 1);
    const fast = { ...peerWith(pieceCount), rate: other };
    expect(picker.slowSolo(fast)).toBe(expected ? 4 : undefined);
    expect(picker.slowSolo({ ...peerWith(pieceCount, '.... .x'), rate: other })).toBeUndefined();
    if (!expected) return;
    picker.solo(piece(4));
    expect(picked(picker, fast, 2)).toBe('4.0 4.1');
  });

  test('a sibling, which brings none alone, neither takes it from a slow peer nor keeps one out that gave it up', () => {
    const { picker, pieceCount } = failed();
    const slow = { ...peerWith(pieceCount, undefined, 1), host: 'a' };
    const sibling = { ...peerWith(pieceCount, undefined, 9), host: 'identity 2', several: true };
    picked(picker, slow, 1);
    expect(picker.slowSolo(sibling)).toBeUndefined();
    picker.abandonAll(slow);
    picker.unbar([slow, sibling], () => true);
    expect(picked(picker, slow, 2)).toBe('4.0 4.1');
  });

  test('a complete one stays until its hash is known, though its peer goes', () => {
    const { picker, pieceCount } = failed();
    const a = peerWith(pieceCount);
    picked(picker, a, 2);
    picker.received(piece(4), 0, a);
    picker.received(piece(4), 1, a);
    picker.abandonAll(a);
    expect(picker.begun.get(piece(4))?.received).toBe(2);
  });

  test('is no end-game for others', () => {
    const { picker, share, pieceCount } = failed();
    share.set(piece(5), PieceShare.present);
    picked(picker, peerWith(pieceCount), 2);
    expect(picker.pickEndGame(peerWith(pieceCount), 9, [])).toBe(0);
  });
});

describe('pickEndGame', () => {
  test('asks for what is on its way at others, the least asked for first, and names them on arrival', () => {
    const { picker, pieceCount } = two();
    const [a, b, c] = [peerWith(pieceCount), peerWith(pieceCount), peerWith(pieceCount, '.... .x')];
    const out: BlockRef[] = [];
    expect(picked(picker, a, 9)).toBe('4.0 4.1 5.0 5.1');
    expect(picker.pickEndGame(a, 9, out)).toBe(0);
    expect(picker.pickEndGame(b, 3, out)).toBe(3);
    expect(shown(out)).toBe('4.0 4.1 5.0');
    out.length = 0;
    picker.pickEndGame(c, 9, out);
    expect(shown(out)).toBe('5.1 5.0');
    expect(picker.received(piece(5), 0, b)).toEqual({ fresh: true, complete: false, others: [a, c] });
    expect(picker.received(piece(5), 0, a).fresh).toBe(false);
    picker.abandonAll(a);
    expect(picker.received(piece(5), 1, c)).toEqual({ fresh: true, complete: true, others: [] });
    expect(picker.received(piece(4), 0, b)).toEqual({ fresh: true, complete: false, others: [] });
    expect(picker.begun.get(piece(4))?.missing).toBe(0);
    picker.abandon(piece(4), 1, b);
    expect(picked(picker, c, 9)).toBe('');
    expect(picked(picker, a, 9)).toBe('4.1');
  });

  test.each([
    { name: 'a block is unrequested', share: 'PPPP mm' },
    { name: 'a piece may still be claimed', share: 'PPPP mo' },
    { name: 'a granted copy is not begun', share: 'PPPP mb' },
  ])('gives nothing while $name', ({ share }) => {
    const { picker, pieceCount } = scene({ share, blocks: 2 });
    const slow = peerWith(pieceCount, '.... x.');
    picked(picker, slow, 2);
    expect(picker.pickEndGame(peerWith(pieceCount), 9, [])).toBe(0);
  });

  test('gives nothing while a block of a begun piece is unrequested', () => {
    const { picker, pieceCount } = scene({ share: 'PPPP m', blocks: 2 });
    picked(picker, peerWith(pieceCount), 1);
    expect(picker.pickEndGame(peerWith(pieceCount), 9, [])).toBe(0);
    picked(picker, peerWith(pieceCount), 1);
    expect(picker.pickEndGame(peerWith(pieceCount), 9, [])).toBe(2);
  });

  test('gives nothing of a piece that was taken away', () => {
    const { picker, share, pieceCount } = scene({ share: 'PPPP m', blocks: 2 });
    picked(picker, peerWith(pieceCount), 2);
    share.set(piece(4), PieceShare.present);
    expect(picker.pickEndGame(peerWith(pieceCount), 9, [])).toBe(0);
  });
});
