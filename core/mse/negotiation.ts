import type { InfoHash } from '../base/ids.ts';
import type { Rc4 } from './rc4.ts';

/** Most bytes of a pad. */
export const MAX_PAD = 512;
/** Bytes of the verification constant, all zero. */
export const VC_LENGTH = 8;

/** What both sides have agreed on. */
export interface Agreement {
  /** `header`: plain text follows the handshake. */
  readonly encryption: 'rc4' | 'header';
  /** By which what we send is encrypted from now on. */
  readonly out: Rc4 | undefined;
  readonly in: Rc4;
  /** How many bytes that come are still encrypted. */
  readonly encrypted: number;
  /** What came behind the negotiation, as it came. */
  readonly rest: Uint8Array;
  /** The torrent that the dialling side asked for; undefined where we dial. */
  readonly infoHash?: InfoHash;
}

/** One side of an encrypted handshake: takes what comes, however it is cut, until both sides agree. */
export interface Negotiation {
  /** Undefined: more has to come. `again`: dial once more. Throws `NoAgreement`. */
  push(data: Uint8Array): Agreement | 'again' | undefined;
}

/** The other side does not speak as it should: it may not know encryption, or not want ours. */
export class NoAgreement extends Error {}

/** What came and was not taken: less than a kilobyte, but for the last part, which brings more than the handshake. */
export class Received {
  #data: Uint8Array = new Uint8Array(0);
  #searched = 0;

  /** `data` is valid during the call alone: before it ends, `keep` has to copy what is left. */
  add(data: Uint8Array): void {
    if (this.#data.length === 0) this.#data = data;
    else {
      const both = new Uint8Array(this.#data.length + data.length);
      both.set(this.#data);
      both.set(data, this.#data.length);
      this.#data = both;
    }
  }

  keep(): void {
    this.#data = this.#data.slice();
  }

  get length(): number {
    return this.#data.length;
  }

  get rest(): Uint8Array {
    return this.#data;
  }

  /** The next `count` bytes; undefined where fewer have come. */
  take(count: number): Uint8Array | undefined {
    if (this.#data.length < count) return undefined;
    const taken = this.#data.subarray(0, count);
    this.#data = this.#data.subarray(count);
    return taken;
  }

  /** Takes a pad of unknown length and the mark that ends it; false where more has to come. Throws where no mark can come any more. */
  skipTo(mark: Uint8Array): boolean {
    const data = this.#data;
    const last = Math.min(data.length - mark.length, MAX_PAD);
    for (let at = this.#searched; at <= last; at++) {
      let same = 0;
      while (same < mark.length && data[at + same] === mark[same]) same++;
      if (same < mark.length) continue;
      this.#data = data.subarray(at + mark.length);
      return true;
    }
    this.#searched = Math.max(0, last + 1);
    if (data.length >= MAX_PAD + mark.length) throw new NoAgreement('nothing ends the pad');
    return false;
  }
}
