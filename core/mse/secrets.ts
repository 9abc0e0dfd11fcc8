import { createHash } from 'node:crypto';
import { fromHex, toHex } from '../base/bytes.ts';
import type { EncryptionPolicy } from '../base/choices.ts';
import type { InfoHash } from '../base/ids.ts';
import { Rc4 } from './rc4.ts';

const text = (word: string): Uint8Array => new TextEncoder().encode(word);
const REQ1 = text('req1');
const REQ2 = text('req2');
const REQ3 = text('req3');
const KEY_A = text('keyA');
const KEY_B = text('keyB');
/** The first bytes of each RC4 stream are thrown away, as they tell of the key. */
const DISCARDED = 1024;
export const HASH_LENGTH = 20;

function sha1(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** What a torrent's connections are keyed with (SKEY): its info-hash, as handshakes have it. */
export function torrentSecret(infoHash: InfoHash): Uint8Array {
  return (fromHex(infoHash) ?? new Uint8Array(0)).subarray(0, HASH_LENGTH);
}

/** By which the dialled side finds the end of the first pad. */
export const syncHash = (shared: Uint8Array): Uint8Array => sha1(REQ1, shared);

/** Which torrent the dialling side wants, told so that only those who know the torrent understand it. */
export function hiddenTorrent(secret: Uint8Array, shared: Uint8Array): Uint8Array {
  return xor(sha1(REQ2, secret), sha1(REQ3, shared));
}

/** The streams of a connection: `dialler` encrypts with the first, the dialled side with the second. */
export function streams(shared: Uint8Array, secret: Uint8Array): { readonly dialler: Rc4; readonly dialled: Rc4 } {
  const stream = (word: Uint8Array): Rc4 => {
    const cipher = new Rc4(sha1(word, shared, secret));
    cipher.apply(new Uint8Array(DISCARDED));
    return cipher;
  };
  return { dialler: stream(KEY_A), dialled: stream(KEY_B) };
}

/** A torrent that may be asked for in an encrypted handshake. */
export interface KnownTorrent {
  /** As handshakes have it. */
  readonly infoHash: InfoHash;
  policy(): EncryptionPolicy;
}

/** The torrents of a listener by what `hiddenTorrent` hides: each is hashed once, when somebody asks, not for every connection. */
export class SecretBook {
  readonly #torrents = new Map<InfoHash, KnownTorrent>();
  /** Those of them that are hashed. */
  readonly #hidden = new Map<string, InfoHash>();
  /** Those that are not yet. */
  readonly #fresh = new Set<InfoHash>();

  add(torrent: KnownTorrent): void {
    if (!this.#torrents.has(torrent.infoHash)) this.#fresh.add(torrent.infoHash);
    this.#torrents.set(torrent.infoHash, torrent);
  }

  delete(infoHash: InfoHash): void {
    if (this.#torrents.delete(infoHash) && !this.#fresh.delete(infoHash)) this.#hidden.delete(keyOf(infoHash));
  }

  /** Whether any torrent takes encrypted connections. */
  get open(): boolean {
    for (const torrent of this.#torrents.values()) if (torrent.policy() !== 'off') return true;
    return false;
  }

  /** The torrent that is meant; undefined: none of ours, or one that takes none. */
  find(hidden: Uint8Array, shared: Uint8Array): KnownTorrent | undefined {
    for (const infoHash of this.#fresh) this.#hidden.set(keyOf(infoHash), infoHash);
    this.#fresh.clear();
    const meant = this.#hidden.get(toHex(xor(hidden, sha1(REQ3, shared))));
    const torrent = meant && this.#torrents.get(meant);
    return torrent?.policy() === 'off' ? undefined : torrent;
  }
}

const keyOf = (infoHash: InfoHash): string => toHex(sha1(REQ2, torrentSecret(infoHash)));

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] ?? 0));
}
