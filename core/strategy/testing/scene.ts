import { Bitfield } from '../../base/bitfield.ts';
import type { SelectionMode } from '../../base/choices.ts';
import type { PieceIndex, Rng } from '../../base/ids.ts';
import { BLOCK_LENGTH, Geometry } from '../../metainfo/geometry.ts';
import { Availability } from '../pieces/availability.ts';
import { type BlockRef, PiecePicker, type PickerPeer } from '../pieces/picker.ts';
import { PieceShare, ShareMap } from '../pieces/share-map.ts';

/** A picker's situation as lines of text: a character for each piece, spaces only for the eye. Each field says what is there without it. */
export interface Drawing {
  /** How many peers have each piece, 0 to 9; without it 1. */
  readonly availability?: string;
  /** `.` unwanted, `o` open, `m` mine, `t` theirs, `b` both, `P` present; without it `m`. */
  readonly share?: string;
  /** How many blocks of each piece were received, from the first on; 0, and without it: not begun. */
  readonly begun?: string;
  /** Priorities, 0 to 7; without it 4. */
  readonly priority?: string;
  readonly mode?: SelectionMode;
  readonly sequential?: boolean;
  /** Blocks of each piece; by default 4. */
  readonly blocks?: number;
  readonly rng?: Rng;
}

/** A picker in some situation, for a test. */
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

/** Random numbers that are the same for the same seed. */
export function seededRng(seed = 1): Rng {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Sets up a picker as drawn. */
export function scene(drawing: Drawing): Scene {
  const line = (text: string | undefined): string[] => Array.from((text ?? '').replaceAll(' ', ''));
  const pieceCount = Math.max(
    ...[drawing.availability, drawing.share, drawing.begun, drawing.priority].map((text) => line(text).length),
  );
  const blocks = drawing.blocks ?? 4;
  const pieceLength = blocks * BLOCK_LENGTH;
  const geometry = new Geometry({ pieceCount, pieceLength, length: pieceCount * pieceLength, files: [] });
  const share = new ShareMap(pieceCount, PieceShare.mine);
  line(drawing.share).forEach((c, i) => share.set(i as PieceIndex, SHARES[c] ?? PieceShare.mine));

  const availability = new Availability(pieceCount);
  const counts = line(drawing.availability).map(Number);
  for (let n = 1; n <= 9; n++) {
    const pieces = new Bitfield(pieceCount);
    for (let i = 0; i < pieceCount; i++) if ((counts[i] ?? 1) >= n) pieces.add(i);
    availability.addPeer(pieces);
  }
  const picker = new PiecePicker({
    geometry,
    share,
    availability,
    rng: drawing.rng ?? seededRng(),
    mode: drawing.mode ?? 'rarest',
    ...(drawing.sequential === undefined ? {} : { sequential: drawing.sequential }),
    ...(drawing.priority === undefined ? {} : { priorities: Uint8Array.from(line(drawing.priority), Number) }),
  });
  line(drawing.begun).forEach((c, i) => {
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

/** Blocks as `piece.block`, as in `3.0 3.1`. */
export function shown(refs: readonly BlockRef[]): string {
  return refs.map(({ piece, block }) => `${piece}.${block}`).join(' ');
}

/** The blocks that the picker gives, as `shown`. */
export function picked(picker: PiecePicker, peer: PickerPeer, count: number): string {
  const out: BlockRef[] = [];
  picker.pick(peer, count, out);
  return shown(out);
}
