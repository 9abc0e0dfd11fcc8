import { concatBytes, readU16, readU32, writeU16, writeU32 } from '../base/bytes.ts';
import type { InfoHash } from '../base/ids.ts';
import type { Random } from '../ports/random.ts';
import { KEY_LENGTH, KeyPair } from './key-exchange.ts';
import { type Agreement, MAX_PAD, type Negotiation, NoAgreement, Received, VC_LENGTH } from './negotiation.ts';
import { padLength, PAD_LENGTH_SIZE } from './pads.ts';
import { choose, RC4 } from './policy.ts';
import type { Rc4 } from './rc4.ts';
import { HASH_LENGTH, type SecretBook, streams, syncHash, torrentSecret } from './secrets.ts';

/** Bytes from the verification constant to the length of the pad. */
const OFFER = VC_LENGTH + 4 + PAD_LENGTH_SIZE;
/** How often other keys are made for a secret without leading zeros. */
const MOST_KEYS = 4;

export interface DialledOptions {
  readonly random: Random;
  /** The torrents that may be asked for. */
  readonly secrets: SecretBook;
  send(data: Uint8Array): void;
}

/** The side that is dialled. It says nothing before the other's key has come. */
export class DialledSide implements Negotiation {
  readonly #o: DialledOptions;
  readonly #received = new Received();
  #shared: Uint8Array | undefined;
  #synced = false;
  #torrent:
    | {
        readonly infoHash: InfoHash;
        readonly choose: (offer: number) => number | undefined;
        readonly in: Rc4;
        readonly out: Rc4;
      }
    | undefined;
  #offer: { readonly cipher: number; readonly pad: number } | undefined;

  constructor(options: DialledOptions) {
    this.#o = options;
  }

  push(data: Uint8Array): Agreement | undefined {
    this.#received.add(data);
    const result = this.#read();
    if (result === undefined) this.#received.keep();
    return result;
  }

  #read(): Agreement | undefined {
    const received = this.#received;
    if (this.#shared === undefined) {
      const theirs = received.take(KEY_LENGTH);
      if (theirs === undefined) return undefined;
      this.#shared = this.#answer(theirs);
    }
    if (!this.#synced) {
      if (!received.skipTo(syncHash(this.#shared))) return undefined;
      this.#synced = true;
    }
    if (this.#torrent === undefined) {
      const hidden = received.take(HASH_LENGTH);
      if (hidden === undefined) return undefined;
      const torrent = this.#o.secrets.find(hidden, this.#shared);
      if (torrent === undefined) throw new NoAgreement('it wants another torrent');
      const { infoHash } = torrent;
      const { dialler, dialled } = streams(this.#shared, torrentSecret(infoHash));
      this.#torrent = { infoHash, choose: (offer) => choose(torrent.policy(), offer), in: dialler, out: dialled };
    }
    const { infoHash, in: decrypt, out } = this.#torrent;
    if (this.#offer === undefined) {
      const bytes = received.take(OFFER);
      if (bytes === undefined) return undefined;
      decrypt.apply(bytes);
      if (bytes.subarray(0, VC_LENGTH).some((byte) => byte !== 0)) throw new NoAgreement('the verification is wrong');
      const pad = readU16(bytes, VC_LENGTH + 4);
      if (pad > MAX_PAD) throw new NoAgreement(`a pad of ${pad} bytes`);
      const offer = readU32(bytes, VC_LENGTH);
      const cipher = this.#torrent.choose(offer);
      if (cipher === undefined) throw new NoAgreement(`it offers ${offer}`);
      this.#offer = { cipher, pad };
    }
    const { cipher, pad } = this.#offer;
    const bytes = received.take(pad + 2);
    if (bytes === undefined) return undefined;
    decrypt.apply(bytes);
    this.#choose(cipher, out);
    const { rest } = received;
    if (cipher === RC4) return { encryption: 'rc4', out, in: decrypt, encrypted: Infinity, rest, infoHash };
    return { encryption: 'header', out: undefined, in: decrypt, encrypted: readU16(bytes, pad), rest, infoHash };
  }

  /** Sends our key; returns the secret. */
  #answer(theirs: Uint8Array): Uint8Array {
    const { random, send } = this.#o;
    for (let tries = 1; ; tries++) {
      const keys = KeyPair.make(random);
      const shared = keys.secret(theirs);
      if (shared === undefined) throw new NoAgreement('its key is none');
      // See DiallingSide: libtorrent would not find its own hash.
      if (shared[0] === 0 && tries < MOST_KEYS) continue;
      send(concatBytes(keys.publicKey, random.bytes(padLength(random))));
      return shared;
    }
  }

  #choose(cipher: number, out: Rc4): void {
    const { random, send } = this.#o;
    const pad = padLength(random);
    const message = new Uint8Array(OFFER + pad);
    writeU32(message, VC_LENGTH, cipher);
    writeU16(message, VC_LENGTH + 4, pad);
    out.apply(message);
    send(message);
  }
}
