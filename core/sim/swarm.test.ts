import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { SimSwarm } from './swarm.ts';

const KIB = 1024;
const MIB = KIB * KIB;

function swarm(seed: number, size = 4 * MIB): SimSwarm {
  const made = new SimSwarm(seed, {
    files: [
      { path: ['a'], length: size - 70_001 },
      { path: ['sub', 'b'], length: 70_001 },
    ],
    pieceLength: 64 * KIB,
  });
  made.seed('10.0.0.1', { up: MIB, down: MIB });
  made.seed('10.0.0.2', { up: MIB / 2, down: MIB });
  made.leecher('10.0.1.1', { up: MIB / 2, down: MIB });
  made.leecher('10.0.1.2', { up: MIB / 2, down: MIB });
  return made;
}

describe('K identities complete with no piece fetched twice', () => {
  const cases = [1, 2, 4, 8].flatMap((k) => (['rarest', 'random', 'fixed'] as const).map((mode) => [k, mode] as const));
  test.each(cases)('K=%i, %s', async (k, selection) => {
    const world = swarm(k * 3 + selection.length);
    const addresses = Array.from({ length: k }, (_, i) => `10.9.0.${i + 1}`);
    const ours = world.engine({ addresses, down: 2 * MIB, up: MIB });
    await ours.add(world.torrent, { identities: k, selection, bind: addresses });
    const started = performance.now();
    const done = await ours.until(world.torrent, ['done'], 180_000);
    console.log(k, selection, performance.now() - started, world.clock.now());
    expect(done).toMatchObject({ state: 'done', duplicatePieces: 0, hashFailures: 0 });
    expect(sameBytes(ours.payload(world.torrent) ?? new Uint8Array(), world.payload)).toBe(true);
  });
});
