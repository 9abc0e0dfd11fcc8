import { describe, expect, test } from 'vitest';
import { bytesPerSecond, type TorrentKey, torrentKey } from '../base/ids.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { KIB, none, options, World } from './testing/world.ts';

/** Pieces that were begun by more than one identity without a granted copy. */
function claimedTwice(world: World): number[] {
  const first = new Map<number, number>();
  const twice: number[] = [];
  for (const { piece, identity, share } of world.script.begun) {
    if (share !== PieceShare.mine) continue;
    if (first.has(piece) && first.get(piece) !== identity) twice.push(piece);
    first.set(piece, identity);
  }
  return twice;
}

/** What the log tells that is no warning. */
function told(world: World): string[] {
  return world.events.flatMap((event) => (event.type === 'log' && event.level === 'info' ? [event.message] : []));
}

describe('a download with four identities', () => {
  for (const selection of ['rarest', 'random', 'fixed'] as const) {
    for (const layout of ['in-place', 'parts', 'pieces'] as const) {
      test(`${selection}, ${layout}: complete, no piece twice, assembled`, async () => {
        const world = new World();
        const made = world.torrent(40);
        const key = await world.add(made, { selection, layout, log: '/log.jsonl' });
        await world.until(key, 'done');
        expect(claimedTwice(world)).toEqual([]);
        const snapshot = world.coordinator.download(key);
        expect(snapshot).toMatchObject({ duplicatePieces: 0, pieces: { have: 40, wanted: 40, total: 40 } });
        const pieces = snapshot?.identities.map((one) => one.pieces) ?? [];
        expect(pieces.reduce((sum, n) => sum + n)).toBe(40);
        if (selection === 'fixed') expect(pieces).toEqual([10, 10, 10, 10]);
        expect(snapshot?.identities.map((one) => one.state)).toEqual(['left', 'left', 'left', 'left']);
        expect(snapshot?.result).toEqual(['/out/payload']);
        await world.expectFile('/out/payload', made.payload);
        expect(await world.disk.list('/out')).toEqual(['payload']);
        await world.clock.advance(10_000);
        expect(world.running).toBe(0);
        const lines = new TextDecoder()
          .decode(await world.file('/log.jsonl'))
          .trim()
          .split('\n');
        const events = lines.map((line) => JSON.parse(line) as { event: string; version?: number });
        const count = (event: string): number => events.filter((line) => line.event === event).length;
        expect(events[0]?.version).toBe(1);
        expect({ piece: count('piece'), start: count('start'), end: count('end') }).toEqual({
          piece: 40,
          start: 4,
          end: 4,
        });
        expect(count('claim') - count('release')).toBe(40);
      });
    }
  }

  test('everyone is told its siblings, and known peers are dealt once an address', async () => {
    const world = new World();
    const made = world.torrent(200);
    const peers = Array.from({ length: 8 }, (_, i) => ({ host: `10.5.0.${i}`, port: 1000 }));
    await world.add(made, { bind: ['10.0.0.1', 'eth1'], peers });
    await world.clock.advance(2000);
    const last = new Map<number, string[]>();
    for (const { identity, message } of world.script.received) {
      if (message.type === 'peers') last.set(identity, message.dial.map((peer) => peer.host)); // prettier-ignore
    }
    for (const [a, b] of [
      [0, 2],
      [1, 3],
    ] as const) {
      expect([...(last.get(a) ?? []), ...(last.get(b) ?? [])].sort()).toEqual(peers.map((peer) => peer.host));
    }
    const siblings = world.script.received
      .filter((one) => one.identity === 0 && one.message.type === 'siblings')
      .at(-1);
    expect(siblings?.message).toMatchObject({
      endpoints: [7001, 7002, 7003].map((port) => ({ host: '10.0.0.1', port })),
    });
  });
});

