import { concatBytes } from '../../base/bytes.ts';
import type { EncryptionPolicy } from '../../base/choices.ts';
import type { InfoHash } from '../../base/ids.ts';
import type { Random } from '../../ports/random.ts';
import { DialledSide } from '../dialled-side.ts';
import { DiallingSide } from '../dialling-side.ts';
import { offerOf } from '../policy.ts';
import { SecretBook, torrentSecret } from '../secrets.ts';

export const HASH = 'ab'.repeat(20) as InfoHash;

/** Chance that always gives the same: keys and pads are full of `byte`, pads are 5 bytes long. */
export function fixedRandom(keys: number, pads: number): Random {
  return { uniform: () => 5.5 / 513, bytes: (count) => new Uint8Array(count).fill(count === 20 ? keys : pads) };
}

export function bookOf(policy: EncryptionPolicy = 'preferred', infoHash: InfoHash = HASH): SecretBook {
  const book = new SecretBook();
  book.add({ infoHash, policy: () => policy });
  return book;
}

/** One side with what it has sent. */
export interface Talking<Side> {
  readonly side: Side;
  readonly sent: Uint8Array[];
}

export function dialling(
  random: Random,
  options: { policy?: EncryptionPolicy; infoHash?: InfoHash; first?: Uint8Array; mayRepeat?: boolean } = {},
): Talking<DiallingSide> {
  const { policy = 'preferred', infoHash = HASH, first = new Uint8Array(0), mayRepeat = false } = options;
  const sent: Uint8Array[] = [];
  const side = new DiallingSide({
    random,
    secret: torrentSecret(infoHash),
    offer: offerOf(policy),
    mayRepeat,
    send: (data) => void sent.push(data),
    first: () => first.slice(),
  });
  side.start();
  return { side, sent };
}

export function dialled(random: Random, secrets: SecretBook = bookOf()): Talking<DialledSide> {
  const sent: Uint8Array[] = [];
  return { side: new DialledSide({ random, secrets, send: (data) => void sent.push(data) }), sent };
}

/** Takes all that was sent. */
export function takeFrom({ sent }: { readonly sent: Uint8Array[] }): Uint8Array {
  return concatBytes(...sent.splice(0));
}
