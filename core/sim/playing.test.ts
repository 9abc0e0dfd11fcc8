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
  machine.coordinator.content(key)!.file(0)!.open('play');

/** Where they jump to, MiB: some of it may be there by then. */
const JUMPS = [40, 20, 30, 10, 36, 26, 15];

/**
 * `soon`: ms until a film goes on after a jump. Before the piece, for which one identity alone takes `piece` ms, comes what its peers may be
 * sending already; where it takes long the siblings help.
 */
describe.each<{ identities: number; selection: SelectionMode; seeds: readonly number[]; soon: number; piece: number }>([
  { identities: 1, selection: 'rarest', seeds: [512, 512, 512, 512], piece: 125, soon: 600 },
  { identities: 4, selection: 'rarest', seeds: [1024, 1024, 1024, 1024], piece: 250, soon: 700 },
  { identities: 2, selection: 'fixed', seeds: [512, 512], piece: 500, soon: 950 },
  // A piece alone takes an identity a second, and a block alone each of its peers a quarter of one, of which each has two in hand.
  { identities: 4, selection: 'random', seeds: [256, 256, 256, 256], piece: 1000, soon: 1100 },
  // One peer is fast.
  { identities: 1, selection: 'rarest', seeds: [16, 16, 16, 1024], piece: 250, soon: 650 },
])('a film that is played while it comes, $identities identities, $selection, seeds of $seeds KiB/s', (one) => {
  test('begins soon, goes on, and seeks within a second where a piece does not take longer', async () => {
    const { identities, selection, seeds, soon } = one;
    const swarm = new SimSwarm(31, { files: 48 * MIB, pieceLength: 256 * KIB });
    seeds.forEach((up, i) => swarm.seed(`10.1.0.${i + 1}`, { up: up * KIB, latency: 20 }));
    const bind = ADDRESSES.slice(0, identities);
    const machine = swarm.machine({ addresses: bind });
    const key = await machine.add(swarm.torrent, { identities, selection, bind, assemble: false });
    // It has been at work for a while, and its peers have much in hand.
    await swarm.clock.advance(8000);
    const reader = film(machine, key);
    const begin = await reads(swarm, reader, 0, 4 * MIB);
    // Half a second of what they were asked for may be on its way: as much as clients give to their sockets ahead.
    expect(begin.first).toBeLessThan(soon + 500);
    // With fixed ranges, too, all fetch what is played.
    const rate = seeds.reduce((sum, up) => sum + up, 0) * KIB;
    expect(begin.all).toBeLessThan(soon + 500 + (4 * MIB * 1000 * 1.3) / rate);
    let jumps = 0;
    for (const at of JUMPS) {
      const { first } = await reads(swarm, reader, at * MIB, MIB);
      expect(first, `at ${at} MiB`).toBeLessThan(soon);
      if (first > 0) jumps++;
    }
    expect(jumps).toBeGreaterThan(1);
    expect(machine.snapshot(swarm.torrent).bytes.have).toBeLessThan(48 * MIB);
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
    for (const at of [30, 50, 10, 40, 20])
      expect((await reads(swarm, reader, at * MIB, MIB)).first, `at ${at} MiB`).toBeLessThan(1000);
    await swarm.clock.resolve(machine.coordinator.close());
  });
});

describe('a slow identity has claimed what is waited for', () => {
  test('a fast one fetches it too: few pieces at a time, and what came twice counts as wasted', async () => {
    const swarm = new SimSwarm(35, { files: 48 * MIB, pieceLength: 256 * KIB });
    for (let i = 0; i < 4; i++) swarm.seed(`10.1.0.${i + 1}`, { up: MIB, latency: 20 });
    const bind = ADDRESSES.slice(0, 2);
    const machine = swarm.machine({ addresses: bind });
    // With fixed ranges all of the second half is the slow one's, until it is given to whoever can.
    const options = { identities: 2, bind, assemble: false, selection: 'fixed', takeOver: true } as const;
    const key = await machine.add(swarm.torrent, options);
    await swarm.clock.advance(3000);
    machine.host.link('10.9.0.2').down.rate = 64 * KIB;
    await swarm.clock.advance(4000);
    const reader = film(machine, key);
    const jumps = [44, 30, 40, 36];
    let most = 0;
    for (const at of jumps) {
      const { first } = await reads(swarm, reader, at * MIB, 256 * KIB);
      most = Math.max(most, first);
    }
    const { duplicatePieces, wasted } = machine.snapshot(swarm.torrent);
    // By itself the slow one takes four seconds for a piece.
    expect(most).toBeLessThan(2000);
    expect(duplicatePieces).toBe(0);
    // Two pieces at a time, and what was on its way from peers at each jump.
    expect(wasted).toBeLessThan(jumps.length * 3 * 256 * KIB);
    reader.close();
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
    for (const at of [24, 10, 16, 28])
      expect((await reads(swarm, reader, at * MIB, MIB)).first, `at ${at} MiB`).toBeLessThan(1000);
    await swarm.clock.resolve(machine.coordinator.close());
  });
});