describe('identities that fail', () => {
  test('one dies: what it had verified stays, the others take its claims, it comes back', async () => {
    const world = new World();
    const made = world.torrent(60);
    const key = await world.add(made);
    await world.clock.advance(750);
    world.script.unheard.add(1);
    await world.clock.advance(250);
    const before = world.script.begun.length;
    world.host.started[1]?.crash();
    world.script.unheard.delete(1);
    await world.clock.advance(200);
    expect(world.coordinator.download(key)?.identities[1]?.state).toBe('restarting');
    await world.until(key, 'done');
    const snapshot = world.coordinator.download(key);
    expect(snapshot?.identities[1]).toMatchObject({ restarts: 1 });
    expect(told(world)[0]).toMatch(/identity 2\b.*\b3 verified\b.*journal.*\b3\b.*free/);
    expect(snapshot?.duplicatePieces).toBe(0);
    await world.expectFile('/out/payload', made.payload);
    // At most the piece in flight was begun twice.
    const begun = world.script.begun.filter((one) => one.share === PieceShare.mine);
    expect(begun.length).toBeLessThanOrEqual(61);
    expect(before).toBeGreaterThan(20);
  });

  test('one hangs: it is ended and its claims go to the others', async () => {
    const world = new World();
    const made = world.torrent(200);
    const key = await world.add(made);
    await world.clock.advance(500);
    world.script.mute.add(2);
    await world.until(key, 'done');
    expect(world.coordinator.download(key)?.identities[2]?.restarts).toBeGreaterThan(0);
    await world.expectFile('/out/payload', made.payload);
  });

  test('one that dies again and again is given up; fixed ranges too go to the others then', async () => {
    const world = new World();
    world.script.pace.set(0, 3000);
    const made = world.torrent(40);
    const key = await world.add(made, { selection: 'fixed' });
    for (let i = 0; i < 5; i++) {
      await world.clock.runUntil(
        () => world.host.started.some((one) => one.label === 'identity 3' && one.running),
        60_000,
      );
      await world.clock.advance(20);
      world.host.started
        .filter((one) => one.label === 'identity 3')
        .at(-1)
        ?.crash();
      await world.clock.advance(20);
    }
    expect(world.coordinator.download(key)?.identities[3]?.state).toBe('given-up');
    await world.until(key, 'done');
    await world.expectFile('/out/payload', made.payload);
  });

  test('alone, it comes back and goes on', async () => {
    const world = new World();
    const made = world.torrent(30);
    const key = await world.add(made, { identities: 1 });
    await world.clock.advance(1000);
    world.host.started[0]?.crash();
    await world.until(key, 'done');
    expect(world.coordinator.download(key)?.identities[0]?.pieces).toBe(30);
    expect(world.script.begun.length).toBeLessThanOrEqual(31);
    expect(world.script.received.some((one) => one.message.type === 'shares')).toBe(false);
  });
});

describe('no straggler', () => {
  test('what a slow one has not begun goes to the others, and its last piece is copied', async () => {
    const world = new World();
    world.script.pace.set(3, 60_000);
    const made = world.torrent(40);
    const key = await world.add(made);
    await world.until(key, 'done', 20_000);
    expect(world.script.received.some((one) => one.message.type === 'give-back' && one.identity === 3)).toBe(true);
    const copies = world.script.begun.filter((one) => one.share === 4).map((one) => one.piece);
    expect(told(world)).toEqual([
      expect.stringMatching(/^(Identity \d takes|Idle identities take) .*had not begun\.$/),
    ]);
    expect(new Set(copies).size).toBe(copies.length);
    expect(copies).toContain(world.script.begun.filter((one) => one.identity === 3).at(-1)?.piece);
    expect(world.coordinator.download(key)).toMatchObject({ duplicatePieces: 0 });
  });

  test('fixed ranges without take-over wait for the slow one; with it they do not', async () => {
    for (const takeOver of [false, true]) {
      const world = new World();
      world.script.pace.set(3, 2000);
      const key = await world.add(world.torrent(40), { selection: 'fixed', takeOver });
      await world.clock.advance(15_000);
      expect(world.state(key)).toBe(takeOver ? 'done' : 'downloading');
      await world.until(key, 'done');
      const [, , , slow] = world.coordinator.download(key)?.identities ?? [];
      expect(slow?.pieces === 10).toBe(!takeOver);
    }
  });
});

