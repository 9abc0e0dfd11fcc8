import { Bitfield } from '../base/bitfield.ts';
import { toHex } from '../base/bytes.ts';
import type { SeedGoals, SeedRule } from '../base/choices.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHashV1, InfoHashV2 } from '../base/ids.ts';
import { encode, encodeDictionary } from '../bencode/bencode.ts';
import { LenientFields } from '../bencode/lenient.ts';
import { NORMAL } from '../engine/values.ts';
import { uniqueTiers } from '../metainfo/announce-urls.ts';
import { formatMagnet } from '../metainfo/magnet.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Found } from './found.ts';
import { layersOf } from './kept-trees.ts';
import { folderOf, isBelow, limitOf, nameOf, Record, tagsOf, textOf } from './record.ts';
import { allWanted, MINUTE, ofMagnet, ofTorrent } from './torrent-facts.ts';

const LIMITS = { maxBytes: 64 * 1024 * 1024 };

/** Folders of qBittorrent's categories, from `categories.json`; `''`: below the usual folder. */
export type Categories = ReadonlyMap<string, string>;

/**
 * A torrent of qBittorrent, from `BT_backup`: `ID.fastresume` and, unless it is a link whose metadata has not come, `ID.torrent` (formats of 4.5.2).
 * Throws EnsembleError where either cannot be read.
 */
export function readQbittorrent(
  record: string,
  resume: Uint8Array,
  torrent: Uint8Array | undefined,
  categories: Categories,
): Found {
  const kept = Record.read(resume);
  const tiers = uniqueTiers(kept.list('trackers').map((tier) => (Array.isArray(tier) ? tier.map(textOf) : [])));
  const category = nameOf(kept.text('qBt-category'));
  const tags = tagsOf(kept.texts('qBt-tags'));
  const down = limitOf(kept.number('download_rate_limit'));
  const up = limitOf(kept.number('upload_rate_limit'));
  const added = kept.date('added_time');
  const finished = kept.date('completed_time');
  const options: Found['options'] = {
    ...(category !== '' && { category }),
    ...(tags.length > 0 && { tags }),
    ...(down !== undefined && { down }),
    ...(up !== undefined && { up }),
    ...(kept.flag('sequential_download') && { sequential: true }),
    ...(kept.flag('super_seeding') && { superSeeding: true }),
    seed: goalsOf(kept),
  };
  const common = {
    client: 'qbittorrent',
    record,
    folders: foldersOf(kept, categories),
    endings: ['.!qB'],
    options,
    paused: kept.flag('paused') && !kept.flag('auto_managed'),
    ...(added !== undefined && { added }),
    ...(finished !== undefined && { finished }),
    downloaded: kept.count('total_downloaded'),
    uploaded: kept.count('total_uploaded'),
    seeded: kept.span('seeding_time'),
    notes: [],
  } as const;
  if (torrent === undefined) {
    return { ...common, ...ofMagnet(linkOf(kept, tiers.flat())) };
  }
  const { data, info } = wholeTorrent(torrent, kept, tiers);
  const filePriorities = prioritiesOf(kept, info);
  const pieces = piecesOf(kept, info);
  return {
    ...common,
    ...ofTorrent(data, info),
    renamed: renamedOf(kept, info),
    have: pieces.count,
    complete: allWanted(pieces, info, filePriorities),
    options: { ...options, ...(filePriorities && { filePriorities }) },
  };
}

/** `categories.json`. Empty where it cannot be read. */
export function readCategories(data: Uint8Array): Categories {
  const categories = new Map<string, string>();
  try {
    const all = JSON.parse(new TextDecoder().decode(data)) as unknown;
    for (const [name, category] of Object.entries(typeof all === 'object' && all !== null ? all : {})) {
      const { save_path: folder } = (category ?? {}) as { readonly save_path?: unknown };
      if (typeof folder === 'string' && folder.length <= 4096) categories.set(name, folder);
    }
  } catch {
    // They only say where else files may lie.
  }
  return categories;
}

function foldersOf(kept: Record, categories: Categories): string[] {
  const places = [kept.text('save_path'), kept.text('qBt-savePath'), kept.text('qBt-downloadPath')];
  const ofCategory = categories.get(kept.text('qBt-category')) ?? '';
  return [...new Set([...places, ofCategory].map(folderOf).filter((folder) => folder !== undefined))];
}

