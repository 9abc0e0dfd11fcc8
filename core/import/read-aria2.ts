import { MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { EnsembleError } from '../base/errors.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import { type Aria2Control, readAria2Control } from './aria2-control.ts';
import { type Aria2Entry, aria2Folder, isMagnet, readAria2, readAria2Session } from './aria2.ts';
import { MAX_FOUND } from './found.ts';
import { present, type Reading, reading, small } from './reading.ts';
import { folderOf } from './record.ts';

const CONTROL = '.aria2';

interface Held {
  readonly data: Uint8Array;
  readonly info: Info;
}

/** The downloads of a session file. Rejects with EnsembleError('usage') where it is none. */
export async function* readAria2SessionFile(disk: Disk, file: string): AsyncGenerator<Reading> {
  const entries = await sessionOf(disk, file);
  if (entries.length === 0)
    throw new EnsembleError('usage', `${file} is no session file of aria2 with torrents in it.`);
  const from = file.replace(/\/[^/]*$/, '');
  for (const entry of entries) yield await readEntry(disk, entry, from, file.slice(from.length + 1));
}

/** Session files in a folder, and control files with a torrent file beside them. Resolves to whether there were any. */
export async function* readAria2Folder(
  disk: Disk,
  folder: string,
  names: readonly string[],
): AsyncGenerator<Reading, boolean> {
  const seen = new Set<string>();
  let any = false;
  for (const name of names.filter((one) => /session/i.test(one)).sort()) {
    for (const entry of await sessionOf(disk, `${folder}/${name}`)) {
      any = true;
      const one = await readEntry(disk, entry, folder, name);
      if (!('refused' in one)) seen.add(one.key);
      yield one;
    }
  }
  const controls = names.filter((name) => name.endsWith(CONTROL)).sort();
  if (controls.length === 0) return any;
  const torrents = await torrentsIn(disk, folder, names);
  for (const name of controls.slice(0, MAX_FOUND)) {
    const one = await reading('aria2', name, async () => {
      const control = readAria2Control(await present(disk, `${folder}/${name}`));
      const torrent = torrents.find(({ info }) => isOf(control, info));
      if (torrent === undefined) throw new EnsembleError('invalid-torrent', 'Put its .torrent file beside it.');
      return readAria2({ uri: '', options: [] }, torrent.data, { record: name, folders: [folder], control });
    });
    if ('refused' in one || !seen.has(one.key)) yield one;
  }
  return true;
}

async function sessionOf(disk: Disk, file: string): Promise<readonly Aria2Entry[]> {
  const data = await small(disk, file);
  return data === undefined ? [] : readAria2Session(new TextDecoder().decode(data));
}

/** `from`: the session file's folder, as relative paths in it are from where aria2 ran then. */
function readEntry(disk: Disk, entry: Aria2Entry, from: string, session: string): Promise<Reading> {
  return reading('aria2', `${session}: ${entry.uri.slice(0, 200)}`, async () => {
    const folder = aria2Folder(entry, from);
    const record = session;
    if (isMagnet(entry.uri)) {
      return readAria2(entry, undefined, { record, folders: [folder], control: undefined });
    }
    const torrent = await torrentOf(disk, entry, [from, folder]);
    const control = torrent && (await controlOf(disk, folder, parseTorrent(torrent).info));
    return readAria2(entry, torrent, { record, folders: [folder], control });
  });
}

async function torrentOf(disk: Disk, { uri }: Aria2Entry, folders: readonly string[]): Promise<Uint8Array | undefined> {
  const places = folderOf(uri) === undefined ? folders.map((folder) => `${folder}/${uri}`) : [uri];
  for (const place of places) {
    const data = await disk.readFile(place, MAX_TORRENT_BYTES);
    if (data !== undefined) return data;
  }
  return undefined;
}

/** It bears the torrent's name, that of the top folder or of the only file. */
async function controlOf(disk: Disk, folder: string, info: Info): Promise<Aria2Control | undefined> {
  const { path = [], own = path } = info.files[0] ?? {};
  for (const name of new Set([own[0], info.name])) {
    const data = name === undefined ? undefined : await small(disk, `${folder}/${name}${CONTROL}`);
    try {
      const control = data && readAria2Control(data);
      if (control !== undefined) return control;
    } catch {
      // Whatever it says, all of the data is read.
    }
  }
  return undefined;
}

async function torrentsIn(disk: Disk, folder: string, names: readonly string[]): Promise<Held[]> {
  const held: Held[] = [];
  let bytes = 0;
  for (const name of names.filter((one) => /\.torrent$/i.test(one)).slice(0, MAX_FOUND)) {
    const data = await small(disk, `${folder}/${name}`);
    if (data === undefined || (bytes += data.length) > MAX_HELD) continue;
    try {
      held.push({ data, info: parseTorrent(data).info });
    } catch {
      // It is no torrent file, whatever it is called.
    }
  }
  return held;
}

/** Bytes of torrent files that are in memory while a folder is looked through. */
const MAX_HELD = 256 * 1024 * 1024;

/** Of a hybrid aria2 may have a wrong hash. */
function isOf(control: Aria2Control, info: Info): boolean {
  const same = control.pieceLength === info.pieceLength && control.length === info.length;
  const { v1, v2 } = info.id;
  return same && (v1 === control.infoHash || v2?.slice(0, 40) === control.infoHash || v2 !== undefined);
}
