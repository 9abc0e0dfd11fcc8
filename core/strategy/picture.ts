import { Bitfield } from '../base/bitfield.ts';
import type { SelectionMode } from '../base/choices.ts';
import type { PieceIndex, Rng } from '../base/ids.ts';
import { BLOCK_LENGTH, Geometry } from '../metainfo/geometry.ts';
import { Availability } from './availability.ts';
import { type BlockRef, PiecePicker, type PickerPeer } from './picker.ts';
import { PieceShare, ShareMap } from './share-map.ts';

/** Each line has a character a piece; spaces are for the eye. Lines that are left out: all the same, see each. */
export interface Picture {
  /** Peers that have it, 0 to 9; none: 1. */
  readonly availability?: string;
  /** `.` unwanted, `o` open, `m` mine, `t` theirs, `b` both, `P` present; none: `m`, after four that are present. */
  readonly share?: string;
  /** Received blocks of begun pieces, counted from the first; none: 0, not begun. */
  readonly begun?: string;
  /** 0 to 7; none: 4. */
  readonly priority?: string;
  readonly mode?: SelectionMode;
  readonly sequential?: boolean;
  /** Blocks of each piece; 4. */
  readonly blocks?: number;
  readonly rng?: Rng;
}

/** What stands on the table for a test of the picker. */
export interface Scene {
  readonly picker: PiecePicker;
  readonly share: ShareMap;
  readonly availability: Availability;
  readonly geometry: Geometry;
  readonly pieceCount: number;
}

const SHARES: Readonly<Record<string, PieceShare>> = {
  '.': PieceShare.unwanted,
  o: PieceShare.open,
  m: PieceShare.mine,
  t: PieceShare.theirs,
  b: PieceShare.both,
  P: PieceShare.present,
};

/** Repeatable chance. */
export function seededRng(seed = 1): Rng {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Sets up a picker as drawn. Tests alone use it. */
export function scene(picture: Picture): Scene {
  const line = (text: string | undefined): string[] => Array.from((text ?? '').replaceAll(' ', ''));
  const pieceCount = Math.max(
    ...[picture.availability, picture.share, picture.begun, picture.priority].map((text) => line(text).length),
  );
  const blocks = picture.blocks ?? 4;
  const pieceLength = blocks * BLOCK_LENGTH;
  const geometry = new Geometry({ pieceCount, pieceLength, length: pieceCount * pieceLength, files: [] });
  const share = new ShareMap(pieceCount, PieceShare.mine);
  line(picture.share).forEach((c, i) => share.set(i as PieceIndex, SHARES[c] ?? PieceShare.mine));

  const availability = new Availability(pieceCount);
  const counts = line(picture.availability).map(Number);
  for (let n = 1; n <= 9; n++) {
    const pieces = new Bitfield(pieceCount);
    for (let i = 0; i < pieceCount; i++) if ((counts[i] ?? 1) >= n) pieces.add(i);
    availability.addPeer(pieces);
  }
  const picker = new PiecePicker({
    geometry,
    share,
    availability,
    rng: picture.rng ?? seededRng(),
    mode: picture.mode ?? 'rarest',
    ...(picture.sequential === undefined ? {} : { sequential: picture.sequential }),
    ...(picture.priority === undefined ? {} : { priorities: Uint8Array.from(line(picture.priority), Number) }),
  });
  line(picture.begun).forEach((c, i) => {
    const received = Number(c);
    if (received === 0) return;
    const bits = new Bitfield(blocks);
    for (let block = 0; block < received; block++) bits.add(block);
    picker.restore({ piece: i as PieceIndex, blocks: bits.bytes });
  });
  return { picker, share, availability, geometry, pieceCount };
}

/** A peer that has the pieces where `have` shows `x`; without it all of them. */
export function peerWith(pieceCount: number, have?: string, rate?: number): PickerPeer {
  const pieces = have === undefined ? Bitfield.full(pieceCount) : new Bitfield(pieceCount);
  Array.from((have ?? '').replaceAll(' ', '')).forEach((c, i) => c === 'x' && pieces.add(i));
  return { pieces, rate };
}

/** `piece.block` of each, as in `3.0 3.1`. */
export function shown(refs: readonly BlockRef[]): string {
  return refs.map(({ piece, block }) => `${piece}.${block}`).join(' ');
}

/** What the picker gives, as `shown`. */
export function picked(picker: PiecePicker, peer: PickerPeer, count: number): string {
  const out: BlockRef[] = [];
  picker.pick(peer, count, out);
  return shown(out);
}
