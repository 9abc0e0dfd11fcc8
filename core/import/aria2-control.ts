import { Bitfield } from '../base/bitfield.ts';
import { toHex } from '../base/bytes.ts';
import { MAX_PIECES } from '../base/bounds.ts';
import { EnsembleError } from '../base/errors.ts';

/** What aria2's control file, `NAME.aria2` beside the data, says of an unfinished torrent. */
export interface Aria2Control {
  /** 40 hex digits. Of a hybrid it may be a wrong one. */
  readonly infoHash: string;
  readonly pieceLength: number;
  readonly length: number;
  readonly uploaded: number;
  readonly pieces: Bitfield;
}

/** Version 1 (aria2 1.36.0). Throws EnsembleError('invalid-torrent'). */
export function readAria2Control(data: Uint8Array): Aria2Control {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let at = 0;
  const take = (bytes: number): number => {
    if (at + bytes > data.length) throw invalid('it ends too early');
    at += bytes;
    return at - bytes;
  };
  const whole = (): number => view.getUint32(take(4));
  const long = (): number => Number(view.getBigUint64(take(8)));
  if (view.byteLength < 2 || view.getUint16(take(2)) !== 1) throw invalid('it is no version 1');
  if ((whole() & 1) === 0) throw invalid('it is not of a torrent');
  const hashLength = whole();
  if (hashLength !== 20) throw invalid(`its info-hash has ${hashLength} bytes`);
  const hash = take(hashLength);
  const infoHash = toHex(data.subarray(hash, at));
  const pieceLength = whole();
  const length = long();
  const uploaded = long();
  const pieceCount = Math.ceil(length / pieceLength);
  if (!Number.isSafeInteger(length) || pieceLength === 0 || pieceCount > MAX_PIECES) {
    throw invalid(`it has ${length} bytes in pieces of ${pieceLength}`);
  }
  const bytes = whole();
  const start = take(Math.min(bytes, data.length));
  const pieces = Bitfield.fromWire(pieceCount, data.subarray(start, at));
  if (pieces === undefined) throw invalid(`it has ${bytes} bytes of bits for ${pieceCount} pieces`);
  return { infoHash, pieceLength, length, uploaded: Number.isSafeInteger(uploaded) ? uploaded : 0, pieces };
}

function invalid(why: string): EnsembleError {
  return new EnsembleError('invalid-torrent', `The control file cannot be used: ${why}.`);
}
