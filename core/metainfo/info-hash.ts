import { fromHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash } from '../base/ids.ts';

/** An info-hash as bytes: 20 (v1) or 32 (v2). */
export function infoHashBytes(hash: InfoHash): Uint8Array {
  const out = fromHex(hash);
  if (out === undefined) throw new EnsembleError('usage', `"${hash}" is no info-hash.`);
  return out;
}
