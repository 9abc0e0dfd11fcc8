import { readU32, writeU32 } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';

/** The name of "don't have" in the extension handshake (BEP 54). */
export const DONT_HAVE_EXTENSION = 'lt_donthave';

/** Its one message: a piece that its sender said it had, and has no longer. */
export function encodeDontHave(piece: number): Uint8Array {
  const out = new Uint8Array(4);
  writeU32(out, 0, piece);
  return out;
}

/** Throws EnsembleError('protocol') where it is no piece of `pieceCount`. */
export function decodeDontHave(payload: Uint8Array, pieceCount: number): number {
  const piece = payload.length === 4 ? readU32(payload, 0) : pieceCount;
  if (piece < pieceCount) return piece;
  throw new EnsembleError(
    'protocol',
    `The peer sent "don't have" of ${payload.length} bytes, for no piece of ${pieceCount}.`,
  );
}
