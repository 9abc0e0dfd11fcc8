import type { SeedGoals } from '../base/choices.ts';
import { EnsembleError } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import { NORMAL } from '../engine/values.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Aria2Control } from './aria2-control.ts';
import { type Found, MAX_FOUND } from './found.ts';
import { folderOf, isBelow, limitOf } from './record.ts';
import { allWanted, MINUTE, ofMagnet, ofTorrent } from './torrent-facts.ts';

/** Longest line that is taken, and most options of a download. */
const MAX_LINE = 65_536;
const MAX_OPTIONS = 10_000;

/** A download of aria2's session file (`--save-session`). */
export interface Aria2Entry {
  /** A torrent file's path or address, or a magnet link, as it was given. */
  readonly uri: string;
  /** In their order, as one may stand there several times. */
  readonly options: readonly (readonly [name: string, value: string])[];
}

/** Those downloads that are torrents: complete ones are not in the session. */
export function readAria2Session(text: string): Aria2Entry[] {
  const entries: { uri: string; options: [string, string][] }[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#') || line.length > MAX_LINE) continue;
    if (!/^\s/.test(line)) {
      // Several addresses of one file are separated by tabs.
      if (entries.length < MAX_FOUND) entries.push({ uri: line.split('\t')[0] ?? '', options: [] });
      continue;
    }
    const [, name, value] = /^\s+([\w-]+)=(.*)$/.exec(line) ?? [];
    const last = entries.at(-1);
    if (name !== undefined && value !== undefined && last !== undefined && last.options.length < MAX_OPTIONS) {
      last.options.push([name, value]);
    }
  }
  return entries.filter(({ uri, options }) => options.length > 0 && (isMagnet(uri) || /\.torrent$/i.test(uri)));
}

export const isMagnet = (uri: string): boolean => /^magnet:\?/i.test(uri);

/** The folder where an entry's files go: the last one that it names. `from`: the folder that a relative one is meant from. */
export function aria2Folder({ options }: Pick<Aria2Entry, 'options'>, from: string): string {
  const dir = options.findLast(([name]) => name === 'dir')?.[1] ?? '.';
  const absolute = folderOf(dir);
  if (absolute !== undefined) return absolute;
  const names = dir.split('/').filter((name) => name !== '' && name !== '.');
  return names.includes('..') ? from : [from, ...names].join('/');
}

/** Where its files may lie, and the control files that may stand beside them. */
export interface Aria2Place {
  readonly record: string;
  readonly folders: readonly string[];
  readonly control: Aria2Control | undefined;
}

/**
 * A torrent of aria2. `torrent`: the file that the session names, or that was found by its info-hash; undefined: a magnet link. Throws EnsembleError where
 * it cannot be read.
 */
export function readAria2(
  { uri, options }: Aria2Entry,
  torrent: Uint8Array | undefined,
  { record, folders, control }: Aria2Place,
): Found {
  const named = new Map(options);
  const common = {
    client: 'aria2',
    record,
    folders,
    endings: [],
    paused: named.get('pause') === 'true',
    uploaded: control?.uploaded ?? 0,
    seeded: millis(0),
  } as const;
  const told = optionsOf(named);
  if (torrent === undefined) {
    if (!isMagnet(uri)) throw new EnsembleError('invalid-torrent', `The torrent file ${uri} is not there any more.`);
    return { ...common, ...ofMagnet(uri), downloaded: 0, options: told, notes: [] };
  }
  const { info } = parseTorrent(torrent);
  const filePriorities = selected(named.get('select-file') ?? '', info);
  const fits = control !== undefined && control.pieceLength === info.pieceLength && control.length === info.length;
  const pieces = fits ? control.pieces : undefined;
  const have = pieces?.count ?? 0;
  return {
    ...common,
    ...ofTorrent(torrent, info),
    renamed: indexOut(options, info),
    have,
    complete: pieces !== undefined && allWanted(pieces, info, filePriorities),
    downloaded: Math.min(have * info.pieceLength, info.length),
    options: { ...told, ...(filePriorities && { filePriorities }) },
    notes: control !== undefined && !fits ? ['The control file beside it is of another torrent.'] : [],
  };
}

function optionsOf(named: ReadonlyMap<string, string>): Found['options'] {
  const down = limitOf(rateOf(named.get('max-download-limit')));
  const up = limitOf(rateOf(named.get('max-upload-limit')));
  const ratio = Number.parseFloat(named.get('seed-ratio') ?? '');
  const time = Number.parseFloat(named.get('seed-time') ?? '');
  const goals: Partial<SeedGoals> = {
    ...(ratio >= 0 && ratio <= 1e6 && { ratio: ratio === 0 ? ('none' as const) : ratio }),
    ...(time >= 0 && time <= 1e8 && { time: Math.round(time * MINUTE) }),
  };
  return {
    ...(down !== undefined && { down }),
    ...(up !== undefined && { up }),
    seed: { kind: 'goals', ...goals },
  };
}

function rateOf(text = ''): number | undefined {
  const [, digits, unit] = /^(\d{1,12})([KM]?)$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (unit?.toUpperCase() === 'M' ? 1_048_576 : unit?.toUpperCase() === 'K' ? 1024 : 1);
}

/** `select-file=1,3-5`, counted from 1. Undefined: all are wanted. */
function selected(text: string, { files }: Info): number[] | undefined {
  if (text === '') return undefined;
  const chosen = new Uint8Array(files.length);
  for (const part of text.split(',').slice(0, MAX_OPTIONS)) {
    const [, first = '', last = first] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part.trim()) ?? [];
    for (let i = Number(first); first !== '' && i <= Math.min(Number(last), files.length); i++) {
      if (i > 0) chosen[i - 1] = 1;
    }
  }
  const none = chosen.every((one) => one === 0);
  return none || chosen.every((one) => one === 1) ? undefined : Array.from(chosen, (one) => one * NORMAL);
}

/** `index-out=1=q.bin`: the first file lies at that path below the folder, not below the torrent's own. */
function indexOut(options: Aria2Entry['options'], { files }: Info): Map<number, string> {
  const renamed = new Map<number, string>();
  for (const [name, value] of options) {
    const [, index, path] = (name === 'index-out' && /^(\d{1,7})=(.+)$/.exec(value)) || [];
    const i = Number(index) - 1;
    if (path !== undefined && i >= 0 && i < files.length && isBelow(path)) renamed.set(i, path);
  }
  return renamed;
}
