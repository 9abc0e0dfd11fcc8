import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LayoutKind } from '../base/choices.ts';
import { identityIndex, piece } from '../base/ids.ts';
import { encodeTorrent } from '../metainfo/make-torrent.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import type { Info } from '../metainfo/torrent.ts';
import { VirtualClock } from '../sim/clock.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHasher } from '../sim/hasher.ts';
import type { StoreLocation } from '../store/layouts/layout.ts';
import { openPlacement } from '../store/layouts/open-placement.ts';
import { expectSame, testTorrent } from '../store/testing/torrent.ts';
import { assemble } from './assemble.ts';
import type { AssemblyInput } from './work.ts';

const PIECE = 1024;
const FILES = [
  { path: ['a', 'first'], length: 2500 },
  { path: ['a', 'empty'], length: 0 },
  { path: ['a', 'tiny'], length: 3 },
  { path: ['b', 'second'], length: 4000 },
  { path: ['last'], length: 1500 },
];
const LAYOUTS: LayoutKind[] = ['in-place', 'parts', 'pieces'];

const content = Uint8Array.from({ length: 8003 }, (_, i) => (i * 7 + (i >>> 8) * 31) & 0xff);
const info = torrentOf(content);
const geometry = new Geometry(info);
let disk: MemoryDisk;
/** Whether pieces that can be are copied by who hashes them. */
let copies = true;

beforeEach(() => {
  disk = new MemoryDisk();
  copies = true;
});

function torrentOf(data: Uint8Array): Info {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += PIECE) {
    hashes.push(
      createHash('sha1')
        .update(data.subarray(at, at + PIECE))
        .digest(),
    );
  }
  const pieceHashes = new Uint8Array(Buffer.concat(hashes));
  return parseTorrent(encodeTorrent({ name: 'T', files: FILES, pieceLength: PIECE, pieceHashes, trackers: [] })).info;
}

function locationOf(layout: LayoutKind, workFolder = '/out/.T.work'): StoreLocation {
  return { layout, workFolder, output: '/out', assembled: false, identity: identityIndex(0) };
}

/** Writes the pieces as a download would, each as `change` leaves it. */
async function download(location: StoreLocation, change: (p: number, data: Uint8Array) => Uint8Array | undefined) {
  const owners = new Uint8Array(info.pieceCount);
  const placement = openPlacement(disk, { info, geometry, location, count: 1, owners });
  for (let p = 0; p < info.pieceCount; p++) {
    const data = change(p, content.slice(p * PIECE, (p + 1) * PIECE));
    if (data !== undefined) await placement.write(piece(p), data);
  }
  await placement.sync();
  await placement.close();
}

const whole = (_: number, data: Uint8Array) => data;

function run(input: Partial<AssemblyInput> & { location: StoreLocation }, signal = new AbortController().signal) {
  const progress: [number, number][] = [];
  const full: AssemblyInput = {
    info,
    count: 1,
    owners: new Uint8Array(info.pieceCount),
    trusted: new Uint8Array(info.pieceCount),
    wantedFiles: new Uint8Array(info.files.length).fill(1),
    replace: false,
    ...input,
  };
  const hasher = new SimHasher(copies);
  const done = assemble({ disk, hasher }, full, (n, total) => progress.push([n, total]), signal);
  return { done, progress, hasher };
}

const targets = info.files.map((file) => `/out/${file.path.join('/')}`);

function expectAssembled(files = targets): void {
  for (const [i, file] of info.files.entries()) {
    const path = targets[i] ?? '';
    const expected = files.includes(path) ? content.slice(file.offset, file.offset + file.length) : undefined;
    expect(disk.content(path), path).toEqual(expected);
  }
}

