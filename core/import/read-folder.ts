import { MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { EnsembleError } from '../base/errors.ts';
import type { Disk } from '../ports/disk.ts';
import { readAria2Folder, readAria2SessionFile } from './read-aria2.ts';
import { MAX_FOUND } from './found.ts';
import { type Categories, readCategories, readQbittorrent } from './qbittorrent.ts';
import { present, type Reading, reading, small } from './reading.ts';
import { readTransmission } from './transmission.ts';

/**
 * Reads what other clients keep in a folder of theirs (or a session file of aria2), one record after the other: each file once, as it is at that
 * moment. Nothing is written. Rejects with EnsembleError('usage') where there is none.
 */
export async function* readFolder(disk: Disk, folder: string): AsyncGenerator<Reading> {
  const there = await disk.info((await disk.realPath(folder)) ?? folder);
  if (there === undefined) throw new EnsembleError('usage', `There is no ${folder}.`);
  if (there.kind === 'file') {
    yield* readAria2SessionFile(disk, folder);
    return;
  }
  const names = await disk.list(folder);
  // The Mac's has them in capitals.
  const [resume, torrents] = ['resume', 'torrents'].map((one) => names.find((name) => name.toLowerCase() === one));
  if (resume !== undefined && torrents !== undefined) {
    return yield* readTransmissionFolder(disk, `${folder}/${resume}`, `${folder}/${torrents}`);
  }
  for (const backup of ['', '/BT_backup', '/data/BT_backup', '/qBittorrent/data/BT_backup']) {
    const records = (await disk.list(`${folder}${backup}`)).filter((name) => name.endsWith(RESUME));
    if (records.length > 0) return yield* readQbittorrentFolder(disk, `${folder}${backup}`, records);
  }
  if (names.includes('torrents.db')) {
    throw new EnsembleError(
      'usage',
      `${folder}/torrents.db cannot be read: have qBittorrent keep resume data in "fastresume files" (Options, Advanced), start it anew, and try again.`,
    );
  }
  if (yield* readAria2Folder(disk, folder, names)) return;
  throw new EnsembleError(
    'usage',
    `${folder} has nothing of Transmission ("resume" and "torrents"), qBittorrent ("BT_backup") or aria2 (a session file, "*.aria2") in it.`,
  );
}

const RESUME = '.fastresume';

async function* readTransmissionFolder(disk: Disk, records: string, torrents: string): AsyncGenerator<Reading> {
  const stems = (await disk.list(records))
    .filter((name) => name.endsWith('.resume'))
    .map((name) => name.slice(0, -'.resume'.length))
    .sort();
  for (const stem of stems.slice(0, MAX_FOUND)) {
    yield await reading('transmission', `${stem}.resume`, async () => {
      const resume = await present(disk, `${records}/${stem}.resume`);
      const torrent = await disk.readFile(`${torrents}/${stem}.torrent`, MAX_TORRENT_BYTES);
      // Transmission 4 has links of which the metadata is still to come in files of their own.
      const given = torrent ?? (await present(disk, `${torrents}/${stem}.magnet`));
      return readTransmission(`${stem}.resume`, resume, given);
    });
  }
}

async function* readQbittorrentFolder(disk: Disk, folder: string, names: readonly string[]): AsyncGenerator<Reading> {
  const categories = await categoriesNear(disk, folder);
  const queue = new TextDecoder().decode((await small(disk, `${folder}/queue`)) ?? new Uint8Array());
  const order = new Map(queue.split(/\r?\n/).map((id, place) => [id, place]));
  const placeOf = (id: string): number => order.get(id) ?? Infinity;
  const ids = names.map((name) => name.slice(0, -RESUME.length)).sort();
  // Those that are not in the queue come last, by their names: none of them is before another.
  for (const id of ids.toSorted((a, b) => placeOf(a) - placeOf(b) || 0).slice(0, MAX_FOUND)) {
    const record = `${id}${RESUME}`;
    yield await reading('qbittorrent', record, async () => {
      const resume = await present(disk, `${folder}/${record}`);
      const torrent = await disk.readFile(`${folder}/${id}.torrent`, MAX_TORRENT_BYTES);
      return readQbittorrent(record, resume, torrent, categories);
    });
  }
}

/** They lie in the folder of the settings, which is another one on each system. */
async function categoriesNear(disk: Disk, backup: string): Promise<Categories> {
  const above = backup.replace(/\/[^/]*$/, '');
  const places = [
    above,
    above.replace(/\/[^/]*$/, '/config'),
    above.replace('/.local/share/', '/.config/'),
    above.replace('/AppData/Local/', '/AppData/Roaming/'),
    above.replace('/Library/Application Support/', '/.config/'),
  ];
  for (const place of places) {
    const data = await small(disk, `${place}/categories.json`);
    if (data !== undefined) return readCategories(data);
  }
  return new Map();
}
