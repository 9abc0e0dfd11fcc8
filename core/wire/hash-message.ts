import { fromHex, readU32, toHex, writeU32 } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { type HashRange, TREE_HASH_LENGTH, uncleCount } from '../base/hash-range.ts';
import { MessageId } from './message-id.ts';

/** Most hashes of a layer that are asked for at a time (BEP 52: "should not be greater than 512"). */
export const HASHES_PER_REQUEST = 512;
/** A tree over all bytes that a number can count has fewer layers. */
const MAX_PROOF_LAYERS = 40;
/** Bytes between the id of a hash message and its hashes: root, base layer, index, length, proof layers. */
export const HASH_RANGE_LENGTH = TREE_HASH_LENGTH + 16;
/** Longest list of hashes that we may have asked for, in bytes. */
export const MAX_HASHES_PAYLOAD = (HASHES_PER_REQUEST + MAX_PROOF_LAYERS) * TREE_HASH_LENGTH;

/** Bytes of the hashes that answer a range; undefined for a range that BEP 52 does not let be asked for, or not by us. */
export function hashesLength(range: HashRange): number | undefined {
  const { index, length, proofLayers } = range;
  const sound = length >= 2 && length <= HASHES_PER_REQUEST && Number.isInteger(Math.log2(length));
  if (!sound || index % length !== 0 || proofLayers > MAX_PROOF_LAYERS) return undefined;
  return (length + uncleCount(range)) * TREE_HASH_LENGTH;
}

/** Reads what follows the id of a hash message at `at`; the caller has checked the bounds. */
export function readHashRange(data: Uint8Array, at: number): HashRange {
  const numbers = at + TREE_HASH_LENGTH;
  return {
    root: toHex(data.subarray(at, numbers)),
    base: readU32(data, numbers),
    index: readU32(data, numbers + 4),
    length: readU32(data, numbers + 8),
    proofLayers: readU32(data, numbers + 12),
  };
}

// BEP 52, "peer messages".
export const encodeHashRequest = (range: HashRange): Uint8Array => message(MessageId.hashRequest, range);
export const encodeHashReject = (range: HashRange): Uint8Array => message(MessageId.hashReject, range);
/** `hashes`: those of the layer, then those that prove them from below. */
export const encodeHashes = (range: HashRange, hashes: Uint8Array): Uint8Array =>
  message(MessageId.hashes, range, hashes);

function message(id: number, range: HashRange, hashes: Uint8Array = NONE): Uint8Array {
  const root = fromHex(range.root);
  if (root?.length !== TREE_HASH_LENGTH) {
    throw new EnsembleError('usage', `"${range.root}" is no root of 64 hex digits.`);
  }
  const numbers = 5 + TREE_HASH_LENGTH;
  const out = new Uint8Array(5 + HASH_RANGE_LENGTH + hashes.length);
  writeU32(out, 0, out.length - 4);
  out[4] = id;
  out.set(root, 5);
  writeU32(out, numbers, range.base);
  writeU32(out, numbers + 4, range.index);
  writeU32(out, numbers + 8, range.length);
  writeU32(out, numbers + 12, range.proofLayers);
  out.set(hashes, 5 + HASH_RANGE_LENGTH);
  return out;
}

const NONE = new Uint8Array(0);
