import { Bitfield } from '../../core/base/bitfield.ts';
import type { PieceIndex } from '../../core/base/ids.ts';
import { BLOCK_LENGTH, Geometry } from '../../core/metainfo/geometry.ts';
import { Availability } from '../../core/strategy/pieces/availability.ts';
import type { BlockRef, PickerPeer } from '../../core/strategy/pieces/picker.ts';
import { PiecePicker } from '../../core/strategy/pieces/picker.ts';
import { PieceShare, ShareMap } from '../../core/strategy/pieces/share-map.ts';
import type { Case } from '../lib/bench.ts';
import type { Sample } from '../lib/result.ts';

const PIECES = 200_000;
const PEERS = 200;
const DECISIONS = 400_000;
const END_GAME = 1000;

/** The picker alone, in memory: deciding what to request from whom. */
export const picker: Case = {
  name: 'picker',
  title:
    '200,000 pieces, 200 peers; a decision is one block, picked and received; end-game: 1,000 blocks that are out at others',
  metrics: [
    { name: 'decisions', unit: 'a second', digits: 0 },
    { name: 'set-up', unit: 'ms', digits: 0 },
    { name: 'end-game', unit: 'ms', digits: 2 },
  ],
  async run(bench) {
    const run = (blocks: number, at: number) => () => Promise.resolve(decide(blocks, at));
    await bench.interleave([
      { group: 'pieces of 16 blocks', name: 'ensemble, one at a time', run: run(16, 1) },
      { group: 'pieces of 16 blocks', name: 'ensemble, 16 at a time', run: run(16, 16) },
    ]);
  },
};

function decide(blocks: number, most: number): Sample {
  let state = 1;
  const rng = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const from = performance.now();
  const pieceLength = blocks * BLOCK_LENGTH;
  const geometry = new Geometry({ pieceCount: PIECES, pieceLength, length: PIECES * pieceLength, files: [] });
  const share = new ShareMap(PIECES, PieceShare.mine);
  const availability = new Availability(PIECES);
  const pool = new PiecePicker({ geometry, share, availability, rng, mode: 'rarest' });
  const peers: PickerPeer[] = Array.from({ length: PEERS }, (_, i) => {
    const pieces = i < 20 ? Bitfield.full(PIECES) : new Bitfield(PIECES);
    // Each of the others has a random share of the pieces, from none to all.
    if (i >= 20) for (let piece = 0; piece < PIECES; piece++) if (rng() < i / PEERS) pieces.add(piece);
    availability.addPeer(pieces);
    return { pieces };
  });
  const ready = performance.now();
  let made = 0;
  const out: BlockRef[] = [];
  for (let turn = 0; made < DECISIONS; turn++) {
    const peer = peers[turn % PEERS];
    if (peer === undefined) break;
    out.length = 0;
    made += pool.pick(peer, most, out);
    for (const { piece, block } of out) {
      if (!pool.received(piece, block, peer).complete) continue;
      share.set(piece, PieceShare.present);
      pool.finished(piece);
    }
  }
  const decided = performance.now();
  const endGame = timeEndGame();
  return { decisions: (made * 1000) / (decided - ready), 'set-up': ready - from, 'end-game': endGame };
}

/** The end-game: every block has been requested from one peer, and another peer could send all of them too. */
function timeEndGame(): number {
  const blocks = 20;
  const pieceCount = END_GAME / blocks;
  const pieceLength = blocks * BLOCK_LENGTH;
  const geometry = new Geometry({ pieceCount, pieceLength, length: pieceCount * pieceLength, files: [] });
  const share = new ShareMap(pieceCount, PieceShare.mine);
  const availability = new Availability(pieceCount);
  const pool = new PiecePicker({ geometry, share, availability, rng: () => 0.5, mode: 'rarest' });
  const one: PickerPeer = { pieces: Bitfield.full(pieceCount) };
  const other: PickerPeer = { pieces: Bitfield.full(pieceCount) };
  for (const peer of [one, other]) availability.addPeer(peer.pieces);
  const out: BlockRef[] = [];
  pool.pick(one, END_GAME, out);
  const from = performance.now();
  out.length = 0;
  pool.pickEndGame(other, END_GAME, out);
  for (const { piece, block } of out) pool.received(piece as PieceIndex, block, other);
  return performance.now() - from;
}
