import { expect, test } from 'vitest';
import { type Bytes, type BytesPerSecond, identityIndex, millis, piece } from '../base/ids.ts';
import { PIECE } from '../engine/piece-codes.ts';
import { encode } from '../bencode/bencode.ts';
import type { PeerStatus } from '../engine/statuses.ts';
import { World } from './testing/world.ts';

const peer: PeerStatus = {
  endpoint: { host: '192.0.2.9', port: 6881 },
  client: 'Some client',
  source: 'incoming',
  incoming: true,
  transport: 'utp',
  encryption: 'rc4',
  punched: false,
  down: 5 as BytesPerSecond,
  up: 0 as BytesPerSecond,
  downloaded: 7 as Bytes,
  uploaded: 0 as Bytes,
  progress: 0.5,
  amInterested: true,
  amChoking: false,
  peerInterested: false,
  peerChoking: true,
  snubbed: false,
  optimistic: false,
  uploadOnly: false,
  pieces: Uint8Array.of(255, 0),
};

test('peers and sources of peers of each identity, as its last status told', async () => {
  const world = new World();
  world.script.status.set(1, {
    peerList: [peer],
    seeds: 3,
    punched: 0,
    useful: 3,
    choking: 0,
    reachability: { kind: 'reached', mapping: { kind: 'unknown' } },
    sources: [
      {
        kind: 'tracker',
        found: 5,
        trackers: [{ url: 'http://t/a', tier: 0, state: 'failed', message: 'gone', next: millis(9000) }],
      },
      { kind: 'dht', state: 'waiting', nodes: 40, announced: 8, found: 9 },
      { kind: 'pex', found: 0 },
    ],
    connected: { incoming: 2, tracker: 1 },
  });
  const key = await world.add(world.torrent(200), { identities: 2 });
  await world.clock.advance(2000);
  expect(world.coordinator.peers(key)).toEqual([{ ...peer, identity: 1, down: 0, up: 0 }]);
  // It was told 400 ms ago.
  const next = 8600;
  expect(world.coordinator.trackers(key)).toEqual([
    { identity: 1, url: 'http://t/a', tier: 0, state: 'failed', message: 'gone', next },
  ]);
  expect(world.coordinator.sources(key)).toMatchObject([
    { identity: 1, kind: 'tracker', found: 5 },
    { identity: 1, kind: 'dht', state: 'waiting', nodes: 40, announced: 8 },
    { identity: 1, kind: 'pex' },
  ]);
  expect(world.coordinator.download(key)?.identities).toMatchObject([
    { sources: {} },
    {
      seeds: 3,
      punched: 0,
      reachability: { kind: 'reached' },
      sources: {
        tracker: { found: 5, connected: 1 },
        dht: { found: 9, connected: 0 },
        incoming: { found: 0, connected: 2 },
      },
    },
  ]);
});

test('the watched download is told to every process, also to one that starts later; then that it is over', async () => {
  const world = new World();
  const key = await world.add(world.torrent(400), { identities: 2 });
  await world.clock.advance(2000);
  const watched = (): unknown[] =>
    world.script.received.flatMap(({ identity, message }) =>
      message.type === 'watch' ? [[identity, message.key ?? 'nothing']] : [],
    );
  world.coordinator.watchPeers(key);
  world.coordinator.watchPeers(key);
  await world.clock.advance(100);
  expect(watched()).toEqual([
    [0, key],
    [1, key],
  ]);
  world.coordinator.restartIdentity(key, identityIndex(1));
  await world.clock.advance(10_000);
  expect(watched().slice(2)).toEqual([[1, key]]);
  world.coordinator.watchPeers(undefined);
  await world.clock.advance(100);
  expect(watched().slice(3)).toEqual([
    [0, 'nothing'],
    [1, 'nothing'],
  ]);
});

test('a restart is dated, and what the process knew of peers is gone', async () => {
  const world = new World();
  world.script.status.set(0, { peerList: [peer] });
  const key = await world.add(world.torrent(400), { identities: 2 });
  await world.clock.advance(2000);
  expect(world.coordinator.peers(key)).toHaveLength(1);
  const at = world.clock.wall();
  world.coordinator.restartIdentity(key, identityIndex(0));
  await world.clock.advance(10);
  expect(world.coordinator.peers(key)).toEqual([]);
  expect(world.coordinator.download(key)?.identities[0]).toMatchObject({ restarts: 1, restarted: at });
});

test('padding at the end has a place in the priorities, and nowhere else', async () => {
  const world = new World();
  const files = [
    { length: 100, path: ['a'] },
    { length: 16 * 1024, path: ['b'] },
    { attr: 'p', length: 16 * 1024 - 100, path: ['.pad', '16284'] },
  ];
  const data = encode({ info: { files, name: 'T', 'piece length': 16 * 1024, pieces: new Uint8Array(40) } });
  const key = await world.add({ data }, { paused: true });
  expect(world.coordinator.download(key)).toMatchObject({ files: 2, fileSlots: 3 });
  expect(world.coordinator.files(key).map((one) => one.index)).toEqual([0, 1]);
  await world.clock.resolve(world.coordinator.change(key, { filePriorities: [7, 0, 4] }));
  expect(world.coordinator.files(key).map((one) => one.priority)).toEqual([7, 0]);
  await expect(world.clock.resolve(world.coordinator.change(key, { filePriorities: [7, 0] }))).rejects.toMatchObject({
    code: 'usage',
  });
});

test('pieces to go, size of pieces and claims; when it was added outlives the program', async () => {
  const world = new World();
  world.coordinator = world.build('/state');
  await world.coordinator.start();
  const at = world.clock.wall();
  const key = await world.add(world.torrent(200));
  await world.clock.advance(1500);
  const running = world.coordinator.download(key);
  expect(running).toMatchObject({ added: at, pieceLength: 16 * 1024, files: 1, fileSlots: 1, private: false });
  expect(running?.pieces.toGo).toBe(200 - (running?.pieces.have ?? 0));
  expect(running?.identities.some((identity) => identity.claimed > 0)).toBe(true);
  expect(world.coordinator.files(key)).toMatchObject([{ index: 0, pieces: { first: 0, last: 199 } }]);
  await world.clock.resolve(world.coordinator.close());
  await world.clock.advance(5000);
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  expect(world.coordinator.download(key)?.added).toBe(at);
});

test('an assembly that is stopped leaves all as it was, and can be begun again', async () => {
  const world = new World();
  const made = world.torrent(40);
  const key = await world.add(made, { assemble: false, layout: 'pieces' });
  await world.until(key, 'complete');
  const stopped = world.coordinator.assemble(key);
  const heard = expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
  for (let turn = 0; turn < 100 && world.state(key) !== 'assembling'; turn++) await Promise.resolve();
  world.coordinator.cancelAssembly(key);
  await world.clock.advance(8000);
  await heard;
  expect(world.state(key)).toBe('complete');
  expect(await world.disk.list('/out')).not.toContain('payload');
  await world.clock.resolve(world.coordinator.assemble(key));
  await world.expectFile('/out/payload', made.payload);
});

test('a piece that came in this run has a source', async () => {
  const world = new World();
  const key = await world.add(world.torrent(200), { identities: 2 });
  await world.clock.advance(1000);
  const pieces = world.coordinator.pieceMap(key)?.pieces ?? new Uint8Array(0);
  const source = (code: number) => world.coordinator.pieceSource(key, piece(pieces.indexOf(code)));
  expect(source(1).length).toBeGreaterThan(0);
  expect(source(PIECE.missing)).toEqual([]);
});
