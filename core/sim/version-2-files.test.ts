import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import type { SimMachine } from './machine.ts';
import { SimSwarm } from './swarm.ts';
import { SimWebServer } from './web-server.ts';

const KIB = 1024;
const MIB = KIB * KIB;
/** A short last piece in most files, one without bytes, one that ends with a piece, one of several pieces. */
const FILES = [
  { path: ['a', 'long'], length: 700 * KIB + 5 },
  { path: ['a', 'none'], length: 0 },
  { path: ['b'], length: 9 },
  { path: ['c'], length: 128 * KIB },
  { path: ['d'], length: 300 * KIB },
];
const LAYOUTS = ['in-place', 'parts', 'pieces'] as const;
const VERSIONS = [2, 'hybrid'] as const;
const addressesOf = (k: number): string[] => Array.from({ length: k }, (_, i) => `10.9.0.${i + 1}`);

function world(version: 2 | 'hybrid', k: number): { swarm: SimSwarm; ours: SimMachine; addresses: string[] } {
  const swarm = new SimSwarm(k, { files: FILES, pieceLength: 32 * KIB, version });
  for (const address of ['10.0.0.1', '10.0.0.2']) swarm.seed(address, { up: MIB / 4, down: MIB });
  const addresses = addressesOf(k);
  return { swarm, ours: swarm.machine({ addresses, down: MIB, up: MIB }), addresses };
}

/** All files are there, byte for byte, and nothing else: no padding, nothing of ours. */
function expectWhole(ours: SimMachine, { torrent, payload }: SimSwarm): void {
  expect(sameBytes(ours.payload(torrent) ?? new Uint8Array(), payload)).toBe(true);
  const files = torrent.info.files.filter(({ padding }) => !padding).map(({ path }) => `/out/${path.join('/')}`);
  expect(
    ours.disk
      .paths()
      .filter((path) => path.startsWith('/out/') && !path.endsWith('/'))
      .toSorted(),
  ).toEqual(files.toSorted());
}

describe.each(VERSIONS)('a torrent of version %s', (version) => {
  test.each(LAYOUTS.flatMap((layout) => [1, 4].map((k) => [layout, k] as const)))(
    'is whole from %s with K=%i',
    async (layout, k) => {
      const { swarm, ours, addresses } = world(version, k);
      await ours.add(swarm.torrent, { identities: k, bind: addresses, layout });
      const done = await ours.until(swarm.torrent, ['done'], 120_000);
      expect(done, done.error?.message).toMatchObject({ state: 'done', hashFailures: 0, duplicatePieces: 0 });
      const bytes = FILES.reduce((sum, { length }) => sum + length, 0);
      expect(done.bytes).toEqual({ have: bytes, wanted: bytes, total: bytes });
      // Padding is not asked for.
      expect(done.downloaded - done.wasted).toBe(bytes);
      expectWhole(ours, swarm);
    },
  );

  test.each(LAYOUTS)('goes on after everything died at once, and keeps what it had: %s', async (layout) => {
    const { swarm, ours, addresses } = world(version, 2);
    const options = { identities: 2, bind: addresses, layout } as const;
    await ours.add(swarm.torrent, options);
    await swarm.clock.advance(2_500);
    const before = ours.snapshot(swarm.torrent).pieces.have;
    expect(before).toBeGreaterThan(0);
    ours.killCoordinator(true);
    ours.restart();
    await ours.add(swarm.torrent, options);
    const { pieces } = await ours.until(swarm.torrent, ['downloading', 'done'], 60_000);
    expect(pieces.have).toBeGreaterThanOrEqual(before);
    const done = await ours.until(swarm.torrent, ['done'], 120_000);
    expect(done, done.error?.message).toMatchObject({ state: 'done', hashFailures: 0 });
    expectWhole(ours, swarm);
  });

  test('comes from a server alone', async () => {
    const swarm = new SimSwarm(7, { files: FILES, pieceLength: 32 * KIB, version });
    const torrent = { ...swarm.torrent, trackers: [], webSeeds: ['http://203.0.113.9/pub/'] };
    const server = new SimWebServer();
    for (const { path, offset, length, padding } of torrent.info.files)
      if (!padding) server.files.set(`/pub/${path.join('/')}`, swarm.payload.slice(offset, offset + length));
    await server.listen(swarm.net.host('203.0.113.9', { latency: 20, up: MIB }));
    const ours = swarm.machine();
    await ours.add(torrent);
    const done = await ours.until(torrent, ['done', 'seeding'], 120_000);
    expect(done, done.error?.message).toMatchObject({ hashFailures: 0 });
    expect(sameBytes(ours.payload(torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
    expect(server.heard.map(({ target }) => target).filter((target) => target.includes('.pad'))).toEqual([]);
  });

  test('only the chosen files come, and a file that is there already is taken over', async () => {
    const { swarm, ours } = world(version, 1);
    const { files } = swarm.torrent.info;
    const named = (name: string) => files.find(({ path }) => path.at(-1) === name);
    const long = named('long');
    const d = named('d');
    if (long === undefined || d === undefined) throw new Error('no such file');
    const bytesOf = ({ offset, length }: typeof d) => swarm.payload.slice(offset, offset + length);
    ours.disk.put('/out/payload/d', bytesOf(d));
    const filePriorities = files.map((file) => (file === long || file === d ? 4 : 0));
    await ours.add(swarm.torrent, { filePriorities, reuse: true });
    const done = await ours.until(swarm.torrent, ['done'], 120_000);
    expect(done, done.error?.message).toMatchObject({ state: 'done', downloaded: long.length });
    expect(sameBytes(ours.disk.content('/out/payload/a/long') ?? new Uint8Array(), bytesOf(long))).toBe(true);
    expect(ours.disk.content('/out/payload/c')).toBeUndefined();
  });
});
