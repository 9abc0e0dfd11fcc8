import { fromHex, toHex } from '../base/bytes.ts';
import type { Random } from '../ports/random.ts';

/** The prime of MSE; the generator is 2. */
const PRIME = BigInt(
  '0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B' +
    '302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563',
);
const GENERATOR = 2n;
/** Bytes of a public key and of the shared secret. */
export const KEY_LENGTH = 96;
/** Bytes of a private key: MSE advises 160 bits. */
const EXPONENT_LENGTH = 20;

/** Transmission takes whatever begins with this byte for a handshake in plain text: no key of ours does. */
const PLAIN_BEGIN = 19;

/** Powers of the generator: row i has those with exponents d * 16^i. With them our public key costs a fifth of another power. */
let table: readonly (readonly bigint[])[] | undefined;

/** One side's keys of a Diffie-Hellman exchange over 768 bits. */
export class KeyPair {
  readonly publicKey: Uint8Array;
  readonly #exponent: string;

  private constructor(exponent: Uint8Array) {
    this.#exponent = toHex(exponent);
    this.publicKey = toBytes(generatorPower(this.#exponent));
  }

  static make(random: Pick<Random, 'bytes'>): KeyPair {
    for (;;) {
      const keys = new KeyPair(random.bytes(EXPONENT_LENGTH));
      if (keys.publicKey[0] !== PLAIN_BEGIN) return keys;
    }
  }

  /** The secret that both sides have; undefined where the other's key is none, as it would make the secret one that anybody knows. */
  secret(theirs: Uint8Array): Uint8Array | undefined {
    const key = BigInt(`0x${toHex(theirs)}`);
    if (key <= 1n || key >= PRIME - 1n) return undefined;
    return toBytes(power(key, this.#exponent));
  }
}

/** Four bits of the exponent, a hex digit, at a time. */
function power(base: bigint, exponent: string): bigint {
  const powers = rowOf(base);
  let result = 1n;
  for (const digit of exponent) {
    for (let i = 0; i < 4; i++) result = (result * result) % PRIME;
    const factor = powers[Number.parseInt(digit, 16)];
    if (factor !== undefined) result = (result * factor) % PRIME;
  }
  return result;
}

function generatorPower(exponent: string): bigint {
  table ??= makeTable();
  let result = 1n;
  for (const [i, row] of table.entries()) {
    const factor = row[Number.parseInt(exponent.at(-1 - i) ?? '0', 16)];
    if (factor !== undefined) result = (result * factor) % PRIME;
  }
  return result;
}

function makeTable(): bigint[][] {
  const rows: bigint[][] = [];
  let base = GENERATOR;
  for (let i = 0; i < 2 * EXPONENT_LENGTH; i++) {
    const row = rowOf(base);
    rows.push(row);
    base = ((row[15] ?? 1n) * base) % PRIME;
  }
  return rows;
}

/** The powers of a number from 0 to 15. */
function rowOf(base: bigint): bigint[] {
  const row = [1n];
  for (let i = 1; i < 16; i++) row.push(((row[i - 1] ?? 1n) * base) % PRIME);
  return row;
}

function toBytes(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(2 * KEY_LENGTH, '0')) ?? new Uint8Array(KEY_LENGTH);
}
