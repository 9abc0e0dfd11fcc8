import { expect, test } from 'vitest';
import { ordinaryTuning } from '../engine/tuning.ts';
import { figure, times } from './acceptance.ts';
import { SimSwarm } from './swarm.ts';

const PIECE = 64 * 1024;
const PIECES = 48;
const KIB = 1024;
const LEECHERS = 8;

/** What a seed uploads, in copies of the torrent, until others have a whole copy together, and until each of them has one. */
async function uploads(seed: number, superSeeding: boolean): Promise<{ first: number; all: number }> {
  const swarm = new SimSwarm(seed, { files: PIECES * PIECE, pieceLength: PIECE });
  const tuning = ordinaryTuning({ encryption: 'off', superSeeding });
  const first = swarm.seed('10.0.0.1', { up: 100 * KIB, down: 1000 * KIB }, { tuning });
  const leechers = Array.from({ length: LEECHERS }, (_, i) =>
    swarm.leecher(`10.0.${i + 1}.1`, { up: 200 * KIB, down: 1000 * KIB }),
  );
  const copies = (): number => (first.status?.uploaded ?? 0) / (PIECES * PIECE);
  let whole: number | undefined;
  for (let second = 0; second < 3600; second++) {
    await swarm.clock.advance(1000);
    const out = new Set(leechers.flatMap(({ verified }) => [...verified]));
    if (out.size === PIECES) whole ??= copies();
    if (leechers.every(({ verified }) => verified.size === PIECES)) return { first: whole ?? 0, all: copies() };
  }
  throw new Error(`a swarm that is stuck: ${leechers.map(({ verified }) => verified.size).join(' ')}`);
}

test(
  'a super-seed uploads little more than one copy until others have one, and less than an ordinary seed',
  { timeout: 600_000 },
  async (it) => {
    const worlds = times(1, 20);
    const sums = { ordinary: 0, super: 0 };
    for (let seed = 1; seed <= worlds; seed++) {
      const ordinary = await uploads(seed, false);
      const shown = await uploads(seed, true);
      sums.ordinary += ordinary.first;
      sums.super += shown.first;
      expect(shown.first).toBeLessThan(1.25);
      expect(shown.first).toBeLessThan(ordinary.first);
    }
    figure(it, 'copies uploaded by a super-seed until one is out', sums.super / worlds);
    figure(it, 'by an ordinary seed', sums.ordinary / worlds);
  },
);

test('when somebody has everything it is an ordinary seed: who comes then gets all', { timeout: 60_000 }, async () => {
  const swarm = new SimSwarm(5, { files: 8 * PIECE, pieceLength: PIECE });
  const tuning = ordinaryTuning({ encryption: 'off', superSeeding: true });
  swarm.seed('10.0.0.1', { up: 1000 * KIB }, { tuning });
  const one = swarm.leecher('10.0.1.1', { up: 10 * KIB });
  await swarm.clock.runUntil(() => one.verified.size === 8, 600_000);
  expect(one.verified.size).toBe(8);
  const late = swarm.leecher('10.0.2.1', {});
  await swarm.clock.advance(120_000);
  expect(late.verified.size).toBe(8);
});
