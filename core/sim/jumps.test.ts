import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import type { SelectionMode } from '../base/choices.ts';
import type { FileReader } from '../engine/content.ts';
import { SimSwarm } from './swarm.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const ADDRESSES = ['10.9.0.1', '10.9.0.2', '10.9.0.3', '10.9.0.4'];
const SEEDS = 4;

/** How long it takes until a place of the file can be read, ms. */
async function first(swarm: SimSwarm, reader: FileReader, at: number): Promise<number> {
  const began = swarm.clock.now();
  const data = await swarm.clock.resolve(reader.read(at, 256 * KIB));
  expect(sameBytes(data, swarm.payload.subarray(at, at + data.length))).toBe(true);
  return swarm.clock.now() - began;
}

/** `narrow`: what holds the rate: what the seeds upload, each identity's own line, or a limit of the download. */
describe.each<{ identities: number; mib: number; selection: SelectionMode; narrow: 'seeds' | 'lines' | 'limit' }>([
  { identities: 1, mib: 1, selection: 'rarest', narrow: 'seeds' },
  { identities: 1, mib: 4, selection: 'rarest', narrow: 'limit' },
  // A piece alone takes one identity longer than a second.
  { identities: 4, mib: 1, selection: 'rarest', narrow: 'lines' },
  { identities: 4, mib: 1, selection: 'rarest', narrow: 'limit' },
  { identities: 4, mib: 1, selection: 'fixed', narrow: 'seeds' },
  { identities: 4, mib: 4, selection: 'fixed', narrow: 'lines' },
])('$identities identities, pieces of $mib MiB, $selection, held by $narrow', (one) => {
  test('a jump takes less than a second where all together fetch a piece in a third of one', async () => {
    const { identities, mib, selection, narrow } = one;
    const total = 3 * mib * MIB;
    const length = 24 * mib * MIB;
    const swarm = new SimSwarm(41, { files: length, pieceLength: mib * MIB });
    const up = narrow === 'seeds' ? total / SEEDS : total;
    for (let i = 0; i < SEEDS; i++) swarm.seed(`10.1.0.${i + 1}`, { up, latency: 20 });
    const bind = ADDRESSES.slice(0, identities);
    const machine = swarm.machine({ addresses: bind, ...(narrow === 'lines' && { down: total / identities }) });
    const limit = narrow === 'limit' && { down: total as never };
    const key = await machine.add(swarm.torrent, { identities, selection, bind, assemble: false, ...limit });
    await swarm.clock.advance(2000);
    const reader = machine.coordinator.content(key)!.file(0)!.open('play');
    const begin = await first(swarm, reader, 0);
    // With several, siblings' peers have half a second of other pieces in their sockets, too.
    expect(begin).toBeLessThan(identities === 1 ? 1000 : 1500);
    const times: number[] = [];
    for (const part of [0.8, 0.4, 0.6, 0.25]) times.push(await first(swarm, reader, Math.floor(part * length)));
    for (const time of times) expect(time, times.join(', ')).toBeLessThan(1000);
    // Some of it was missing.
    expect(Math.max(...times)).toBeGreaterThan(300);
    reader.close();
    const { state, duplicatePieces, wasted } = await machine.until(swarm.torrent, ['complete'], 400_000);
    expect([state, duplicatePieces]).toEqual(['complete', 0]);
    // What was on its way at a jump is kept.
    if (identities === 1) expect(wasted).toBeLessThan(mib * MIB * 0.1);
    await swarm.clock.resolve(machine.coordinator.close());
  });
});