test('what another program changes while it is read gets no name', async () => {
  const clock = new VirtualClock();
  disk = new MemoryDisk({ clock });
  const location = locationOf('in-place');
  await download(location, whole);
  const { done, hasher } = run({ location });
  const plain = hasher.hash.bind(hasher);
  hasher.hash = async (data, hashing) => {
    if (hasher.count === 3) {
      await clock.advance(10);
      const file = await disk.open('/out/.T.work/files/T/a/first', 'write');
      await file.write(Uint8Array.of(1), 0);
      await file.close();
    }
    return plain(data, hashing);
  };
  await expect(done).rejects.toMatchObject({ code: 'verification' });
  expectAssembled([]);
  // What is changed now is found the next time.
  expect(await run({ location }).done).toEqual({ badPieces: [0] });
});

const WAYS = LAYOUTS.flatMap((layout) => [true, false].map((copying) => ({ layout, copying })));
describe.each(WAYS)('layout $layout, pieces copied by who hashes them: $copying', ({ layout, copying }) => {
  const location = locationOf(layout);
  beforeEach(() => void (copies = copying));

  test('gives every file its name and clears the payload', async () => {
    await download(location, whole);
    const { done, progress } = run({ location });
    expect(await done).toEqual({ files: targets });
    expectAssembled();
    expect(disk.paths().filter((path) => /files|part|pieces|assembling/.test(path))).toEqual([]);
    expect(disk.openFiles).toBe(0);
    const last = progress.at(-1) ?? [0, 1];
    expect(last[0]).toBe(last[1]);
    expect(progress.map(([n]) => n)).toEqual(progress.map(([n]) => n).toSorted((a, b) => a - b));
  });

  test('once done it is done, without the payload', async () => {
    await download(location, whole);
    await run({ location }).done;
    expect(await run({ location }).done).toEqual({ files: targets });
    expectAssembled();
  });

  test('survives a power cut right after it has ended', async () => {
    await download(location, whole);
    await run({ location }).done;
    disk.crash('power');
    expectAssembled();
  });

  test('reports missing and wrong pieces, and gives no name', async () => {
    await download(location, (p, data) => (p === 2 ? undefined : p === 5 ? data.fill(9) : data));
    const { done } = run({ location });
    expect(await done).toEqual({ badPieces: [2, 5] });
    expectAssembled([]);
    expect(disk.openFiles).toBe(0);
    // Fetched again, it goes on.
    await download(location, (p, data) => (p === 2 || p === 5 ? data : undefined));
    expect(await run({ location }).done).toEqual({ files: targets });
    expectAssembled();
  });

  test('makes only the wanted files, from their pieces alone', async () => {
    const { first, last } = geometry.piecesOf(3) ?? { first: 0, last: 0 };
    await download(location, (p, data) => (p >= first && p <= last ? data : undefined));
    const wantedFiles = Uint8Array.of(0, 0, 0, 1, 0);
    expect(await run({ location, wantedFiles }).done).toEqual({ files: [targets[3]] });
    expectAssembled(targets.slice(3, 4));
    // As after a crash before anybody noted it.
    if (layout === 'in-place') expect(await run({ location, wantedFiles }).done).toEqual({ files: [targets[3]] });
  });

  test('does not replace another file, and touches nothing then', async () => {
    for (const length of [4000, 17]) {
      disk = new MemoryDisk();
      await download(location, whole);
      const foreign = new Uint8Array(length).fill(1);
      disk.put(targets[3] ?? '', foreign);
      await expect(run({ location }).done).rejects.toMatchObject({ code: 'exists' });
      expect(disk.content(targets[3] ?? '')).toEqual(foreign);
      expect(disk.content(targets[0] ?? '')).toBeUndefined();
      expect(disk.openFiles).toBe(0);
      expect(await run({ location, replace: true }).done).toEqual({ files: targets });
      expectAssembled();
    }
  });

  test('takes a file that is there and right for its own', async () => {
    await download(location, whole);
    disk.put(targets[0] ?? '', content.slice(0, 2500));
    expect(await run({ location }).done).toEqual({ files: targets });
    expectAssembled();
  });

  test('never goes through a link below the output', async () => {
    await download(location, whole);
    disk.put('/elsewhere/keep', new Uint8Array(1));
    await disk.makeDirectory('/out/T');
    disk.symlink('/elsewhere', '/out/T/b');
    await expect(run({ location }).done).rejects.toMatchObject({
      code: 'disk',
      message: expect.stringContaining('link'),
    });
    expect(disk.paths().filter((path) => path.startsWith('/elsewhere/'))).toEqual(['/elsewhere/', '/elsewhere/keep']);
  });

  test('a link in the place of a file is refused, and replaced itself when told to', async () => {
    await download(location, whole);
    disk.put('/elsewhere/keep', new Uint8Array(4000));
    await disk.makeDirectory('/out/T/b');
    disk.symlink('/elsewhere/keep', '/out/T/b/second');
    await expect(run({ location }).done).rejects.toMatchObject({ code: 'exists' });
    expect(await run({ location, replace: true }).done).toEqual({ files: targets });
    expect(disk.content('/elsewhere/keep')).toEqual(new Uint8Array(4000));
    expectAssembled();
  });

  test('works where files cannot have second names', async () => {
    await download(location, whole);
    disk.fail({ operation: 'link', code: 'EPERM' });
    expect(await run({ location }).done).toEqual({ files: targets });
    expectAssembled();
  });

  test('stops on request and goes on later', async () => {
    await download(location, whole);
    const stop = new AbortController();
    stop.abort();
    await expect(run({ location }, stop.signal).done).rejects.toMatchObject({ code: 'interrupted' });
    expectAssembled([]);
    expect(await run({ location }).done).toEqual({ files: targets });
  });

  test('stops between two names and goes on later', async () => {
    await download(location, whole);
    const stop = new AbortController();
    disk.delay = (operation) => {
      if (operation === 'link') stop.abort();
      return 0;
    };
    const wasStopped = await run({ location }, stop.signal).done.catch((error: unknown) => error);
    if (wasStopped instanceof Error) expect(wasStopped).toMatchObject({ code: 'interrupted' });
    disk.delay = undefined;
    expect(await run({ location }).done).toEqual({ files: targets });
    expectAssembled();
  });

  test.each(['process', 'power'] as const)(
    'after a crash (%s) at any step it goes on, and no wrong file ever has a name',
    async (how) => {
      const steps = [
        'open',
        'read',
        'write',
        'sync',
        'link',
        'syncDirectory',
        'remove',
        'removeDirectory',
        'replaceFile',
        'makeDirectory',
        'close',
        'info',
      ] as const;
      let crashes = 0;
      for (const operation of steps) {
        for (const after of [0, 3]) {
          disk = new MemoryDisk();
          await download(location, whole);
          await disk.syncDirectory('/');
          await disk.syncDirectory('/out');
          let left = after;
          // From that step on nothing works any more, as for a process that is gone.
          const gone: (() => void)[] = [];
          disk.delay = (now) => {
            if (now === operation && left-- === 0) gone.push(disk.fail({ code: 'EIO' }));
            return 0;
          };
          const outcome = await run({ location }).done.catch((error: unknown) => error);
          for (const restore of gone) restore();
          disk.delay = undefined;
          disk.crash(how);
          for (const [i, file] of info.files.entries()) {
            const found = disk.content(targets[i] ?? '');
            if (found !== undefined) expect(found).toEqual(content.slice(file.offset, file.offset + file.length));
          }
          if (!(outcome instanceof Error)) continue;
          crashes++;
          expect(await run({ location }).done, `${operation} ${after}`).toEqual({ files: targets });
          expectAssembled();
        }
      }
    },
  );
});

