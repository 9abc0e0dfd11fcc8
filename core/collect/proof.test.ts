import fc from 'fast-check';
import { expect, test } from 'vitest';
import { authorization, challenge, isProof, proofOf, readAuthorization, readChallenge } from './proof.ts';

const secret = new Uint8Array(32).fill(7);
const asked = { method: 'GET', path: '/aa/1', range: 'bytes=0-9', nonce: 'ab'.repeat(16) };

test('a proof holds for the request that it was made for, with the secret, and for nothing else', () => {
  const mac = proofOf(secret, asked);
  expect(isProof(secret, asked, mac)).toBe(true);
  const others = [
    { ...asked, method: 'HEAD' },
    { ...asked, path: '/aa/2' },
    { ...asked, range: '' },
    { ...asked, range: 'bytes=0-99' },
    { ...asked, nonce: 'ac'.repeat(16) },
  ];
  for (const other of others) expect(isProof(secret, other, mac)).toBe(false);
  expect(isProof(new Uint8Array(32), asked, mac)).toBe(false);
  for (const bad of ['', mac.slice(1), `${mac}0`, mac.toUpperCase()]) expect(isProof(secret, asked, bad)).toBe(false);
});

test('headers are read as they are written, and nothing else is', () => {
  const mac = proofOf(secret, asked);
  expect(readAuthorization(authorization({ nonce: asked.nonce, mac }))).toEqual({ nonce: asked.nonce, mac });
  expect(readChallenge(challenge(asked.nonce))).toBe(asked.nonce);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(readAuthorization(text)).toBeUndefined();
      expect(readChallenge(text)).toBeUndefined();
      expect(readAuthorization(`Ensemble nonce="${text}", mac="${mac}"`)).toBeUndefined();
    }),
  );
  expect(readAuthorization(undefined)).toBeUndefined();
});
