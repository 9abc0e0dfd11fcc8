import { decodePrefix, encode, isDict } from '../bencode/bencode.ts';
import { concatBytes } from '../base/bytes.ts';
import { EnsembleError, messageOf } from '../base/errors.ts';
import { MAX_METADATA_SIZE, METADATA_PIECE_LENGTH } from './metadata-assembly.ts';

/** The name of metadata exchange in the extension handshake (BEP 9). */
export const METADATA_EXTENSION = 'ut_metadata';

/** A message of metadata exchange (BEP 9, "extension message"). `piece` counts from 0. */
export type MetadataMessage =
  | { readonly kind: 'request'; readonly piece: number }
  /** `data` is a view of the payload that was decoded. */
  | { readonly kind: 'data'; readonly piece: number; readonly totalSize: number; readonly data: Uint8Array }
  | { readonly kind: 'reject'; readonly piece: number }
  /** Of a later version: to be ignored. */
  | { readonly kind: 'unknown' };

const MOST_PIECES = Math.ceil(MAX_METADATA_SIZE / METADATA_PIECE_LENGTH);

export const encodeMetadataRequest = (piece: number): Uint8Array => encode({ msg_type: 0, piece });
export const encodeMetadataReject = (piece: number): Uint8Array => encode({ msg_type: 2, piece });

/** One piece of the info dictionary's `totalSize` bytes. */
export function encodeMetadataData(piece: number, totalSize: number, data: Uint8Array): Uint8Array {
  return concatBytes(encode({ msg_type: 1, piece, total_size: totalSize }), data);
}

/** Reads the payload of a metadata message. Throws EnsembleError('protocol') where it is none or its numbers are out of all bounds. */
export function decodeMetadataMessage(payload: Uint8Array): MetadataMessage {
  const { dict, length } = readDict(payload);
  const type = dict['msg_type'];
  if (typeof type !== 'number') throw breach('has no "msg_type"');
  if (type < 0 || type > 2) return { kind: 'unknown' };
  const piece = dict['piece'];
  if (typeof piece !== 'number' || piece < 0 || piece >= MOST_PIECES)
    throw breach(`has a "piece" that is not from 0 to ${MOST_PIECES - 1}`);
  if (type === 0) return { kind: 'request', piece };
  if (type === 2) return { kind: 'reject', piece };
  const totalSize = dict['total_size'];
  const data = payload.subarray(length);
  if (typeof totalSize !== 'number' || totalSize < 1 || totalSize > MAX_METADATA_SIZE)
    throw breach(`has a "total_size" that is not from 1 to ${MAX_METADATA_SIZE}`);
  if (data.length > METADATA_PIECE_LENGTH)
    throw breach(`carries ${data.length} bytes; a piece has at most ${METADATA_PIECE_LENGTH}`);
  return { kind: 'data', piece, totalSize, data };
}

function readDict(payload: Uint8Array) {
  try {
    const { value, length } = decodePrefix(payload, { maxDepth: 4, maxItems: 100 });
    if (isDict(value)) return { dict: value, length };
  } catch (error) {
    throw breach(`cannot be read: ${messageOf(error)}`);
  }
  throw breach('is no dictionary');
}

function breach(what: string): EnsembleError {
  return new EnsembleError('protocol', `The peer's metadata message ${what}. The connection is closed.`);
}
