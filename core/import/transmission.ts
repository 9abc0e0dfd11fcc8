import { Bitfield } from '../base/bitfield.ts';
import { toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import type { SeedGoals } from '../base/choices.ts';
import type { InfoHashV1 } from '../base/ids.ts';
import { NORMAL } from '../engine/values.ts';
import { formatMagnet } from '../metainfo/magnet.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Found } from './found.ts';
import { folderOf, isBelow, limitOf, Record, tagsOf, textOf } from './record.ts';
import { allWanted, MINUTE, ofMagnet, ofTorrent } from './torrent-facts.ts';

const BLOCK = 16_384;
const LETTER_M = 0x6d;
const MAX_LINK = 65_536;
/** Of Transmission's priorities -1, 0 and 1, from 1 (low) to 7. */
const PRIORITIES = [1, NORMAL, 7];
/** `ratio-mode` and `idle-mode`: of all torrents, of its own, none. */
const MODE = { own: 1, none: 2 } as const;

/**
 * A torrent of Transmission, from `resume/*.resume` and its file in `torrents` (formats of 3.00 and older). Throws EnsembleError where either cannot be
 * read.
 */
export function readTransmission(record: string, resume: Uint8Array, torrent: Uint8Array): Found {
  const kept = Record.read(resume);
  const link = linkOf(torrent);
  const folders = [kept.text('destination'), kept.text('incomplete-dir')].map(folderOf).filter((f) => f !== undefined);
  const common = {
    client: 'transmission',
    record,
    folders,
    endings: ['.part'],
    paused: kept.flag('paused'),
    downloaded: kept.count('downloaded'),
    uploaded: kept.count('uploaded'),
    seeded: kept.span('seeding-time-seconds'),
    ...datesOf(kept),
  } as const;
  if (link !== undefined) {
    return { ...common, ...ofMagnet(link), options: optionsOf(kept), notes: [] };
  }
  const { info } = parseTorrent(torrent);
  const priorities = prioritiesOf(kept, info);
  const { have, complete } = progressOf(kept, info, priorities);
  return {
    ...common,
    ...ofTorrent(torrent, info),
    renamed: renamedOf(kept, info),
    have,
    complete,
    options: { ...optionsOf(kept), ...(priorities && { filePriorities: priorities }) },
    notes: [],
  };
}

/** Of a link whose metadata is still to come there is a dictionary of its own (3.00) or the link itself (4.0); undefined: it is a torrent file. */
function linkOf(torrent: Uint8Array): string | undefined {
  if (torrent[0] === LETTER_M) return new TextDecoder().decode(torrent.subarray(0, MAX_LINK)).trim();
  const given = Record.read(torrent);
  if (!given.has('magnet-info')) return undefined;
  const magnet = given.within('magnet-info');
  const hash = magnet.bytes('info_hash');
  if (hash?.length !== 20) throw new EnsembleError('invalid-torrent', 'It is a magnet link without an info-hash.');
  const trackers = given.list('announce-list').flatMap((tier) => (Array.isArray(tier) ? tier.map(textOf) : []));
  const info = { id: { v1: toHex(hash) as InfoHashV1 }, name: magnet.text('display-name') };
  return formatMagnet({ info, trackers: [trackers.slice(0, 100)] });
}

function datesOf(kept: Record): Pick<Found, 'added' | 'finished'> {
  const added = kept.date('added-date');
  const finished = kept.date('done-date');
  return { ...(added !== undefined && { added }), ...(finished !== undefined && { finished }) };
}

function optionsOf(kept: Record): Found['options'] {
  const [down, up] = ['speed-limit-down', 'speed-limit-up'].map((name) => {
    const limit = kept.within(name);
    return limit.flag('use-speed-limit') ? limitOf(limit.number('speed-Bps')) : undefined;
  });
  const tags = tagsOf(kept.texts('labels'));
  return {
    ...(tags.length > 0 && { tags }),
    ...(down !== undefined && { down }),
    ...(up !== undefined && { up }),
    seed: { kind: 'goals', ...ratioOf(kept.within('ratio-limit')), ...idleOf(kept.within('idle-limit')) },
  };
}

function ratioOf(limit: Record): Partial<SeedGoals> {
  const mode = limit.number('ratio-mode');
  const ratio = Number.parseFloat(limit.text('ratio-limit'));
  if (mode === MODE.own && ratio >= 0 && ratio <= 1e6) return { ratio };
  return mode === MODE.none ? { ratio: 'none' } : {};
}

function idleOf(limit: Record): Partial<SeedGoals> {
  const mode = limit.number('idle-mode');
  if (mode === MODE.own) return { idle: Math.min(limit.count('idle-limit'), 1e6) * MINUTE };
  return mode === MODE.none ? { idle: 'none' } : {};
}

/** Undefined: all are wanted alike. */
function prioritiesOf(kept: Record, { files }: Info): number[] | undefined {
  const unwanted = kept.numbers('dnd');
  const levels = kept.numbers('priority');
  const all = files.map((_, i) => (unwanted[i] === 1 ? 0 : (PRIORITIES[(levels[i] ?? 0) + 1] ?? NORMAL)));
  return all.every((priority) => priority === NORMAL) ? undefined : all;
}

/** `files` has one path a file after a rename, `name` the top folder's name, or that of the only file. */
function renamedOf(kept: Record, { files }: Info): Map<number, string> {
  const paths = kept.texts('files');
  const top = kept.text('name');
  const renamed = new Map<number, string>();
  for (const [i, { path, own = path }] of files.entries()) {
    const given = paths.length === files.length ? (paths[i] ?? '') : '';
    if (given !== '') {
      if (isBelow(given)) renamed.set(i, given);
    } else if (top !== '' && isBelow(top) && top !== own[0]) {
      renamed.set(i, [top, ...own.slice(1)].join('/'));
    }
  }
  return renamed;
}

/** Blocks are counted over the whole torrent, in a size that pieces are a multiple of. */
function progressOf(
  kept: Record,
  { pieceCount, pieceLength, length, files }: Info,
  priorities: readonly number[] | undefined,
): Pick<Found, 'have' | 'complete'> {
  const progress = kept.within('progress');
  const bits = progress.bytes('blocks');
  const word = progress.text('blocks');
  if (word === 'all' || progress.text('have') === 'all') return { have: pieceCount, complete: true };
  let block = pieceLength;
  while (block > BLOCK) block = Math.floor(block / 2);
  const count = Math.ceil(length / block);
  if (bits === undefined || bits.length !== Math.ceil(count / 8)) return { have: 0, complete: false };
  const there = (b: number): boolean => ((bits[b >> 3] ?? 0) & (0x80 >> (b & 7))) !== 0;
  const pieces = new Bitfield(pieceCount);
  for (let p = 0; p < pieceCount; p++) {
    const end = Math.ceil(Math.min(length, (p + 1) * pieceLength) / block);
    let whole = true;
    for (let b = Math.floor((p * pieceLength) / block); whole && b < end; b++) whole = there(b);
    if (whole) pieces.add(p);
  }
  return { have: pieces.count, complete: allWanted(pieces, { files, pieceLength }, priorities) };
}
