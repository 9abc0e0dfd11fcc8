import { createHmac, timingSafeEqual } from 'node:crypto';

/** What is asked for, and the word of the server that the proof is made for. */
export interface Asked {
  readonly method: string;
  /** As it stands in the request. */
  readonly path: string;
  /** The header `Range`. */
  readonly range: string;
  readonly nonce: string;
}

export interface Proof {
  readonly nonce: string;
  /** Hexadecimal. */
  readonly mac: string;
}

const SCHEME = 'Ensemble';
const NONCE = '[0-9a-f]{32}';
const CHALLENGE = new RegExp(`^${SCHEME} nonce="(${NONCE})"$`);
const AUTHORIZATION = new RegExp(`^${SCHEME} nonce="(${NONCE})", mac="([0-9a-f]{64})"$`);
/** Tells this use of the secret from every other. */
const USE = 'ensemble pieces 1';

/** Shows that whoever asks knows the group's secret, for this request and this server's nonce alone (HMAC-SHA-256, RFC 2104). */
export function proofOf(secret: Uint8Array, { method, path, range, nonce }: Asked): string {
  return createHmac('sha256', secret).update([USE, method, path, range, nonce].join('\n')).digest('hex');
}

/** Whether a proof is right, in the same time wherever it is wrong. */
export function isProof(secret: Uint8Array, asked: Asked, mac: string): boolean {
  const text = new TextEncoder();
  const right = text.encode(proofOf(secret, asked));
  const given = text.encode(mac);
  return given.length === right.length && timingSafeEqual(given, right);
}

/** The header `Authorization` of a request. */
export function authorization({ nonce, mac }: Proof): string {
  return `${SCHEME} nonce="${nonce}", mac="${mac}"`;
}

export function readAuthorization(header: string | undefined): Proof | undefined {
  const [, nonce, mac] = AUTHORIZATION.exec(header ?? '') ?? [];
  return nonce === undefined || mac === undefined ? undefined : { nonce, mac };
}

/** The header `WWW-Authenticate` of an answer to who proved nothing. */
export function challenge(nonce: string): string {
  return `${SCHEME} nonce="${nonce}"`;
}

export function readChallenge(header: string | undefined): string | undefined {
  return CHALLENGE.exec(header ?? '')?.[1];
}
