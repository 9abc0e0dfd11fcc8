import { beforeEach, describe, expect, test } from 'vitest';
import { concatBytes, fromHex } from '../base/bytes.ts';
import { type BencodeInput, encode } from '../bencode/bencode.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SeededRandom } from '../sim/random.ts';
import { simTorrent } from '../sim/torrent.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import { look, type Planned } from './look.ts';
import { readFolder } from './read-folder.ts';
import type { Reading } from './reading.ts';

const PIECE = 16_384;
const random = new SeededRandom(1);
const made = (name: string) =>
  simTorrent(random, { files: ['a', 'b'].map((one) => ({ path: [one], length: PIECE })), pieceLength: PIECE, name });
const { torrent, payload } = made('thing');
const { info } = torrent;
const data = wrapInfo(info, torrent.trackers);
const content = (i: number): Uint8Array => payload.slice(i * PIECE, (i + 1) * PIECE);
const text = (lines: string): Uint8Array => new TextEncoder().encode(lines);

let disk: MemoryDisk;
beforeEach(() => void (disk = new MemoryDisk()));

async function readAll(folder: string): Promise<Reading[]> {
  const all: Reading[] = [];
  for await (const one of readFolder(disk, folder)) all.push(one);
  return all;
}
const names = (readings: readonly Reading[]): string[] =>
  readings.map((one) => ('refused' in one ? `refused ${one.record}` : `${one.client} ${one.name}`));

const record = (changes: Record<string, BencodeInput> = {}): Uint8Array =>
  encode({ destination: '/dl', progress: { blocks: 'all' }, ...changes });
const backup = (changes: Record<string, BencodeInput> = {}): Uint8Array =>
  encode({ save_path: '/dl', pieces: Uint8Array.of(1, 1), ...changes });

describe('what is in a folder', () => {
  test.each([
    ['/t', 'resume', 'torrents'],
    ['/Library/Transmission', 'Resume', 'Torrents'],
  ])('Transmission: one bad record does not stop the others (%s)', async (folder, resume, torrents) => {
    disk.put(`${folder}/${resume}/a.resume`, record());
    disk.put(`${folder}/${torrents}/a.torrent`, data);
    disk.put(`${folder}/${resume}/b.resume`, new Uint8Array(5));
    disk.put(`${folder}/${torrents}/b.torrent`, data);
    disk.put(`${folder}/${resume}/c.resume`, record());
    disk.put(`${folder}/${resume}/d.resume`, record());
    disk.put(`${folder}/${torrents}/d.magnet`, text(`magnet:?xt=urn:btih:${'2'.repeat(40)}&dn=late`));
    expect(names(await readAll(folder))).toEqual([
      'transmission thing',
      'refused b.resume',
      'refused c.resume',
      'transmission late',
    ]);
  });

  test.each(['/q', '/q/BT_backup', '/q/qBittorrent/data/BT_backup'])('qBittorrent: in its order (%s)', async (at) => {
    disk.put(`${at}/aa.fastresume`, backup());
    disk.put(`${at}/aa.torrent`, data);
    disk.put(`${at}/bb.fastresume`, backup({ 'info-hash': new Uint8Array(20).fill(0x22), name: 'late' }));
    disk.put(`${at}/cc.fastresume`, encode([]));
    disk.put(`${at}/queue`, text('bb\naa\n'));
    expect(names(await readAll('/q'))).toEqual(['qbittorrent late', 'qbittorrent thing', 'refused cc.fastresume']);
  });

  test('qBittorrent: folders of categories', async () => {
    disk.put('/p/qBittorrent/data/BT_backup/aa.fastresume', backup({ 'qBt-category': 'films' }));
    disk.put('/p/qBittorrent/data/BT_backup/aa.torrent', data);
    disk.put('/p/qBittorrent/config/categories.json', text('{"films":{"save_path":"/films"}}'));
    expect(await readAll('/p')).toMatchObject([{ folders: ['/dl', '/films'] }]);
  });

  test('aria2: a session, and control files with their torrents beside them', async () => {
    const other = made('other').torrent;
    const u32 = (n: number): Uint8Array => Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);
    const head = concatBytes(
      Uint8Array.of(0, 1),
      u32(1),
      u32(20),
      fromHex(other.info.infoHash) ?? new Uint8Array(),
      u32(PIECE),
    );
    const control = concatBytes(head, u32(0), u32(2 * PIECE), u32(0), u32(5), u32(1), Uint8Array.of(0x80), u32(0));
    disk.put('/a/x.session', text('thing.torrent\n gid=1\n dir=dl\ngone.torrent\n gid=2\n'));
    disk.put('/a/thing.torrent', data);
    disk.put('/a/other.torrent', wrapInfo(other.info, []));
    disk.put('/a/other.aria2', control);
    disk.put('/a/third.aria2', new Uint8Array(9));
    const all = await readAll('/a');
    expect(names(all)).toEqual([
      'aria2 thing',
      'refused x.session: gone.torrent',
      'aria2 other',
      'refused third.aria2',
    ]);
    expect(all[0]).toMatchObject({ folders: ['/a/dl'] });
    expect(all[2]).toMatchObject({ have: 1, uploaded: 5 });
    expect(names(await readAll('/a/x.session'))).toHaveLength(2);
  });

  test.each([
    ['/nowhere', 'no /nowhere'],
    ['/empty', 'nothing of Transmission'],
    ['/db', 'fastresume'],
    ['/empty/file', 'no session file'],
  ])('%s is refused with what to do', async (folder, why) => {
    disk.put('/empty/file', new Uint8Array(3));
    disk.put('/db/torrents.db', new Uint8Array(3));
    await expect(readAll(folder)).rejects.toThrow(why);
  });
});

