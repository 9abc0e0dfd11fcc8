import { scrypt, timingSafeEqual } from 'node:crypto';
import type { KeptPassword } from '../../core/engine/access.ts';
import type { Random } from '../../core/ports/random.ts';

/** Cost of a new hash: 32 MiB and a tenth of a second, as OWASP's advice of 2023 for interactive logins. */
const COST = { n: 32_768, r: 8, p: 3 } as const;
const LENGTH = 32;
/** Fewest characters of a password: a shorter one could be guessed. */
export const LEAST_PASSWORD = 8;

/** What is kept of a password (RFC 7914). */
export async function hashPassword(password: string, random: Pick<Random, 'bytes'>): Promise<KeptPassword> {
  const salt = random.bytes(16);
  const hash = await derive(password, salt, COST);
  return { ...COST, salt: Buffer.from(salt).toString('base64url'), hash: hash.toString('base64url') };
}

export async function isPassword(password: string, kept: KeptPassword): Promise<boolean> {
  const hash = Buffer.from(kept.hash, 'base64url');
  const found = await derive(password, Buffer.from(kept.salt, 'base64url'), kept);
  return hash.length === found.length && timingSafeEqual(hash, found);
}

function derive(password: string, salt: Uint8Array, { n, r, p }: Pick<KeptPassword, 'n' | 'r' | 'p'>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N: n, r, p, maxmem: 256 * n * r };
    // As it is typed on different systems, the same letter may have different bytes.
    scrypt(password.normalize('NFKC'), salt, LENGTH, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
