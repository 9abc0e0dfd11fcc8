import type { Info } from '../../metainfo/torrent.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import type { PieceIndex } from '../../base/ids.ts';
import type { StopSignal } from '../../base/stopper.ts';
import type { DiskFile } from '../../ports/disk.ts';
import type { StoreLocation } from './layout.ts';

/** Reads and writes pieces where a layout puts them (architecture, "Layouts"). */
export interface Placement {
  /** Writes a whole piece where it belongs. Rejects with EnsembleError('disk'). */
  write(piece: PieceIndex, data: Uint8Array): Promise<void>;
  /**
   * Fills `into` from `begin` of a piece; false where not all of it is there. Says nothing about whether the bytes
   * are right. Rejects with EnsembleError('disk') where the disk fails.
   */
  read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<boolean>;
  /**
   * Runs `task` with the file that holds all of a piece, and its position there. Undefined, without running `task`, where the piece
   * lies in several files or in none. Rejects as `read` does, and as `task` does.
   */
  whole<T>(piece: PieceIndex, task: (file: DiskFile, position: number) => Promise<T>): Promise<T | undefined>;
  /** A piece on disk was found right. It counts as just written, since another process may have written it and died before its sync. */
  confirm(piece: PieceIndex): Promise<void>;
  /** Makes durable all writes that were done before the call. */
  sync(): Promise<void>;
  /**
   * To be called when no more writes will come: brings what was written into its last form (A12). Stopped by `signal`, it remains
   * usable as it is.
   */
  finish(signal?: StopSignal): Promise<void>;
  /** Closes its files, and forgets what it knows of the disk. It may be used again. */
  close(): Promise<void>;
}

/** What a placement has to know about its download. */
export interface PlacementInput {
  readonly info: Pick<Info, 'infoHash' | 'files'>;
  readonly geometry: Geometry;
  readonly location: StoreLocation;
  /** K. */
  readonly count: number;
  /** Identity that fetched each piece; `UNKNOWN_OWNER`: nobody knows. Its owner goes on changing it. Only `parts` needs it. */
  readonly owners: Uint8Array;
}