describe('where its files are', () => {
  async function plan(changes: Record<string, BencodeInput>, files: Record<string, Uint8Array>): Promise<Planned> {
    disk.put('/t/resume/a.resume', record(changes));
    disk.put('/t/torrents/a.torrent', data);
    for (const [path, one] of Object.entries(files)) disk.put(path, one);
    const [one] = await readAll('/t');
    return look(disk, one as never);
  }

  test.each<[string, Record<string, BencodeInput>, Record<string, Uint8Array>, Partial<Planned>]>([
    [
      'whole: they stay',
      {},
      { '/dl/thing/a': content(0), '/dl/thing/b': content(1) },
      { inPlace: '/dl', others: ['/dl/thing/a', '/dl/thing/b'], files: { wanted: 2, there: 2 } },
    ],
    [
      'whole in the other folder',
      { 'incomplete-dir': '/inc' },
      { '/inc/thing/a': content(0), '/inc/thing/b': content(1) },
      { inPlace: '/inc' },
    ],
    [
      'whole, and gone for now: they are meant to stay',
      {},
      {},
      { inPlace: '/dl', others: ['/dl/thing/a', '/dl/thing/b'], files: { wanted: 2, there: 0 } },
    ],
    [
      'whole by the record, too short on disk: copied',
      {},
      { '/dl/thing/a': content(0), '/dl/thing/b': new Uint8Array(5) },
      { inPlace: undefined, others: ['/dl/thing/a', '/dl/thing/b'] },
    ],
    [
      'renamed: copied',
      { name: 'mine' },
      { '/dl/mine/a': content(0), '/dl/mine/b': content(1) },
      { inPlace: undefined, others: ['/dl/mine/a', '/dl/mine/b'] },
    ],
    [
      'unfinished under its final names, with full size: copied',
      { progress: { blocks: 'none' } },
      { '/dl/thing/a': content(0), '/dl/thing/b.part': new Uint8Array(PIECE) },
      { inPlace: undefined, others: ['/dl/thing/a', '/dl/thing/b.part'], files: { wanted: 2, there: 2 } },
    ],
    [
      'never begun',
      { progress: { blocks: 'none' } },
      {},
      { inPlace: undefined, others: undefined, files: { wanted: 2, there: 0 } },
    ],
    [
      'whole but for what is not wanted',
      { dnd: [0, 1] },
      { '/dl/thing/a': content(0), '/dl/thing/b.part': new Uint8Array(1) },
      { inPlace: '/dl', files: { wanted: 1, there: 1 } },
    ],
  ])('%s', async (_, changes, files, planned) => {
    expect(await plan(changes, files)).toMatchObject(planned);
  });
});
