import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bitfield } from '../base/bitfield.ts';
import type { SelectionMode } from '../base/choices.ts';
import { identityIndex, type IdentityIndex, type PieceIndex } from '../base/ids.ts';
import { BLOCK_LENGTH, Geometry } from '../metainfo/geometry.ts';
import { Availability } from './availability.ts';
import { ClaimsBook } from './claims-book.ts';
import { planIdle } from './claims-plan.ts';
import { PiecePicker, type BlockRef, type PickerPeer } from './picker.ts';
import { seededRng } from './picture.ts';
import { PieceShare, ShareMap } from './share-map.ts';

const BLOCKS = 3;

/** One identity: its map, its picker, its peers, and what it asked them for. */
interface Identity {
  readonly index: IdentityIndex;
  readonly share: ShareMap;
  readonly picker: PiecePicker;
  readonly peers: readonly PickerPeer[];
  readonly asked: { peer: PickerPeer; ref: BlockRef }[];
  /** Blocks a round. */
  readonly speed: number;
  alive: boolean;
}

/** K identities over one book of claims, as the coordinator runs them, in rounds. */
class Team {
  readonly book: ClaimsBook;
  readonly identities: Identity[];
  readonly pieceCount: number;
  /** Pieces that were fetched by a second identity: with a grant, and without. */
  granted = 0;
  duplicates = 0;

  constructor(pieceCount: number, speeds: readonly number[], mode: SelectionMode, seed: number) {
    this.pieceCount = pieceCount;
    this.book = new ClaimsBook(pieceCount, speeds.length);
    const rng = seededRng(seed);
    const pieceLength = BLOCKS * BLOCK_LENGTH;
    const geometry = new Geometry({ pieceCount, pieceLength, length: pieceCount * pieceLength, files: [] });
    this.identities = speeds.map((speed, i) => {
      const share = new ShareMap(pieceCount, PieceShare.open);
      const availability = new Availability(pieceCount);
      const half = new Bitfield(pieceCount);
      for (let p = 0; p < pieceCount; p++) if (rng() < 0.5) half.add(p);
      const peers = [half, Bitfield.full(pieceCount)].map((pieces) => ({ pieces }));
      for (const { pieces } of peers) availability.addPeer(pieces);
      const picker = new PiecePicker({ geometry, share, availability, rng, mode });
      return { index: identityIndex(i), share, picker, peers, asked: [], speed, alive: true };
    });
  }

  get done(): boolean {
    return this.book.counts.present === this.pieceCount;
  }

  round(): void {
    for (const one of this.identities) {
      if (!one.alive) continue;
      for (const peer of one.peers) this.#ask(one, peer);
      for (let i = 0; i < one.speed; i++) this.#receive(one);
    }
  }

  kill(one: Identity): void {
    one.alive = false;
    this.#tell(this.book.releaseAll(one.index));
  }

  #ask(one: Identity, peer: PickerPeer): void {
    const out: BlockRef[] = [];
    const got = one.picker.pick(peer, 2, out);
    if (got < 2) {
      this.#tell(this.book.claim(one.index, one.picker.candidates(peer.pieces, 2)));
      one.picker.pick(peer, 2 - got, out);
    }
    one.asked.push(...out.map((ref) => ({ peer, ref })));
    if (one.asked.length === 0) this.#idle(one);
  }

  #receive(one: Identity): void {
    const next = one.asked.shift();
    if (next === undefined) return;
    const { piece, block } = next.ref;
    if (!one.share.mayRequest(piece)) return;
    const { fresh, complete } = one.picker.received(piece, block, next.peer);
    expect(fresh).toBe(true);
    if (!complete) return;
    const verdict = this.book.verified(one.index, piece);
    if (verdict === 'granted-duplicate') this.granted++;
    if (verdict === 'duplicate') this.duplicates++;
    this.#tell([piece]);
  }

  #idle(one: Identity): void {
    const plan = planIdle({
      idle: this.#workload(one),
      others: this.identities.filter((other) => other !== one && other.alive).map((other) => this.#workload(other)),
      pieceLength: BLOCKS,
      holders: (piece) => this.book.holders(piece),
    });
    if (plan === undefined) return;
    if ('grantEndGame' in plan) {
      for (const piece of plan.grantEndGame.pieces) this.book.grantCopy(one.index, piece);
      this.#tell(plan.grantEndGame.pieces);
      return;
    }
    const from = this.identities[plan.giveBack.from]!;
    const given = from.picker.unbegun().slice(0, plan.giveBack.most);
    this.book.release(from.index, given);
    this.book.claim(one.index, given);
    this.#tell(given);
  }

  #workload(one: Identity): {
    identity: IdentityIndex;
    rate: number;
    unbegun: number;
    begun: { piece: PieceIndex; fill: number }[];
  } {
    const begun = [...one.picker.begun.values()]
      .filter(({ piece }) => this.book.owner(piece) === one.index)
      .map(({ piece, received }) => ({ piece, fill: (received * 256) / BLOCKS }));
    return { identity: one.index, rate: one.speed, unbegun: one.picker.unbegun().length, begun };
  }

  #tell(pieces: readonly PieceIndex[]): void {
    for (const one of this.identities) {
      for (const piece of pieces) {
        one.share.set(piece, this.book.shareOf(one.index, piece));
        if (!one.share.mayRequest(piece)) one.picker.finished(piece);
      }
    }
  }
}

test('K identities fetch every piece, none of them twice but in a granted end-game, though one dies', () => {
  const speeds = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
  const mode = fc.constantFrom<SelectionMode>('random', 'rarest');
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      speeds,
      mode,
      fc.integer({ min: 1 }),
      fc.nat(20),
      (count, rates, selection, seed, death) => {
        const team = new Team(count, rates, selection, seed);
        let rounds = 0;
        for (; !team.done && rounds < 1000; rounds++) {
          if (rounds === death && rates.length > 1) team.kill(team.identities[0]!);
          team.round();
        }
        expect(team.done).toBe(true);
        expect(team.duplicates).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});

test('nobody waits for a straggler: equal shares by speed, not by number', () => {
  const team = new Team(60, [1, 9], 'rarest', 3);
  let rounds = 0;
  for (; !team.done; rounds++) team.round();
  // 180 blocks at 10 a round; half of the pieces for each would take 90 rounds.
  expect(rounds).toBeLessThan(60);
  expect(team.duplicates).toBe(0);
});
