import { expect, test } from 'vitest';
import { Bitfield } from '../base/bitfield.ts';
import { identityIndex, type Millis, piece } from '../base/ids.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { SimSwarm } from '../sim/swarm.ts';
import { Availability } from '../strategy/pieces/availability.ts';
import { PiecePicker } from '../strategy/pieces/picker.ts';
import { PieceShare, ShareMap } from '../strategy/pieces/share-map.ts';
import type { BlockSource } from './block-source.ts';
import { Claiming } from './claiming.ts';
import type { SwarmState } from './state.ts';

test('what was asked for is not asked for again before its answer, and nobody is idle while one is to come', async () => {
  const { clock, torrent, random } = new SimSwarm(1, { files: 6 * 16_384, pieceLength: 16_384 });
  const { info } = torrent;
  const share = new ShareMap(6, PieceShare.open);
  const availability = new Availability(6);
  const geometry = new Geometry(info);
  const picker = new PiecePicker<BlockSource>({ geometry, share, availability, rng: random.uniform, mode: 'rarest' });
  const source = {
    pieces: Bitfield.full(6),
    down: { rate: () => 0 },
    requests: new Map(),
    window: 4,
    peerChoking: false,
    amInterested: true,
  } as unknown as BlockSource;
  const asked: number[] = [];
  let idle = 0;
  const state = {
    ports: { clock },
    self: { identity: identityIndex(0), count: 2, claims: true },
    info,
    share,
    picker,
    sources: new Set([source]),
    claimer: { claim: (pieces: readonly number[]) => asked.push(...pieces), idle: () => idle++ },
    ahead: 1,
  } as unknown as SwarmState;
  const claiming = new Claiming(state, () => {});
  await clock.advance(1_000);
  for (let i = 0; i < 10; i++) claiming.starving(source);
  expect(asked.length).toBeGreaterThan(0);
  expect(new Set(asked).size).toBe(asked.length);
  // All others went to siblings: nothing more to ask for, but an answer to come.
  for (let p = 0; p < 6; p++) if (!asked.includes(p)) share.set(piece(p), PieceShare.theirs);
  claiming.starving(source);
  claiming.tick((clock.now() + 1_000) as Millis);
  expect(idle).toBe(0);
  for (const p of asked) share.set(piece(p), PieceShare.theirs);
  claiming.starving(source);
  expect(idle).toBe(1);
});
