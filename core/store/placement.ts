import type { Info } from '../metainfo/torrent.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { PieceIndex } from '../base/ids.ts';
import type { DiskFile } from '../ports/disk.ts';
import type { StoreLocation } from './layout.ts';

/** A layout at work: where each piece's bytes lie (architecture, "Layouts"). */
export interface Placement {
  /** Writes a whole piece where it belongs. Rejects with EnsembleError('disk'). */
  write(piece: PieceIndex, data: Uint8Array): Promise<void>;
  /**
   * Fills `into` from `begin` of a piece; false where not all of it is there. Says nothing about whether the bytes
   * are right. Rejects with EnsembleError('disk') where the disk fails.
   */
  read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<boolean>;
  /**
   * Runs `task` with the file that all of a piece lies in, and where. Undefined, and not run, where it lies in several
   * or in none. Rejects as `read` does, and as `task` does.
   */
  whole<T>(piece: PieceIndex, task: (file: DiskFile, position: number) => Promise<T>): Promise<T | undefined>;
  /** A piece that was found right counts as written just now: another process may have written it and died before its sync. */
  confirm(piece: PieceIndex): Promise<void>;
  /** Makes durable all writes that were done before the call. */
  sync(): Promise<void>;
  /** No more writes will come: brings what was written into its last form (A12), unless `signal` stops it: it stays good as it is. */
  finish(signal?: AbortSignal): Promise<void>;
  /** Closes what it holds open, and looks at everything anew when it is used again. */
  close(): Promise<void>;
}

/** What a placement must know of its download. */
export interface PlacementInput {
  readonly info: Pick<Info, 'infoHash' | 'files'>;
  readonly geometry: Geometry;
  readonly location: StoreLocation;
  /** K. */
  readonly count: number;
  /** Identity that fetched each piece; `UNKNOWN_OWNER`: nobody knows. Read live. Matters to `parts` alone. */
  readonly owners: Uint8Array;
}
