import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { type TorrentKey } from '../base/ids.ts';
import type { SelectionMode } from '../base/choices.ts';
import type { FileReader } from '../engine/content.ts';
import { SimSwarm } from './swarm.ts';
import { SimWebServer } from './web-server.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const ADDRESSES = ['10.9.0.1', '10.9.0.2', '10.9.0.3', '10.9.0.4'];

/** Reads so many bytes of the file from a place on; resolves to how long the first and all of them took, in ms. */
async function reads(swarm: SimSwarm, reader: FileReader, from: number, bytes: number) {
  const began = swarm.clock.now();
  let first = 0;
  for (let at = from; at < from + bytes;) {
    const data = await swarm.clock.resolve(reader.read(at, Math.min(256 * KIB, from + bytes - at)));
    if (at === from) first = swarm.clock.now() - began;
    expect(sameBytes(data, swarm.payload.subarray(at, at + data.length))).toBe(true);
    at += data.length;
  }
  return { first, all: swarm.clock.now() - began };
}

const film = (machine: ReturnType<SimSwarm['machine']>, key: TorrentKey): FileReader =>
  machine.coordinator.content(key)!.file(0)!.open(true);

describe.each<{ identities: number; selection: SelectionMode; seeds: readonly number[]; soon?: number }>([
  { identities: 1, selection: 'rarest', seeds: [512, 512, 512, 512] },
  { identities: 4, selection: 'rarest', seeds: [1024, 1024, 1024, 1024] },
  // A piece alone takes an identity more than a second.
  { identities: 4, selection: 'random', seeds: [256, 256, 256, 256], soon: 3500 },
  { identities: 2, selection: 'fixed', seeds: [512, 512] },
  // One link is slow.
  { identities: 1, selection: 'rarest', seeds: [16, 16, 16, 1024] },
])('a film that is played while it comes, $identities identities, $selection, seeds of $seeds KiB/s', (one) => {
  test('begins soon, goes on, and seeks within a second or two', async () => {
    const { identities, selection, seeds, soon = 2000 } = one;
    const swarm = new SimSwarm(31, { files: 48 * MIB, pieceLength: 256 * KIB });
    seeds.forEach((up, i) => swarm.seed(`10.1.0.${i + 1}`, { up: up * KIB, latency: 20 }));
    const bind = ADDRESSES.slice(0, identities);
    const machine = swarm.machine({ addresses: bind });
    const key = await machine.add(swarm.torrent, { identities, selection, bind, assemble: false });
    // It has been at work for a while, and its peers have much in hand.
    await swarm.clock.advance(8000);
    const reader = film(machine, key);
    const begin = await reads(swarm, reader, 0, 4 * MIB);
    expect(begin.first).toBeLessThan(soon);
    // With fixed ranges it comes from the identity alone in whose range it lies.
    const rate = (seeds.reduce((sum, up) => sum + up, 0) * KIB) / (selection === 'fixed' ? identities : 1);
    expect(begin.all).toBeLessThan(soon + (4 * MIB * 1000 * 1.5) / rate);
    const seek = await reads(swarm, reader, 40 * MIB, 2 * MIB);
    expect(seek.first).toBeLessThan(soon);
    const { have } = machine.snapshot(swarm.torrent).bytes;
    expect(have).toBeLessThan(40 * MIB);
    reader.close();
    const { state, duplicatePieces, wasted } = await machine.until(swarm.torrent, ['complete'], 400_000);
    expect([state, duplicatePieces]).toEqual(['complete', 0]);
    expect(wasted).toBeLessThan(0.06 * swarm.payload.length);
    await swarm.clock.resolve(machine.coordinator.close());
  });
});

describe('several identities, one of them slow', () => {
  test('what is waited for does not wait for the slow one', async () => {
    const swarm = new SimSwarm(33, { files: 64 * MIB, pieceLength: 256 * KIB });
    for (let i = 0; i < 4; i++) swarm.seed(`10.1.0.${i + 1}`, { up: 2 * MIB, latency: 20 });
    const bind = ADDRESSES.slice(0, 2);
    const machine = swarm.machine({ addresses: bind });
    const key = await machine.add(swarm.torrent, {
      identities: 2,
      bind,
      assemble: false,
      identityDown: (512 * KIB) as never,
    });
    await swarm.clock.advance(5000);
    const reader = film(machine, key);
    const { first } = await reads(swarm, reader, 30 * MIB, MIB);
    expect(first).toBeLessThan(2500);
    await swarm.clock.resolve(machine.coordinator.close());
  });
});

describe('a web seed alone', () => {
  test('is asked for what is played', async () => {
    const swarm = new SimSwarm(11, { files: 32 * MIB, pieceLength: 128 * KIB });
    const torrent = { ...swarm.torrent, trackers: [], webSeeds: ['http://files.example/pub/'] };
    swarm.net.name('files.example', ['203.0.113.9']);
    const server = new SimWebServer();
    server.files.set('/pub/payload', swarm.payload);
    await server.listen(swarm.net.host('203.0.113.9', { latency: 20, up: MIB }));
    const machine = swarm.machine();
    const key = await machine.add(torrent, { assemble: false });
    await swarm.clock.advance(5000);
    const reader = film(machine, key);
    const { first } = await reads(swarm, reader, 24 * MIB, MIB);
    expect(first).toBeLessThan(3000);
    await swarm.clock.resolve(machine.coordinator.close());
  });
});
