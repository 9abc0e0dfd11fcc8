import type { PieceIndex } from '../base/ids.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import { rawPaths } from '../metainfo/raw-paths.ts';
import type { Info } from '../metainfo/torrent.ts';
import { filePlace, type FilePlace } from './seed-url.ts';

/** A place in the torrent's bytes: in which file, and where there. */
export interface FilePosition {
  readonly file: number;
  readonly offset: number;
  /** Bytes of the file from there on. */
  readonly left: number;
  readonly padding: boolean;
}

/** What lies where, for the servers of a torrent. */
export class FileMap {
  readonly geometry: Geometry;
  readonly #info: Info;
  /** Made when it is first asked for: most torrents have no servers. */
  #paths: ReturnType<typeof rawPaths> | undefined;

  constructor(info: Info, geometry: Geometry) {
    this.#info = info;
    this.geometry = geometry;
  }

  /** Where a byte of the torrent lies; undefined behind its end. */
  at(piece: PieceIndex, begin: number): FilePosition | undefined {
    const [span] = this.geometry.spans(piece, begin, 1);
    const file = span && this.#info.files[span.file];
    if (span === undefined || file === undefined) return undefined;
    return { file: span.file, offset: span.offset, left: file.length - span.offset, padding: file.padding };
  }

  length(file: number): number {
    return this.#info.files[file]?.length ?? 0;
  }

  /** Where the file's bytes begin in the torrent. */
  start(file: number): number {
    return this.#info.files[file]?.offset ?? 0;
  }

  name(file: number): string {
    return this.#info.files[file]?.path.join('/') ?? '';
  }

  /** Where a server has the file; undefined: nowhere. */
  place(seed: string, file: number): FilePlace | undefined {
    this.#paths ??= rawPaths(this.#info);
    const path = this.#paths[file];
    return path && filePlace(seed, path);
  }

  /** The pieces that need bytes of the file. */
  *piecesOf(file: number): Generator<PieceIndex> {
    const range = this.geometry.piecesOf(file);
    if (range === undefined) return;
    for (let piece: number = range.first; piece <= range.last; piece++) yield piece as PieceIndex;
  }
}
