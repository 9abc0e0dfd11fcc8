import { piece, type PieceIndex } from '../../base/ids.ts';
import { EnsembleError } from '../../base/errors.ts';
import type { StopSignal } from '../../base/stopper.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Ports } from '../../ports/ports.ts';
import type { StoreLocation } from '../../store/layouts/layout.ts';
import { openPieceStore } from '../../store/piece-store.ts';

export interface ImportInput {
  readonly info: Info;
  readonly geometry: Geometry;
  readonly from: StoreLocation;
  readonly to: StoreLocation;
  readonly count: number;
  /** Pieces whose hashes matched at the target. */
  readonly pieces: readonly number[];
  readonly signal: StopSignal;
}

/** Copies pieces of files that are at the target into the working folder, so that only the others are fetched (`reuse`). */
export async function importPieces(
  ports: Pick<Ports, 'disk'>,
  input: ImportInput,
  onPiece: (piece: PieceIndex) => void,
): Promise<void> {
  const { info, geometry, count } = input;
  const from = await openPieceStore(ports, { info, geometry, count, location: input.from });
  const to = await openPieceStore(ports, { info, geometry, count, location: input.to });
  try {
    for (const p of input.pieces) {
      if (input.signal.aborted) throw new EnsembleError('interrupted', 'Using the files that are there was stopped.');
      const data = new Uint8Array(geometry.pieceSize(piece(p)));
      await from.read(piece(p), 0, data);
      await to.writePiece(piece(p), data);
      await to.recordVerified(piece(p));
      onPiece(piece(p));
    }
    await to.sync();
  } finally {
    await from.close();
    await to.close();
  }
}
