import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { piece as pieceIndex, torrentKey } from '../base/ids.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { ordinaryTuning } from '../engine/tuning.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimHttp } from '../sim/http.ts';
import { routeBy, SimRouter } from '../sim/router.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { SimClient } from '../sim/client.ts';
import type { FromIdentity } from './messages.ts';
import { Outbox } from './outbox.ts';

const KIB = 1024;
const MIB = KIB * KIB;

function scene(rate = MIB): { swarm: SimSwarm; ours: SimClient } {
  const swarm = new SimSwarm(6, { files: 2 * MIB, pieceLength: 64 * KIB });
  swarm.seed('10.0.0.1', { up: rate });
  return { swarm, ours: swarm.leecher('10.9.0.1', {}) };
}

type Kind = FromIdentity['type'];
const kinds = (client: SimClient, ...wanted: readonly Kind[]): Kind[] =>
  client.heard.map(({ type }) => type).filter((type) => wanted.includes(type));

describe('an identity process', () => {
  test('is ready, listens, and says nothing out of turn; what is not of its form is passed over', async () => {
    const { swarm, ours } = scene();
    for (const message of [undefined, 7, {}, { type: 'none' }, { type: 'leave', key: '../..' }, { type: 'ping' }]) {
      ours.tell(message as never);
    }
    ours.tell({ type: 'ping', n: 5 });
    await swarm.clock.advance(1_000);
    expect(kinds(ours, 'ready', 'listening', 'pong')).toEqual(['ready', 'pong', 'listening']);
    expect(ours.endpoint).toEqual({ host: '10.9.0.1', port: 6881 });
  });

  test('leave during add waits for it: nothing stays open, and it may be added again', async () => {
    const { swarm, ours } = scene();
    const key = torrentKey(swarm.torrent.info.infoHash);
    ours.tell({ type: 'leave', key });
    await swarm.clock.advance(5_000);
    expect(kinds(ours, 'left')).toEqual(['left']);
    expect(ours.disk.openFiles).toBe(0);
    ours.heard.length = 0;
    ours.add(swarm.torrent, undefined);
    ours.tell({ type: 'pause', key });
    ours.tell({ type: 'leave', key });
    ours.add(swarm.torrent, undefined);
    await swarm.clock.advance(20_000);
    expect(kinds(ours, 'left', 'listening').at(-1)).toBe('listening');
    expect(ours.endpoint?.port).toBe(6881);
    expect(ours.verified.size).toBe(swarm.torrent.info.pieceCount);
  });

  test('one identity alone tells how many peers have each piece too, and only when that changed', async () => {
    const { swarm, ours } = scene(16 * KIB);
    ours.add(swarm.torrent, undefined);
    ours.tell({
      type: 'peers',
      key: torrentKey(swarm.torrent.info.infoHash),
      dial: [{ host: '10.0.0.1', port: 6881, source: 'user' }],
    });
    await swarm.clock.advance(30_000);
    const told = ours.heard.filter((message) => message.type === 'availability');
    expect([...new Set(told.at(-1)?.counts)]).toEqual([1]);
    expect(told).toHaveLength(1);
  });

  test('a leave that nobody asked for is answered', async () => {
    const { swarm, ours } = scene();
    const other = '00'.repeat(20) as never;
    ours.tell({ type: 'leave', key: other });
    ours.tell({ type: 'pause', key: other });
    await swarm.clock.advance(1_000);
    expect(ours.heard.filter((one) => one.type === 'left')).toEqual([{ type: 'left', key: other, begun: [] }]);
  });

  test('paused at once it does not join; resumed it does; begun blocks outlive a leave', async () => {
    const { swarm, ours } = scene(40 * KIB);
    const key = torrentKey(swarm.torrent.info.infoHash);
    ours.tell({ type: 'pause', key });
    await swarm.clock.advance(10_000);
    expect(ours.status).toMatchObject({ state: 'paused', peers: 0, downloaded: 0 });
    ours.tell({ type: 'resume', key });
    await swarm.clock.advance(6_000);
    expect(ours.status).toMatchObject({ state: 'downloading', peers: 1 });
    ours.tell({ type: 'leave', key });
    await swarm.clock.advance(5_000);
    const left = ours.heard.findLast((one) => one.type === 'left');
    const begun = left?.type === 'left' ? left.begun : [];
    expect(begun.length).toBeGreaterThan(0);
    const before = ours.verified.size;
    ours.add(swarm.torrent, undefined, {
      begun,
      shares: Uint8Array.from({ length: swarm.torrent.info.pieceCount }, (_, i) =>
        ours.verified.has(i) ? PieceShare.present : PieceShare.mine,
      ),
    });
    await swarm.clock.advance(120_000);
    expect(before).toBeLessThan(swarm.torrent.info.pieceCount);
    expect(ours.verified.size).toBe(swarm.torrent.info.pieceCount);
    expect(sameBytes(ours.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
  });

  test('an address that comes and goes: it waits, says so, and goes on (invariant 8)', async () => {
    const { swarm, ours } = scene(100 * KIB);
    await swarm.clock.advance(3_000);
    const { host } = ours;
    const link = host.link('10.9.0.1');
    link.present = false;
    await swarm.clock.advance(3_000);
    expect(ours.status).toMatchObject({ state: 'no-address', peers: 0 });
    const sent = link.sent;
    await swarm.clock.advance(60_000);
    expect(link.sent).toBe(sent);
    link.present = true;
    await swarm.clock.runUntil(() => ours.verified.size === swarm.torrent.info.pieceCount, 200_000);
    expect(ours.verified.size).toBe(swarm.torrent.info.pieceCount);
  });

  test('files are closed for a move, and read where they lie then', async () => {
    const { swarm, ours } = scene();
    const { pieceCount } = swarm.torrent.info;
    const key = torrentKey(swarm.torrent.info.infoHash);
    await swarm.clock.runUntil(() => ours.verified.size === pieceCount, 60_000);
    ours.tell({ type: 'seed', key });
    ours.tell({ type: 'close-files', key });
    await swarm.clock.advance(1_000);
    expect(kinds(ours, 'files-closed')).toEqual(['files-closed']);
    expect(ours.disk.openFiles).toBe(0);
    await swarm.clock.resolve(ours.disk.rename('/out/.work/files/payload', '/out/payload'));
    ours.tell({ type: 'watch', key });
    ours.tell({
      type: 'moved',
      key,
      location: { layout: 'in-place', workFolder: '/out/.work', output: '/out', assembled: true, identity: 0 as never },
      naming: {},
    });
    const late = swarm.leecher('10.9.0.2', { down: MIB });
    for (const client of swarm.clients.slice(0, 1)) await swarm.clock.resolve(client.stop());
    late.introduce(key, [{ host: '10.9.0.1', port: 6881 }]);
    await swarm.clock.runUntil(() => (ours.status?.peerList?.length ?? 0) > 0, 10_000);
    expect(ours.status?.peerList?.[0]).toMatchObject({ endpoint: { host: '10.9.0.2' }, progress: expect.any(Number) });
    await swarm.clock.runUntil(() => late.verified.size === pieceCount, 60_000);
    expect(late.verified.size).toBe(pieceCount);
    expect(ours.status).toMatchObject({ state: 'seeding' });
  });

  test('what rests is told of every five minutes and after announces, and at once when that changes', async () => {
    const { swarm, ours } = scene();
    const { pieceCount } = swarm.torrent.info;
    const key = torrentKey(swarm.torrent.info.infoHash);
    await swarm.clock.runUntil(() => ours.verified.size === pieceCount, 60_000);
    ours.tell({ type: 'seed', key });
    await swarm.clock.runUntil(() => ours.status?.state === 'seeding' && ours.status.peers === 0, 10_000);
    const reports = async (seconds: number): Promise<number> => {
      ours.heard.length = 0;
      await swarm.clock.advance(1000 * seconds);
      return kinds(ours, 'status').length;
    };
    await reports(10);
    const announced = swarm.tracker.heard.length;
    const told = await reports(600);
    expect(told - swarm.tracker.heard.length + announced).toBeLessThanOrEqual(2);
    expect(told).toBeGreaterThanOrEqual(2);
    ours.tell({ type: 'pause', key });
    expect(await reports(1)).toBe(1);
    expect(ours.status).toMatchObject({ state: 'paused' });
    ours.tell({ type: 'watch', key });
    expect(await reports(2)).toBe(4);
    ours.tell({ type: 'watch' });
    ours.tell({ type: 'resume', key });
    const late = swarm.leecher('10.9.0.2', { down: 40 * KIB });
    late.introduce(key, [{ host: '10.9.0.1', port: 6881 }]);
    await swarm.clock.runUntil(() => (ours.status?.peers ?? 0) > 0, 10_000);
    expect(await reports(5)).toBe(10);
  });

  test('a mapped port is news, too; whatever holds the router up, the stop is over in time, and the mapping is given back', async () => {
    const { swarm, ours } = scene();
    const { clock } = swarm;
    const key = torrentKey(swarm.torrent.info.infoHash);
    const router = await SimRouter.start(clock, swarm.net.host('10.9.0.254'), new SimHttp(clock), undefined, {
      outer: '93.184.216.34',
    });
    await clock.runUntil(() => ours.verified.size === swarm.torrent.info.pieceCount, 60_000);
    ours.tell({ type: 'seed', key });
    await clock.runUntil(() => ours.status?.state === 'seeding' && ours.status.peers === 0, 10_000);
    // There was no way to it.
    expect(ours.status?.reachability.kind).toBe('unmapped');
    routeBy(ours.host, '10.9.0.254');
    for (const [portMap, kind] of [
      [false, 'unknown'],
      [true, 'mapped'],
    ] as const) {
      ours.tell({ type: 'tune', key, tuning: ordinaryTuning({ portMap }) });
      await clock.advance(6_000);
      expect(ours.status?.reachability.kind).toBe(kind);
    }
    expect(router.entries.size).toBe(2);
    await clock.resolve(ours.stop(), 4_000);
    expect(router.entries.size).toBe(0);
    const hung = swarm.leecher('10.9.0.7', {});
    routeBy(hung.host, '10.9.0.254');
    await clock.advance(5_000);
    router.mood.hangs = true;
    await clock.resolve(hung.stop(), 4_800);
  });

  test('pieces that turn out wrong are fetched again; priorities hold them back', async () => {
    const { swarm, ours } = scene();
    const { pieceCount } = swarm.torrent.info;
    const key = torrentKey(swarm.torrent.info.infoHash);
    await swarm.clock.runUntil(() => ours.verified.size === pieceCount, 60_000);
    ours.verified.clear();
    const priorities = new Uint8Array(pieceCount).fill(4);
    priorities[3] = 0;
    ours.tell({ type: 'priorities', key, priorities });
    ours.tell({ type: 'lost', key, pieces: Uint32Array.of(3, 5) });
    await swarm.clock.advance(30_000);
    expect([...ours.verified]).toEqual([5]);
    ours.tell({ type: 'priorities', key, priorities: priorities.fill(4) });
    await swarm.clock.advance(30_000);
    expect([...ours.verified].toSorted((a, b) => a - b)).toEqual([3, 5]);
  });

  test('a host that a sibling found to lie is left, and not dialled again', async () => {
    const { swarm, ours } = scene(64 * KIB);
    const key = torrentKey(swarm.torrent.info.infoHash);
    await swarm.clock.advance(3_000);
    const had = ours.verified.size;
    expect(had).toBeGreaterThan(0);
    ours.tell({ type: 'ban', key, hosts: ['10.0.0.9', '10.0.0.1'] });
    await swarm.clock.advance(60_000);
    const changes = ours.heard.flatMap((message) => (message.type === 'peer' ? [message.connected] : []));
    expect(changes).toEqual([true, false]);
    expect(ours.verified.size).toBeLessThanOrEqual(had + 1);
    // It is told of what the identity itself finds alone.
    expect(kinds(ours, 'banned')).toEqual([]);
  });

  test('asked to give back and having nothing it says so', async () => {
    const { swarm } = scene();
    const idle = swarm.leecher('10.9.0.3', {});
    const { pieceCount } = swarm.torrent.info;
    const key = torrentKey(swarm.torrent.info.infoHash);
    idle.add(swarm.torrent, undefined, { count: 4, shares: new Uint8Array(pieceCount).fill(PieceShare.theirs) });
    await swarm.clock.advance(100);
    idle.tell({ type: 'give-back', key, most: 5 });
    await swarm.clock.advance(1_000);
    expect(idle.heard.find((one) => one.type === 'release')).toMatchObject({ pieces: new Uint32Array(0) });
  });

  test('after the stop no timer, socket or file is left, whatever was going on', async () => {
    for (const after of [0, 5, 200, 1_500, 4_000]) {
      const { swarm, ours } = scene();
      await swarm.clock.advance(after);
      const seed = swarm.clients[0];
      await swarm.clock.resolve(Promise.all([ours.stop(), seed?.stop()]));
      await swarm.clock.advance(120_000);
      expect(swarm.clock.pending, `after ${after} ms`).toBe(0);
      expect(ours.disk.openFiles).toBe(0);
      expect(ours.host.connections.size).toBe(0);
      expect(ours.heard.at(-1)).toEqual({ type: 'stopped' });
    }
  });
});

describe('the outbox', () => {
  test('batches, keeps order, answers with an empty release, and takes any number', async () => {
    const clock = new VirtualClock();
    const sent: { readonly at: number; readonly message: FromIdentity }[] = [];
    const box = new Outbox(clock, '00' as never, (message) => sent.push({ at: clock.now(), message }));
    for (let i = 0; i < 5; i++) box.verified({ piece: pieceIndex(i), from: [], seconds: 1, late: false });
    await clock.advance(10);
    for (let i = 5; i < 200; i++) {
      box.verified({ piece: pieceIndex(i), from: [], seconds: 1, late: false });
      await clock.advance(1);
    }
    box.released(new Uint32Array(0));
    box.released(new Uint32Array(400_000));
    await clock.advance(1_000);
    const verified = sent.flatMap(({ message }) => (message.type === 'verified' ? message.pieces : []));
    expect(verified.map(({ piece }) => piece)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(sent.length).toBeLessThan(10);
    expect(sent.filter(({ message }) => message.type === 'release')).toHaveLength(1);
    box.stop();
    expect(clock.pending).toBe(0);
  });

  test('a claim does not overtake a release that waits', async () => {
    const clock = new VirtualClock();
    const sent: string[] = [];
    const box = new Outbox(clock, '00' as never, ({ type }) => sent.push(type));
    box.released(Uint32Array.of(1));
    await clock.advance(10);
    box.released(Uint32Array.of(2));
    box.claim(Uint32Array.of(2, 3));
    box.claim(Uint32Array.of(4));
    box.stop();
    expect(sent).toEqual(['release', 'release', 'claim', 'claim']);
  });
});
