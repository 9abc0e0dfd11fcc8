import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { FilterText } from '../base/filter-text.ts';
import { piece } from '../base/ids.ts';
import type { SimMachineOptions } from './swarm.ts';
import { SimSwarm } from './swarm.ts';
import { SimWebServer } from './web-server.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Our program, and a server that has the torrent's file. */
async function scene(length: number, pieceLength: number, up: number, machine: SimMachineOptions = {}) {
  const swarm = new SimSwarm(11, { files: length, pieceLength });
  const torrent = { ...swarm.torrent, trackers: [], webSeeds: ['http://files.example/pub/'] };
  swarm.net.name('files.example', ['203.0.113.9']);
  const server = new SimWebServer();
  server.files.set('/pub/payload', swarm.payload);
  await server.listen(swarm.net.host('203.0.113.9', { latency: 20, up }));
  return { swarm, torrent, server, machine: swarm.machine(machine) };
}

describe('a web seed and several identities', () => {
  test('each fetches its part from its own address, in runs', async () => {
    const addresses = ['10.9.0.1', '10.9.0.2', '10.9.0.3', '10.9.0.4'];
    const { swarm, torrent, server, machine } = await scene(64 * MIB, 128 * KIB, 16 * MIB, {
      addresses,
      down: 2 * MIB,
    });
    await machine.add(torrent, { identities: 4, bind: addresses });
    const { state, wasted, duplicatePieces } = await machine.until(torrent, ['done', 'seeding'], 120_000);
    expect(state).toMatch(/done|seeding/);
    expect(sameBytes(machine.payload(torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
    for (const address of addresses) {
      const its = server.heard.filter(({ remote }) => remote === address);
      const bytes = its.reduce((sum, { from, to = 0 }) => sum + to - from, 0);
      expect(bytes).toBeGreaterThan(12 * MIB);
      // 512 pieces in all: not one by one.
      expect(its.length).toBeLessThan(80);
    }
    expect(wasted).toBeLessThan(3 * MIB);
    expect(duplicatePieces).toBeLessThan(24);
    await swarm.clock.resolve(machine.coordinator.close());
  });

  test('it goes on after a death', async () => {
    const { swarm, torrent, machine, server } = await scene(8 * MIB, 64 * KIB, 512 * KIB);
    await machine.add(torrent);
    await swarm.clock.advance(6_000);
    machine.killCoordinator(true);
    machine.restart();
    await machine.add(torrent);
    const { state } = await machine.until(torrent, ['done', 'seeding'], 120_000);
    expect(state).toMatch(/done|seeding/);
    const bytes = server.heard.reduce((sum, { from, to = 0 }) => sum + to - from, 0);
    expect(bytes).toBeLessThan(11 * MIB);
  });
});

describe('a web seed and a list of addresses to keep out', () => {
  const ranges = (text: string) => {
    const list = new FilterText();
    list.push(text);
    return list.end().ranges;
  };

  test('one whose address is on it is not asked, and no longer once it comes on it', async () => {
    const { swarm, torrent, machine, server } = await scene(8 * MIB, 64 * KIB, 256 * KIB);
    machine.coordinator.setBarred(ranges('203.0.113.0 - 203.0.113.255\n'));
    await machine.add(torrent);
    await swarm.clock.advance(15_000);
    expect(server.heard).toEqual([]);
    machine.coordinator.setBarred(ranges(''));
    await swarm.clock.advance(30_000);
    const before = server.heard.length;
    expect(before).toBeGreaterThan(0);
    machine.coordinator.setBarred(ranges('203.0.113.9\n'));
    await swarm.clock.advance(60_000);
    // What was under way came to its end.
    expect(server.heard.length).toBe(before);
    expect(machine.snapshot(torrent).bytes.have).toBeLessThan(8 * MIB);
    await swarm.clock.resolve(machine.coordinator.close());
  });
});

describe('a web seed and peers', () => {
  /** A peer that has some pieces and sends what it is asked for. */
  const peer = (swarm: SimSwarm, up: number, has: number) =>
    swarm
      .wirePeer(
        '203.0.113.20',
        { up },
        {
          greet: (it) => {
            for (let i = 0; i < has; i++) it.batch.have(piece(i));
            it.batch.unchoke();
          },
          requested: (it, number, begin, length) => it.block(number, begin, swarm.block(number, begin, length)),
        },
      )
      .listen();

  test('what no peer has comes from it first', async () => {
    const { swarm, torrent, machine, server } = await scene(8 * MIB, 64 * KIB, 512 * KIB);
    const other = await peer(swarm, 512 * KIB, 64);
    await machine.add(torrent, { peers: [other.endpoint] });
    const { state, wasted } = await machine.until(torrent, ['done', 'seeding'], 120_000);
    expect(state).toMatch(/done|seeding/);
    const mine = server.heard.filter(({ from }) => from >= 64 * 64 * KIB);
    const bytes = mine.reduce((sum, { from, to = 0 }) => sum + to - from, 0);
    expect(bytes).toBeGreaterThanOrEqual(4 * MIB);
    expect(server.heard.reduce((sum, { from, to = 0 }) => sum + to - from, 0)).toBeLessThan(5 * MIB);
    expect(wasted).toBeLessThan(512 * KIB);
  });

  test('a slow one does not hold up the end', async () => {
    const { swarm, torrent, machine } = await scene(8 * MIB, 256 * KIB, 20 * KIB);
    const other = await peer(swarm, 1 * MIB, swarm.torrent.info.pieceCount);
    await machine.add(torrent, { peers: [other.endpoint] });
    const from = swarm.clock.now();
    const { state } = await machine.until(torrent, ['done', 'seeding'], 120_000);
    expect(state).toMatch(/done|seeding/);
    expect(swarm.clock.now() - from).toBeLessThan(14_000);
  });
});
