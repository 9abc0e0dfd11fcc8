import { concatBytes, readU16, readU32, writeU16, writeU32 } from '../base/bytes.ts';
import type { Random } from '../ports/random.ts';
import { KEY_LENGTH, KeyPair } from './key-exchange.ts';
import { type Agreement, MAX_PAD, type Negotiation, NoAgreement, Received, VC_LENGTH } from './negotiation.ts';
import { padLength, PAD_LENGTH_SIZE } from './pads.ts';
import { PLAIN_TEXT, RC4 } from './policy.ts';
import type { Rc4 } from './rc4.ts';
import { hiddenTorrent, streams, syncHash } from './secrets.ts';

/** How a plain handshake begins: whoever answers with it does not know encryption. */
const PLAIN_GREETING = Uint8Array.of(19, ...new TextEncoder().encode('BitTorrent protocol'));
/** Bytes of `crypto_select` and the length of a pad. */
const CHOICE = 4 + PAD_LENGTH_SIZE;

export interface DiallingOptions {
  readonly random: Random;
  /** SKEY. */
  readonly secret: Uint8Array;
  /** `crypto_provide`. */
  readonly offer: number;
  /** Whether it may be dialled once more. */
  readonly mayRepeat: boolean;
  send(data: Uint8Array): void;
  /** What the caller has to say first: it goes with the offer, which saves a round trip. At most 65,535 bytes. */
  first(): Uint8Array;
}

/** The side that dials. */
export class DiallingSide implements Negotiation {
  readonly #o: DiallingOptions;
  readonly #keys: KeyPair;
  readonly #received = new Received();
  #ciphers: { readonly out: Rc4; readonly in: Rc4 } | undefined;
  /** The verification constant, encrypted as it comes; undefined once it has come. */
  #mark: Uint8Array | undefined;
  #choice: { readonly cipher: number; readonly pad: number } | undefined;

  constructor(options: DiallingOptions) {
    this.#o = options;
    this.#keys = KeyPair.make(options.random);
  }

  /** Sends our key. */
  start(): void {
    const { random } = this.#o;
    this.#o.send(concatBytes(this.#keys.publicKey, random.bytes(padLength(random))));
  }

  push(data: Uint8Array): Agreement | 'again' | undefined {
    this.#received.add(data);
    const result = this.#read();
    if (result === undefined) this.#received.keep();
    return result;
  }

  #read(): Agreement | 'again' | undefined {
    const received = this.#received;
    if (this.#ciphers === undefined) {
      const { rest } = received;
      if (rest.length >= PLAIN_GREETING.length && PLAIN_GREETING.every((byte, i) => rest[i] === byte)) {
        throw new NoAgreement('it greets in plain text');
      }
      const theirs = received.take(KEY_LENGTH);
      if (theirs === undefined) return undefined;
      const shared = this.#keys.secret(theirs);
      if (shared === undefined) throw new NoAgreement('its key is none');
      // libtorrent before 2.0.13 hashes the secret without leading zeros, and so would not find our hash: other keys do.
      if (shared[0] === 0 && this.#o.mayRepeat) return 'again';
      this.#ciphers = this.#offer(shared);
    }
    const { out, in: decrypt } = this.#ciphers;
    if (this.#mark !== undefined) {
      if (!received.skipTo(this.#mark)) return undefined;
      this.#mark = undefined;
    }
    if (this.#choice === undefined) {
      const bytes = received.take(CHOICE);
      if (bytes === undefined) return undefined;
      decrypt.apply(bytes);
      const cipher = readU32(bytes, 0);
      const pad = readU16(bytes, 4);
      if (pad > MAX_PAD) throw new NoAgreement(`a pad of ${pad} bytes`);
      if ((cipher !== PLAIN_TEXT && cipher !== RC4) || (cipher & this.#o.offer) === 0) {
        throw new NoAgreement(`it chose ${cipher} of ${this.#o.offer}`);
      }
      this.#choice = { cipher, pad };
    }
    const pad = received.take(this.#choice.pad);
    if (pad === undefined) return undefined;
    decrypt.apply(pad);
    const { rest } = received;
    if (this.#choice.cipher === RC4) return { encryption: 'rc4', out, in: decrypt, encrypted: Infinity, rest };
    return { encryption: 'header', out: undefined, in: decrypt, encrypted: 0, rest };
  }

  /** The secret is known: names the torrent, and says what may follow. */
  #offer(shared: Uint8Array): { readonly out: Rc4; readonly in: Rc4 } {
    const { random, secret, offer, first, send } = this.#o;
    const { dialler, dialled } = streams(shared, secret);
    this.#mark = new Uint8Array(VC_LENGTH);
    dialled.apply(this.#mark);
    const pad = padLength(random);
    const initial = first();
    const message = new Uint8Array(VC_LENGTH + 4 + PAD_LENGTH_SIZE + pad + 2 + initial.length);
    writeU32(message, VC_LENGTH, offer);
    writeU16(message, VC_LENGTH + 4, pad);
    const at = VC_LENGTH + 4 + PAD_LENGTH_SIZE + pad;
    writeU16(message, at, initial.length);
    message.set(initial, at + 2);
    dialler.apply(message);
    send(concatBytes(syncHash(shared), hiddenTorrent(secret, shared), message));
    return { out: dialler, in: dialled };
  }
}
