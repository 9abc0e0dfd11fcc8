import type { EncryptionKind, EncryptionPolicy } from '../base/choices.ts';

/** Bits of `crypto_provide` and `crypto_select`: what follows the encrypted handshake. */
export const PLAIN_TEXT = 1;
export const RC4 = 2;

/**
 * What we offer when we dial. With `required` it is RC4 alone, as in qBittorrent: libtorrent's forced mode by itself would let
 * plain text follow, which nobody expects who requires encryption.
 */
export function offerOf(policy: EncryptionPolicy): number {
  return policy === 'required' ? RC4 : RC4 | PLAIN_TEXT;
}

/** What we choose from an offer: plain text where both may be, as it costs nothing (like libtorrent); undefined: nothing of it. */
export function choose(policy: EncryptionPolicy, offer: number): number | undefined {
  const common = offer & offerOf(policy);
  if ((common & PLAIN_TEXT) !== 0) return PLAIN_TEXT;
  return (common & RC4) === 0 ? undefined : RC4;
}

/** Whether an incoming connection that is encrypted in this way may stay. */
export function accepts(policy: EncryptionPolicy, encryption: EncryptionKind): boolean {
  if (policy === 'preferred') return true;
  return encryption === (policy === 'off' ? 'plain' : 'rc4');
}

/** The kinds of connections that we dial, in the order in which they are tried. */
export function dialled(policy: EncryptionPolicy): readonly ('plain' | 'mse')[] {
  if (policy === 'off') return ['plain'];
  return policy === 'required' ? ['mse'] : ['mse', 'plain'];
}
