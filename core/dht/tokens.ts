import { createHmac } from 'node:crypto';
import { sameBytes } from '../base/bytes.ts';
import { type Millis, millis } from '../base/ids.ts';
import type { Random } from '../ports/random.ts';

const TURN = millis(5 * 60_000);
const SECRET_BYTES = 20;
const TOKEN_BYTES = 8;

/**
 * Tokens prove that whoever announces an address gets what is sent there (BEP 5). They follow from address, hash and a secret, so
 * nothing is kept of them; a token is good for 5 to 10 minutes.
 */
export class Tokens {
  readonly #random: Random;
  #secret: Uint8Array;
  #previous: Uint8Array;
  #turnedAt: Millis;

  constructor(random: Random, now: Millis) {
    this.#random = random;
    this.#secret = random.bytes(SECRET_BYTES);
    this.#previous = random.bytes(SECRET_BYTES);
    this.#turnedAt = now;
  }

  issue(ip: Uint8Array, hash: Uint8Array, now: Millis): Uint8Array {
    this.#turn(now);
    return tokenFor(this.#secret, ip, hash);
  }

  valid(token: Uint8Array, ip: Uint8Array, hash: Uint8Array, now: Millis): boolean {
    this.#turn(now);
    return [this.#secret, this.#previous].some((secret) => sameBytes(token, tokenFor(secret, ip, hash)));
  }

  #turn(now: Millis): void {
    const turns = Math.floor((now - this.#turnedAt) / TURN);
    if (turns < 1) return;
    this.#previous = turns === 1 ? this.#secret : this.#random.bytes(SECRET_BYTES);
    this.#secret = this.#random.bytes(SECRET_BYTES);
    this.#turnedAt = millis(this.#turnedAt + turns * TURN);
  }
}

function tokenFor(secret: Uint8Array, ip: Uint8Array, hash: Uint8Array): Uint8Array {
  const digest = createHmac('sha1', secret).update(ip).update(hash).digest();
  return new Uint8Array(digest.subarray(0, TOKEN_BYTES));
}
