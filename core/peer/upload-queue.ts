import type { PieceIndex } from '../base/ids.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import { MAX_BLOCK_LENGTH } from '../wire/message-id.ts';

/** A range of a piece that a peer has asked for. */
export interface UploadRequest {
  readonly piece: PieceIndex;
  readonly begin: number;
  readonly length: number;
}

/** The blocks that one peer has asked for and not got yet, first come first served (B15). Bounded. */
export class UploadQueue {
  /** Most requests that it holds: what we announce as `reqq` (BEP 10). */
  readonly limit: number;
  readonly #geometry: Geometry;
  #requests: UploadRequest[] = [];
  /** Requests before this one have been taken out. */
  #first = 0;

  constructor(geometry: Geometry, limit: number = 500) {
    this.#geometry = geometry;
    this.limit = limit;
  }

  get size(): number {
    return this.#requests.length - this.#first;
  }

  /** Puts a request at the end. False where it is full, or where no such range of up to 128 KiB exists: reject it. */
  add(piece: PieceIndex, begin: number, length: number): boolean {
    if (this.size >= this.limit || length < 1 || length > MAX_BLOCK_LENGTH) return false;
    if (begin < 0 || begin + length > this.#geometry.servedSize(piece)) return false;
    this.#requests.push({ piece, begin, length });
    return true;
  }

  /** Takes the first request of exactly this range out; false where there is none. */
  cancel(piece: PieceIndex, begin: number, length: number): boolean {
    for (let i = this.#first; i < this.#requests.length; i++) {
      const request = this.#requests[i];
      if (request?.piece !== piece || request.begin !== begin || request.length !== length) continue;
      this.#requests.splice(i, 1);
      return true;
    }
    return false;
  }

  /** Takes the oldest request out. */
  shift(): UploadRequest | undefined {
    const request = this.#requests[this.#first];
    if (request === undefined) return undefined;
    this.#first++;
    // Taking from the front of a long array costs its length: it is done once for many.
    if (this.#first === this.#requests.length || this.#first >= this.limit) {
      this.#requests = this.#requests.slice(this.#first);
      this.#first = 0;
    }
    return request;
  }

  /** The oldest request, left where it is. */
  peek(): UploadRequest | undefined {
    return this.#requests[this.#first];
  }

  /** Empties the queue and returns what was in it, oldest first: the peer was choked or lost interest. */
  clear(): UploadRequest[] {
    const out = this.#requests.slice(this.#first);
    this.#requests = [];
    this.#first = 0;
    return out;
  }
}
