import { fromHex, toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash, InfoHashV1, PeerId } from '../base/ids.ts';

/** What the reserved bytes of a handshake announce. */
export interface HandshakeExtensions {
  /** BEP 6. */
  readonly fast: boolean;
  /** BEP 10. */
  readonly extended: boolean;
  /** BEP 5. */
  readonly dht?: boolean;
  /** Knows the torrent by its hash of version 2 as well, by which the other side may answer (BEP 52, "upgrade path"). */
  readonly upgrade?: boolean;
}

/** Bytes of a handshake: a length, the protocol's name, 8 reserved, info-hash, peer id (BEP 3, "peer protocol"). */
export const HANDSHAKE_LENGTH = 68;

/** How every handshake begins: `\x13BitTorrent protocol`. */
export const GREETING: Uint8Array = Uint8Array.of(19, ...new TextEncoder().encode('BitTorrent protocol'));
const RESERVED_AT = GREETING.length;
const INFO_HASH_AT = RESERVED_AT + 8;
const PEER_ID_AT = INFO_HASH_AT + 20;

/** The bit of each extension: which of the reserved bytes, and the mask in it. */
const EXTENDED_BIT = { byte: 5, mask: 0x10 } as const;
const DHT_BIT = { byte: 7, mask: 0x01 } as const;
const FAST_BIT = { byte: 7, mask: 0x04 } as const;
const UPGRADE_BIT = { byte: 7, mask: 0x10 } as const;

/** An info-hash as handshakes have it: one of version 2 is cut to its first 20 bytes (BEP 52). */
export const handshakeHash = (infoHash: InfoHash): InfoHash => infoHash.slice(0, 40) as InfoHashV1;

/** The 68 bytes that open a connection. */
export function encodeHandshake(handshake: {
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  readonly extensions: HandshakeExtensions;
}): Uint8Array {
  const out = new Uint8Array(HANDSHAKE_LENGTH);
  out.set(GREETING);
  const { fast, extended, dht = false, upgrade = false } = handshake.extensions;
  if (extended) setBit(out, EXTENDED_BIT);
  if (dht) setBit(out, DHT_BIT);
  if (fast) setBit(out, FAST_BIT);
  if (upgrade) setBit(out, UPGRADE_BIT);
  out.set(hexBytes(handshakeHash(handshake.infoHash)), INFO_HASH_AT);
  out.set(hexBytes(handshake.peerId), PEER_ID_AT);
  return out;
}

/** Reads a handshake as it comes, byte by byte if need be. */
export class HandshakeReader {
  readonly #bytes = new Uint8Array(HANDSHAKE_LENGTH);
  #length = 0;

  /** Takes what belongs to the handshake; returns how many bytes that was. Throws EnsembleError('protocol') at the first wrong byte. */
  push(chunk: Uint8Array): number {
    const count = Math.min(chunk.length, HANDSHAKE_LENGTH - this.#length);
    const from = this.#length;
    this.#bytes.set(chunk.subarray(0, count), from);
    this.#length += count;
    for (let i = from; i < Math.min(this.#length, GREETING.length); i++)
      if (this.#bytes[i] !== GREETING[i])
        throw new EnsembleError(
          'protocol',
          `The peer does not speak BitTorrent: byte ${i} of its handshake is ${this.#bytes[i]} instead of ${GREETING[i]}.`,
        );
    return count;
  }

  /** Whether all of it has come. */
  get done(): boolean {
    return this.#length === HANDSHAKE_LENGTH;
  }

  /** Known after 48 bytes. */
  get infoHash(): InfoHash | undefined {
    return this.#length < PEER_ID_AT
      ? undefined
      : (toHex(this.#bytes.subarray(INFO_HASH_AT, PEER_ID_AT)) as InfoHashV1);
  }

  /** Known after all 68 bytes. */
  get peerId(): PeerId | undefined {
    return this.done ? (toHex(this.#bytes.subarray(PEER_ID_AT)) as PeerId) : undefined;
  }

  /** The 8 reserved bytes; zero while they have not come. */
  get reserved(): Uint8Array {
    return this.#bytes.slice(RESERVED_AT, INFO_HASH_AT);
  }

  /** What the reserved bytes say. */
  get extensions(): Required<HandshakeExtensions> {
    const has = (bit: { byte: number; mask: number }): boolean =>
      ((this.#bytes[RESERVED_AT + bit.byte] ?? 0) & bit.mask) !== 0;
    return { fast: has(FAST_BIT), extended: has(EXTENDED_BIT), dht: has(DHT_BIT), upgrade: has(UPGRADE_BIT) };
  }
}

function setBit(out: Uint8Array, bit: { byte: number; mask: number }): void {
  out[RESERVED_AT + bit.byte] = (out[RESERVED_AT + bit.byte] ?? 0) | bit.mask;
}

/** Bytes of an id that its type says is 40 hex digits. */
function hexBytes(id: string): Uint8Array {
  const out = fromHex(id);
  if (out?.length !== 20) throw new EnsembleError('usage', `"${id}" is no id of 20 bytes in hex digits.`);
  return out;
}
