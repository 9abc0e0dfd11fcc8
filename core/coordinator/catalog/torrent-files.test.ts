import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sameBytes } from '../../base/bytes.ts';
import type { InfoHash } from '../../base/ids.ts';
import { MemoryDisk } from '../../sim/disk.ts';
import { TorrentFiles } from './torrent-files.ts';

const hashOf = (n: number): InfoHash => `${n}`.padStart(n % 3 === 0 ? 64 : 40, '0') as InfoHash;
const torrent = (n: number, size = 100, version = 0) => {
  const data = new Uint8Array(size).fill(n);
  data[0] = version;
  return { infoHash: hashOf(n), data };
};
const some = (from: number, to: number, size?: number) =>
  Array.from({ length: to - from }, (_, i) => torrent(from + i, size));

async function opened(disk: MemoryDisk): Promise<TorrentFiles> {
  const files = new TorrentFiles(disk, '/state');
  await files.look(await disk.list('/state/torrents'));
  return files;
}

async function kept(files: TorrentFiles, torrents: Parameters<TorrentFiles['keep']>[0]): Promise<InfoHash[]> {
  const out: InfoHash[] = [];
  await files.keep(torrents, (infoHash) => out.push(infoHash));
  return out;
}

const names = (disk: MemoryDisk) => disk.list('/state/torrents');

describe('torrent files that are kept', () => {
  test('few have a file each, many go into one, too large ones have their own', async () => {
    const disk = new MemoryDisk();
    const files = await opened(disk);
    await kept(files, some(1, 4));
    expect(await names(disk)).toHaveLength(3);
    expect(files.packed).toBe(false);
    expect(await kept(files, [...some(100, 200), torrent(7, 5 << 20)])).toHaveLength(101);
    expect((await names(disk)).filter((name) => !name.endsWith('.torrent'))).toEqual(['1.torrents']);
    expect(await names(disk)).toHaveLength(5);
    const again = await opened(disk);
    expect(again.packed).toBe(true);
    for (const { infoHash, data } of [...some(1, 4), ...some(100, 200), torrent(7, 5 << 20)]) {
      const read = await again.read(infoHash);
      expect(read && sameBytes(read, data)).toBe(true);
    }
    again.rest();
    expect(await again.read(hashOf(150))).toEqual(torrent(150).data);
    expect(await again.read(hashOf(999))).toBeUndefined();
  });

  test('a pack goes with the last that needs it; where few do they are kept anew', async () => {
    const disk = new MemoryDisk();
    const files = await opened(disk);
    await kept(files, some(1, 41));
    for (let n = 1; n < 31; n++) await files.forget(hashOf(n));
    const again = await opened(disk);
    again.retain(new Set(some(31, 41).map(({ infoHash }) => infoHash)));
    expect(again.scattered).toHaveLength(10);
    await kept(again, some(31, 41));
    expect((await names(disk)).filter((name) => name.endsWith('.torrents'))).toEqual([]);
    expect(await (await opened(disk)).read(hashOf(35))).toEqual(torrent(35).data);
  });

  test('what is forgotten and comes again is read as it is now, wherever it was', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('keep' as const), from: fc.nat(20), count: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ kind: fc.constant('forget' as const), from: fc.nat(20), count: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ kind: fc.constant('restart' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const disk = new MemoryDisk();
        let files = await opened(disk);
        const model = new Map<InfoHash, Uint8Array>();
        for (const [version, one] of steps.entries()) {
          if (one.kind === 'restart') {
            files = await opened(disk);
            files.retain(new Set(model.keys()));
            continue;
          }
          const list = Array.from({ length: one.count }, (_, i) => torrent(1 + one.from + i, 100, version));
          if (one.kind === 'keep') {
            await kept(files, list);
            for (const { infoHash, data } of list) model.set(infoHash, data);
          } else {
            for (const { infoHash } of list) {
              await files.forget(infoHash);
              model.delete(infoHash);
            }
          }
          for (let n = 1; n <= 50; n++) expect(await files.read(hashOf(n))).toEqual(model.get(hashOf(n)));
        }
        if (model.size === 0) expect((await names(disk)).filter((name) => name.endsWith('.torrent'))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('damage costs what it hits; the user can put a file in its place; a newer pack is refused by name', async () => {
    const disk = new MemoryDisk();
    await kept(await opened(disk), some(1, 41));
    const whole = (await disk.readFile('/state/torrents/1.torrents', 1 << 20)) ?? new Uint8Array();
    const damaged = whole.slice();
    damaged[damaged.length - 1] = 0xff;
    await disk.replaceFile('/state/torrents/1.torrents', damaged);
    const files = await opened(disk);
    expect(await files.read(hashOf(39))).toEqual(torrent(39).data);
    await expect(files.read(hashOf(40))).rejects.toThrow('/state/torrents/1.torrents is damaged');
    await disk.replaceFile(files.path(hashOf(40)), torrent(40).data);
    expect(await files.read(hashOf(40))).toEqual(torrent(40).data);
    for (const [at, what] of [
      [20, 'is damaged'],
      [0, 'is damaged'],
    ] as const) {
      const bad = whole.slice();
      bad[at] = (bad[at] ?? 0) ^ 1;
      await disk.replaceFile('/state/torrents/1.torrents', bad);
      await expect((await opened(disk)).read(hashOf(1))).rejects.toThrow(what);
      // Its number is not used again, so that nothing of it is lost.
      await kept(await opened(disk), some(100, 130));
      expect(await names(disk)).toContain('1.torrents');
    }
    await disk.replaceFile('/state/torrents/1.torrents', whole.slice(0, 30));
    await expect((await opened(disk)).read(hashOf(1))).rejects.toThrow('is damaged');
  });
});