describe('commands', () => {
  test('pause stops everyone, resume goes on, remove takes all of it away', async () => {
    const world = new World();
    const key = await world.add(world.torrent(100));
    await world.clock.advance(500);
    await world.clock.resolve(world.coordinator.pause(key));
    await world.clock.advance(200);
    const begun = world.script.begun.length;
    await world.clock.advance(5000);
    expect(world.state(key)).toBe('paused');
    expect(world.script.begun.length).toBe(begun);
    await world.clock.resolve(world.coordinator.resume(key));
    await world.clock.advance(500);
    expect(world.script.begun.length).toBeGreaterThan(begun);
    await world.clock.resolve(world.coordinator.remove(key, { data: true }));
    expect(world.coordinator.downloads()).toEqual([]);
    expect(await world.disk.list('/out')).toEqual([]);
    await world.clock.advance(10_000);
    expect(world.running).toBe(0);
  });

  test('a stopped download goes on where it stood, without reading anything again', async () => {
    const world = new World();
    const made = world.torrent(100);
    const key = await world.add(made, { identities: 2 });
    await world.clock.advance(2000);
    const start = world.clock.now();
    await world.clock.resolve(world.coordinator.close());
    expect(world.clock.now() - start).toBeLessThan(5000);
    expect(world.running).toBe(0);
    const before = world.script.begun.length;
    world.coordinator = world.build();
    await world.add(made, { identities: 2 });
    await world.until(key, 'done');
    const alone = world.script.begun.slice(before).filter(({ share }) => share !== PieceShare.both);
    expect(alone.length).toBeLessThanOrEqual(100 - (before - 2));
    expect(world.host.started.filter((one) => one.label === 'recheck')).toEqual([]);
    await world.expectFile('/out/payload', made.payload);
  });

  test('after a crash of everything only what was not yet synced is read again', async () => {
    const world = new World();
    const made = world.torrent(60);
    const key = await world.add(made, { identities: 2 });
    await world.clock.advance(2000);
    const before = world.script.begun.length;
    world.crash();
    world.coordinator = world.build();
    await world.add(made, { identities: 2 });
    await world.until(key, 'done');
    expect(world.host.started.filter((one) => one.label === 'recheck')).toHaveLength(1);
    expect(world.script.begun.length).toBeLessThanOrEqual(60 + 4);
    expect(before).toBeGreaterThan(30);
    await world.expectFile('/out/payload', made.payload);
  });

  test('a magnet link that was stopped goes on with the metadata that is there', async () => {
    const world = new World();
    const made = world.torrent(60);
    const key = torrentKey(made.torrent.info.infoHash);
    world.script.infos.set(key, made.torrent.info.raw);
    const source = { kind: 'magnet', link: `magnet:?xt=urn:btih:${made.torrent.info.infoHash}&dn=other` } as const;
    await world.clock.resolve(world.coordinator.add(source, options()));
    await world.clock.advance(1000);
    await world.clock.resolve(world.coordinator.close());
    world.script.infos.clear();
    world.coordinator = world.build();
    await world.clock.resolve(world.coordinator.add(source, options()));
    await world.until(key, 'done');
    await world.expectFile('/out/payload', made.payload);
  });

  test('the state folder brings all downloads back, seeding and paused ones too', async () => {
    const world = new World();
    world.coordinator = world.build('/state');
    await world.clock.resolve(world.coordinator.start());
    const done = await world.add(world.torrent(4, { name: 'a' }), { identities: 2, seed: { kind: 'forever' } });
    const waiting = await world.add(world.torrent(4, { name: 'b' }), { identities: 2, paused: true });
    await world.until(done, 'seeding');
    await world.clock.advance(1500);
    await world.clock.resolve(world.coordinator.close());
    world.coordinator = world.build('/state');
    world.coordinator.setLimits({ down: bytesPerSecond(1000), up: none });
    await world.clock.resolve(world.coordinator.start());
    await world.until(done, 'seeding');
    expect(world.state(waiting)).toBe('paused');
    await world.clock.advance(1500);
    expect(world.script.received.some(({ message }) => message.type === 'limits' && message.limits.down === 1000)).toBe(
      true,
    );
    await world.clock.resolve(world.coordinator.resume(waiting));
    await world.until(waiting, 'done');
  });

  test('a magnet link fetches the metadata with one identity, then downloads with all', async () => {
    const world = new World();
    const made = world.torrent(20);
    const key = torrentKey(made.torrent.info.infoHash);
    world.script.infos.set(key, made.torrent.info.raw);
    const link = `magnet:?xt=urn:btih:${made.torrent.info.infoHash}&x.pe=10.5.0.1:1000`;
    await world.clock.resolve(world.coordinator.add({ kind: 'magnet', link }, options()));
    expect(world.state(key)).toBe('metadata');
    await world.until(key, 'done');
    const first = world.script.received.find((one) => one.message.type === 'peers');
    expect(first).toMatchObject({ identity: 0, message: { dial: [{ host: '10.5.0.1', port: 1000 }] } });
    await world.expectFile('/out/payload', made.payload);
  });

  test('several identities on a private torrent need a confirmed choice', async () => {
    const world = new World();
    const made = world.torrent(4, { private: true });
    await expect(world.add(made)).rejects.toMatchObject({ code: 'private' });
    expect(world.coordinator.downloads()).toEqual([]);
    await world.until(await world.add(made, { allowPrivate: true }), 'done');
  });

  test('wrong choices are refused by name', async () => {
    const world = new World();
    const made = world.torrent(4);
    await expect(world.add(made, { bind: ['eth9'] })).rejects.toMatchObject({ code: 'usage' });
    await expect(world.add(made, { identities: 33 })).rejects.toMatchObject({ code: 'usage' });
    await expect(world.add(made, { filePriorities: [1, 1] })).rejects.toMatchObject({ code: 'usage' });
    await world.add(made);
    await expect(world.add(made)).rejects.toMatchObject({ code: 'in-use' });
  });

  test('assembly that finds a wrong piece has it fetched again', async () => {
    const world = new World();
    world.script.corrupt.add(5);
    const made = world.torrent(20);
    const key = await world.add(made, { layout: 'parts', assemble: false });
    await world.until(key, 'complete');
    // As after an unclean end: what lies there is not trusted.
    await world.clock.resolve(world.coordinator.recheck(key));
    await world.until(key, 'complete');
    await world.clock.resolve(world.coordinator.assemble(key));
    await world.expectFile('/out/payload', made.payload);
  });

  for (const [what, changes] of [
    ['a check', { layout: 'in-place', assemble: false }],
    ['an assembly', { layout: 'parts', assemble: true }],
  ] as const) {
    test(`a piece that ${what} found wrong is not trusted again after a crash`, async () => {
      const world = new World();
      world.script.corrupt.add(5);
      const made = world.torrent(20);
      const key = await world.add(made, { ...changes, identities: 2 });
      if (changes.assemble) {
        await world.clock.runUntil(() => world.events.some((event) => event.type === 'log'), 60_000);
      } else {
        await world.until(key, 'complete');
        await world.clock.resolve(world.coordinator.recheck(key));
      }
      for (const identity of [0, 1]) world.script.pace.set(identity, 1e6);
      await world.clock.advance(50);
      world.crash();
      world.script.pace.clear();
      world.script.begun.length = 0;
      world.coordinator = world.build();
      await world.add(made, { ...changes, assemble: true, identities: 2 });
      await world.until(key, 'done');
      await world.expectFile('/out/payload', made.payload);
      expect(new Set(world.script.begun.map((one) => one.piece))).toEqual(new Set([5]));
    });
  }
});

