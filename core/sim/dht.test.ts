import { describe, expect, test } from 'vitest';
import { figure, times } from './acceptance.ts';
import { torrentHash } from './dht-crowd.ts';
import { DhtWorld, type OwnNode } from './dht-world.ts';

const NODES = times(3_000, 10_000);
const MINUTES = times(30, 24 * 60);
const HOSTS = ['45.1.1.1', '45.2.1.1', '45.3.1.1'];
/** Torrents that the crowd has peers of. */
const TORRENTS = 40;

describe('a DHT of thousands, of which a fifth lies', () => {
  test('look-ups succeed, announces are found, nothing grows', { timeout: 1_800_000 }, async (it) => {
    const world = new DhtWorld(7, NODES);
    const { clock, random } = world;
    const own = HOSTS.map((host) => world.add(host));
    const at = (minute: number): OwnNode => own[minute % own.length] as OwnNode;
    await clock.advance(120_000);
    expect(own.map(({ node }) => node.status().state)).toEqual(['joined', 'joined', 'joined']);
    const joining = Math.max(...own.map(({ node }) => node.status().sent.messages));
    const sum = { searches: 0, peers: 0, seen: 0, queries: 0, announced: 0 };
    for (let minute = 0; minute < MINUTES; minute++) {
      for (let i = 0; i < 12; i++) world.ask(at(i).host, Math.floor(random.uniform() * TORRENTS));
      if (minute % 3 === 0) {
        const hash = torrentHash(minute % TORRENTS);
        const port = 7000 + minute;
        const told = await world.search(at(minute).node, hash, port);
        const found = await world.search(at(minute + 1).node, hash);
        sum.searches += 2;
        sum.peers += Number(told.found.size >= 3) + Number(found.found.size >= 3);
        sum.seen += Number(found.found.has(`${at(minute).host}:${port}`));
        sum.queries += told.queries + found.queries;
        sum.announced += told.announced;
        // Nothing that liars made up, of private networks or of nobody.
        for (const peer of [...told.found, ...found.found]) expect(peer).toMatch(/^(60|45)\./);
      }
      await clock.advance(60_000);
      for (const { node } of own) {
        const { nodes, kept, searches } = node.status();
        expect(nodes.good + nodes.questionable).toBeLessThan(600);
        expect(nodes.spare).toBeLessThanOrEqual(400);
        expect(kept.torrents).toBeLessThanOrEqual(2000);
        expect(searches).toBe(0);
      }
    }
    const hours = clock.now() / 3_600_000;
    const sent = own.map(({ node }) => Math.round(node.status().sent.messages / hours));
    const nodes = own.map(({ node }) => node.status().nodes);
    const figures = [
      `${sum.peers} of ${sum.searches} look-ups found the peers, ${sum.seen} of ${sum.searches / 2} an announce`,
      `${(sum.queries / sum.searches).toFixed(1)} questions a look-up, ${joining} messages in the first two minutes`,
      `${sent.join(', ')} messages an hour, good nodes ${nodes.map(({ good }) => good).join(', ')}`,
    ];
    figure(it, figures.join('; '));
    expect(sum.peers / sum.searches).toBeGreaterThanOrEqual(0.95);
    expect((sum.seen * 2) / sum.searches).toBeGreaterThanOrEqual(0.95);
    expect((sum.announced * 2) / sum.searches).toBeGreaterThanOrEqual(5);
    expect(Math.max(...sent)).toBeLessThan(4000);
    expect(world.largest).toBeLessThanOrEqual(1024);
    for (const { node, host } of own) {
      const { kept, ...status } = node.status();
      expect(status).toMatchObject({ externalAddress: host, readOnly: false });
      expect([kept.torrents, kept.peers].every((count) => count > 0)).toBe(true);
      node.stop();
    }
    await clock.advance(1000);
    expect(clock.pending).toBe(0);
  });

  test('who comes back with what it kept needs nobody well known', { timeout: 60_000 }, async () => {
    const world = new DhtWorld(8, 1_500);
    const first = world.add('45.1.1.1');
    await world.clock.advance(180_000);
    const saved = first.node.save();
    first.node.stop();
    expect(saved.nodes.length).toBeGreaterThan(50);
    world.routers = [];
    const again = world.add('45.1.1.1', JSON.parse(JSON.stringify(saved)));
    const { found } = await world.search(again.node, torrentHash(1));
    expect(found.size).toBe(3);
    expect(again.node.status().id).toBe(saved.id);
    again.node.stop();
  });

  test('nobody there: a search ends, and the node joins once there is somebody', { timeout: 60_000 }, async () => {
    const world = new DhtWorld(9, 1_000);
    world.cut = true;
    const { node } = world.add('45.1.1.1');
    expect((await world.search(node, torrentHash(1), 7000)).nodes).toBe(0);
    expect(node.status().state).toBe('joining');
    world.cut = false;
    await world.clock.advance(15 * 60_000);
    expect(node.status().state).toBe('joined');
    expect((await world.search(node, torrentHash(1))).found.size).toBe(3);
    // The way out is gone for hours, as with a VPN: the table is there when it comes back.
    const before = node.status().nodes;
    world.cut = true;
    await world.clock.advance(6 * 3_600_000);
    world.cut = false;
    expect(node.status().nodes.questionable).toBeGreaterThanOrEqual(before.good * 0.8);
    expect((await world.search(node, torrentHash(2))).found.size).toBe(3);
    node.stop();
  });
});