describe('in-place', () => {
  const location = locationOf('in-place');

  test('reads nothing that is trusted', async () => {
    await download(location, whole);
    const { done, hasher } = run({ location, trusted: new Uint8Array(info.pieceCount).fill(1) });
    expect(await done).toEqual({ files: targets });
    expect(hasher.count).toBe(0);
    expect(disk.counts.get('read') ?? 0).toBe(0);
    disk.crash('power');
    expectAssembled();
  });

  test('a file that is gone or too short makes its pieces bad, trusted or not', async () => {
    await download(location, whole);
    await disk.remove('/out/.T.work/files/T/a/tiny');
    const file = await disk.open('/out/.T.work/files/T/last', 'write');
    await file.truncate(100);
    await file.close();
    const { done } = run({ location, trusted: new Uint8Array(info.pieceCount).fill(1) });
    expect(await done).toEqual({ badPieces: [2, 6, 7] });
  });

  test('copies where the output is on another file system', async () => {
    await download(location, whole);
    disk.fail({ operation: 'link', path: /^\/out\/T\/(a|b)/, code: 'EXDEV', times: 1 });
    const before = disk.counts.get('write') ?? 0;
    expect(await run({ location }).done).toEqual({ files: targets });
    expectAssembled();
    expect(disk.counts.get('write')).toBeGreaterThan(before);
  });

  test('copies where the payload is to stay', async () => {
    await download(location, whole);
    expect(await run({ location, keepPayload: true }).done).toEqual({ files: targets });
    const kept = await disk.open('/out/.T.work/files/T/last', 'write');
    await kept.write(new Uint8Array(100), 0);
    expectAssembled();
  });

  test('no second copy is made', async () => {
    await download(location, whole);
    const before = disk.counts.get('write') ?? 0;
    await run({ location }).done;
    expect(disk.counts.get('write') ?? 0).toBe(before);
  });
});

