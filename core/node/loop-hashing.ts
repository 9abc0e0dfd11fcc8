import { createHash, hash as hashOnce } from 'node:crypto';
import { concatBytes } from '../base/bytes.ts';
import type { Hashing } from '../base/hashing.ts';
import { leavesOf, rootOf } from '../merkle/tree.ts';

/** How much is hashed on the event loop at a time (0.6 ms), so that a long piece holds up nothing else there. */
const SLICE = 1 << 20;

/** Hashing on the event loop: a slice at a time, one piece after the other. */
export class LoopHashing {
  /** Settles after the last of the long pieces. */
  #turn: Promise<void> = Promise.resolve();

  hash(data: Uint8Array, hashing: Hashing): Promise<Uint8Array> {
    if (data.length <= SLICE) return Promise.resolve(digestOf(data, hashing));
    const digest = this.#turn.then(() => digestInSlices(data, hashing));
    // A failure is reported to its caller; the next job takes its turn all the same.
    this.#turn = digest.then(
      () => {},
      () => {},
    );
    return digest;
  }
}

function digestOf(data: Uint8Array, hashing: Hashing): Uint8Array {
  // In one call, as of a small torrent to begin and to end costs as much as the bytes.
  if (hashing.sha1 && hashing.tree === undefined) return new Uint8Array(hashOnce('sha1', data, 'buffer'));
  const digests = new Digests(hashing);
  digests.add(data);
  return digests.end();
}

async function digestInSlices(data: Uint8Array, hashing: Hashing): Promise<Uint8Array> {
  const digests = new Digests(hashing);
  for (let at = 0; at < data.length; at += SLICE) {
    if (at > 0) await new Promise((resolve) => void setImmediate(resolve));
    digests.add(data.subarray(at, at + SLICE));
  }
  return digests.end();
}

/** A digest that is made a slice of whole leaves at a time. */
class Digests {
  readonly #hashing: Hashing;
  readonly #sha1 = createHash('sha1');
  readonly #leaves: Uint8Array[] = [];
  #at = 0;

  constructor(hashing: Hashing) {
    this.#hashing = hashing;
  }

  add(data: Uint8Array): void {
    const { sha1, tree } = this.#hashing;
    if (sha1) this.#sha1.update(data);
    if (tree !== undefined && this.#at < tree.bytes)
      this.#leaves.push(leavesOf(data.subarray(0, tree.bytes - this.#at)));
    this.#at += data.length;
  }

  end(): Uint8Array {
    const { sha1, tree } = this.#hashing;
    const root = tree === undefined ? [] : [rootOf(concatBytes(...this.#leaves), 0, tree.height)];
    return concatBytes(...(sha1 ? [this.#sha1.digest()] : []), ...root);
  }
}
