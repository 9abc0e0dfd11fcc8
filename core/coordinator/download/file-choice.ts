import { Bitfield } from '../../base/bitfield.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { NORMAL } from '../../engine/values.ts';
import { piece } from '../../base/ids.ts';
import type { FileSpan, Geometry } from '../../metainfo/geometry.ts';
import type { Info } from '../../metainfo/torrent.ts';
import { EnsembleError } from '../../base/errors.ts';

/** A torrent, and which of its files are chosen. */
interface Chosen {
  readonly info: Info;
  readonly geometry: Geometry;
  readonly options: Pick<DownloadOptions, 'filePriorities'>;
}

/** Priority of a file, from 0 (not wanted) to 7; padding by itself is never wanted. */
export function filePriority(info: Info, priorities: readonly number[] | undefined, file: number): number {
  return info.files[file]?.padding === true ? 0 : (priorities?.[file] ?? NORMAL);
}

/** Of a file's pieces this part, at each end, counts as its end: players look for tables there. */
const EDGE = 1 / 100;
/** Highest priority. */
const URGENT = 7;

/**
 * Priority of every piece: the highest of the files in it, or above all where it is at an end of a wanted file and these come first.
 * Undefined: the same for all. Throws EnsembleError('usage') where the choice does not fit the torrent.
 */
export function piecePriorities(
  info: Info,
  geometry: Geometry,
  { filePriorities: priorities, edgesFirst }: Pick<DownloadOptions, 'filePriorities' | 'edgesFirst'>,
): Uint8Array | undefined {
  if (priorities === undefined && !edgesFirst) return undefined;
  if (priorities !== undefined && priorities.length !== info.files.length) {
    throw new EnsembleError(
      'usage',
      `${priorities.length} priorities were given for the ${info.files.length} files of ${info.name}: give one for each.`,
    );
  }
  const out = new Uint8Array(info.pieceCount);
  for (let file = 0; file < info.files.length; file++) {
    const priority = filePriority(info, priorities, file);
    const range = priority === 0 ? undefined : geometry.piecesOf(file);
    if (range === undefined) continue;
    const edge = edgesFirst ? Math.ceil((range.last - range.first + 1) * EDGE) : 0;
    for (let p: number = range.first; p <= range.last; p++) {
      const isEnd = p < range.first + edge || p > range.last - edge;
      out[p] = Math.max(out[p] ?? 0, isEnd ? URGENT : priority);
    }
  }
  return out;
}

/** The pieces that hold bytes of wanted files. */
export function wantedPieces(chosen: Chosen): Bitfield {
  const { info, geometry, options } = chosen;
  const { filePriorities } = options;
  const priorities = piecePriorities(info, geometry, { ...(filePriorities && { filePriorities }), edgesFirst: false });
  const out = new Bitfield(info.pieceCount);
  if (priorities === undefined) out.setAll();
  else for (let p = 0; p < info.pieceCount; p++) if (priorities[p] !== 0) out.add(p);
  return out;
}

/** The pieces that lie in wanted files only: pieces that reach into others cannot be read at the target. */
export function servablePieces(chosen: Chosen): Bitfield {
  const wanted = wantedFiles(chosen.info, chosen.options.filePriorities);
  return piecesWithin(chosen, (file) => wanted[file] === 1);
}

/** The pieces that lie only in such files and in padding. */
export function piecesWithin(
  { info, geometry }: Pick<Chosen, 'info' | 'geometry'>,
  isSuch: (file: number) => boolean,
): Bitfield {
  const out = new Bitfield(info.pieceCount);
  const isThere = ({ file }: FileSpan): boolean => isSuch(file) || info.files[file]?.padding === true;
  if (info.files.every((file, i) => file.padding || isSuch(i))) out.setAll();
  else for (let p = 0; p < info.pieceCount; p++) if (geometry.spans(piece(p)).every(isThere)) out.add(p);
  return out;
}

/** 1 for each file to assemble, which are the wanted ones without padding. */
export function wantedFiles(info: Info, priorities: readonly number[] | undefined): Uint8Array {
  return Uint8Array.from(info.files, (_, file) => (filePriority(info, priorities, file) > 0 ? 1 : 0));
}