describe('files that are there', () => {
  test('all there and right: done at once, and nothing else is made', async () => {
    const world = new World();
    const made = world.torrent(8);
    await world.disk.makeDirectory('/out');
    await world.disk.replaceFile('/out/payload', made.payload);
    const key = await world.add(made);
    await world.until(key, 'done');
    expect(world.running).toBe(0);
    expect(await world.disk.list('/out')).toEqual(['payload']);
  });

  test('something else there is refused; with reuse what is right in it is used', async () => {
    const world = new World();
    const made = world.torrent(8);
    const old = made.payload.slice();
    old.fill(0, 3 * 16 * KIB, 4 * 16 * KIB);
    await world.disk.makeDirectory('/out');
    await world.disk.replaceFile('/out/payload', old);
    const refused = await world.add(made);
    await world.until(refused, 'failed');
    expect(world.coordinator.download(refused)?.error?.code).toBe('exists');
    await world.clock.resolve(world.coordinator.remove(refused, { data: false }));
    await world.expectFile('/out/payload', old);
    const key = await world.add(made, { reuse: true });
    await world.until(key, 'done');
    expect(new Set(world.script.begun.map((one) => one.piece))).toEqual(new Set([3]));
    await world.expectFile('/out/payload', made.payload);
  });
});

test('fifty downloads with two identities each take two processes', async () => {
  const world = new World();
  const added: TorrentKey[] = [];
  for (let i = 0; i < 50; i++) {
    added.push(await world.add(world.torrent(4, { name: `t${i}` }), { identities: 2, seed: { kind: 'forever' } }));
  }
  await world.clock.advance(150);
  expect(world.running).toBe(2);
  for (const key of added) await world.until(key, 'seeding');
  expect(world.host.started.filter((one) => one.kind === 'identity')).toHaveLength(2);
  await world.clock.advance(10_000);
  expect(world.running).toBe(1);
});