test('a piece that is wrong in one folder is taken from the next', async () => {
  const here = locationOf('pieces', '/one');
  const there = locationOf('parts', '/two');
  await download(here, (p, data) => (p % 3 === 1 ? data.fill(p) : data));
  await download(there, (p, data) => (p % 3 === 2 ? data.fill(p) : data));
  const owners = new Uint8Array(info.pieceCount).fill(255);
  expect(await run({ location: here, others: [there], owners }).done).toEqual({ files: targets });
  expectAssembled();
});

test('joins pieces from several folders, and leaves the others as they are', async () => {
  const here = locationOf('parts', '/one');
  const there = locationOf('parts', '/two');
  await download(here, (p, data) => (p < 4 ? data : undefined));
  await download(there, (p, data) => (p >= 4 ? data : undefined));
  const owners = new Uint8Array(info.pieceCount).fill(255);
  expect(await run({ location: here, others: [there], owners }).done).toEqual({ files: targets });
  expectAssembled();
  expect(disk.paths().some((path) => path.startsWith('/two/part'))).toBe(true);
});

test('says how much room is missing before it copies', async () => {
  const location = locationOf('pieces');
  await download(location, whole);
  disk.capacity = 40_000;
  await expect(run({ location }).done).rejects.toMatchObject({
    code: 'disk',
    message: expect.stringContaining('8003 bytes'),
  });
});

test('a sync in the middle of a long copy that fails gives no file its name', async () => {
  const { info: long, geometry: pieces, piece: part, content: bytes } = testTorrent([64 << 20], 1 << 20);
  const location = locationOf('pieces');
  const owners = new Uint8Array(long.pieceCount);
  const placement = openPlacement(disk, { info: long, geometry: pieces, location, count: 1, owners });
  for (let p = 0; p < long.pieceCount; p++) await placement.write(piece(p), part(p));
  await placement.sync();
  await placement.close();
  const input = {
    info: long,
    owners,
    trusted: new Uint8Array(long.pieceCount),
    wantedFiles: Uint8Array.of(1),
    location,
  };
  disk.fail({ operation: 'sync', path: 'assembling', code: 'EIO', times: 1 });
  const { done, hasher } = run(input);
  await expect(done).rejects.toMatchObject({ code: 'disk', message: expect.stringContaining('EIO') });
  // Nothing more is copied then.
  expect(hasher.count).toBeLessThan(48);
  expect(disk.paths().filter((path) => path.startsWith('/out/t/') && !path.endsWith('/'))).toEqual([]);
  expect(disk.openFiles).toBe(0);
  await run(input).done;
  expectSame(disk.content('/out/t/f0') ?? new Uint8Array(0), bytes);
});