function linkOf(kept: Record, trackers: readonly string[]): string {
  const [v1, v2] = [hashOf(kept, 'info-hash', 20), hashOf(kept, 'info-hash2', 32)];
  if (v1 === undefined && v2 === undefined) {
    throw new EnsembleError('invalid-torrent', 'It has neither a .torrent file nor an info-hash.');
  }
  const id = { v1: v1 as InfoHashV1 | undefined, v2: v2 as InfoHashV2 | undefined };
  return formatMagnet({
    info: { id, name: kept.text('qBt-name') || kept.text('name') },
    trackers: [trackers.slice(0, 100)],
  });
}

/** In hex; zeros mean that there is none. */
function hashOf(kept: Record, field: string, length: number): string | undefined {
  const hash = kept.bytes(field);
  return hash?.length === length && hash.some((byte) => byte !== 0) ? toHex(hash) : undefined;
}

function goalsOf(kept: Record): SeedRule {
  const ratio = kept.number('qBt-ratioLimit') ?? -2000;
  const goals: Partial<SeedGoals> = {
    ...(ratio >= 0 && { ratio: Math.min(ratio / 1000, 1e6) }),
    ...(ratio === -1000 && { ratio: 'none' as const }),
    ...minutesOf(kept, 'qBt-seedingTimeLimit', 'time'),
    ...minutesOf(kept, 'qBt-inactiveSeedingTimeLimit', 'idle'),
  };
  return { kind: 'goals', ...goals };
}

function minutesOf(kept: Record, field: string, goal: 'time' | 'idle'): Partial<SeedGoals> {
  const minutes = kept.number(field) ?? -2;
  if (minutes === -1) return { [goal]: 'none' };
  return minutes < 0 ? {} : { [goal]: Math.min(minutes, 1e8) * MINUTE };
}

/** Its `.torrent` has neither trackers nor web seeds nor, in version 2, piece layers: these are in the other file. */
function wholeTorrent(
  torrent: Uint8Array,
  kept: Record,
  tiers: readonly (readonly string[])[],
): { readonly data: Uint8Array; readonly info: Info } {
  const { info } = parseTorrent(torrent);
  const fields = new LenientFields(torrent, ['comment', 'created by', 'creation date', 'piece layers'], LIMITS);
  const [first] = tiers;
  const webSeeds = kept.texts('url-list').filter((url) => url !== '');
  const write = (layers: Uint8Array | undefined): Uint8Array =>
    encodeDictionary([
      ['announce', first && encode(first[0] ?? '')],
      ['announce-list', first && encode(tiers.map((tier) => [...tier]))],
      ['comment', fields.raw('comment')],
      ['created by', fields.raw('created by')],
      ['creation date', fields.raw('creation date')],
      ['info', info.raw],
      ['piece layers', layers],
      ['url-list', webSeeds.length > 0 ? encode(webSeeds) : undefined],
    ]);
  const layers = fields.raw('piece layers') ?? layersOf(kept.list('trees'), info);
  if (layers !== undefined) {
    try {
      const data = write(layers);
      return { data, info: parseTorrent(data).info };
    } catch {
      // They do not fit the torrent: peers have them, too.
    }
  }
  const data = write(undefined);
  return { data, info: parseTorrent(data).info };
}

/** 0: not wanted; 1: normal; to 7. Undefined: all are wanted alike. */
function prioritiesOf(kept: Record, { files }: Info): number[] | undefined {
  const given = kept.numbers('file_priority');
  const all = files.map((_, i) => {
    const priority = given[i] ?? 1;
    return priority <= 0 ? 0 : priority <= 1 ? NORMAL : Math.min(7, Math.max(NORMAL + 1, priority));
  });
  return all.every((priority) => priority === NORMAL) ? undefined : all;
}

/** `pieces` has a byte for each, of which bit 0 says that it is there. */
function piecesOf(kept: Record, { pieceCount }: Info): Bitfield {
  const pieces = new Bitfield(pieceCount);
  const given = kept.bytes('pieces');
  if (given?.length === pieceCount) for (const [p, byte] of given.entries()) if ((byte & 1) !== 0) pieces.add(p);
  return pieces;
}

/** `mapped_files` has paths below the folder, the top one included, up to the last file that was renamed. */
function renamedOf(kept: Record, { files }: Info): Map<number, string> {
  const renamed = new Map<number, string>();
  for (const [i, value] of kept.list('mapped_files').entries()) {
    const path = textOf(value);
    if (i < files.length && path !== '' && isBelow(path)) renamed.set(i, path);
  }
  return renamed;
}
