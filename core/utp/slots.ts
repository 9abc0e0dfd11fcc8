import { PACKET, type PacketType } from './packet.ts';
import { ETHERNET, WIDE } from './sizes.ts';

/** A packet of ours until it is acknowledged, or one that came too early until what is before it has come. */
export class Slot {
  /** All its memory. */
  readonly memory: Uint8Array;
  /** The packet in it, header and payload. */
  bytes: Uint8Array;
  type: PacketType = PACKET.data;
  seq = 0;
  /** Bytes of payload. */
  size = 0;
  /** Milliseconds; when it was sent the last time. */
  sentAt = 0;
  /** Which one it was of all that the connection sent. */
  order = 0;
  transmissions = 0;
  lost = false;
  /** The system has not sent it yet, and holds its memory. */
  kept = false;

  constructor(length: number) {
    this.memory = new Uint8Array(length);
    this.bytes = this.memory;
  }

  /** Sets how many bytes of its memory the packet has. */
  cut(length: number): void {
    if (this.bytes.length !== length) {
      this.bytes = length === this.memory.length ? this.memory : this.memory.subarray(0, length);
    }
  }
}

/** A ring for slots by their numbers; `length` is a power of two. */
export function emptyRing(length: number): (Slot | undefined)[] {
  return Array.from({ length }, () => undefined);
}

/** Most slots of each length and chunks that are kept for later. */
const SPARE_SLOTS = 2048;
const SPARE_WIDE = 128;
const SPARE_CHUNKS = 32;
/** Bytes of a chunk: what one turn of the event loop brings for a connection. */
export const CHUNK = 64 * 1024;
/** Most bytes of slots for packets that came too early, over all connections. */
const MOST_EARLY = 22 * 1024 * 1024;

/** The memory for packets of all connections of a socket. */
export class SlotPool {
  readonly #free: Slot[] = [];
  readonly #wide: Slot[] = [];
  readonly #chunks: Uint8Array[] = [];
  /** Bytes of the slots that `takeEarly` gave out. */
  #early = 0;

  /** One for a packet of ours of this length, at most `WIDE`. */
  take(length: number): Slot {
    const slot = length <= ETHERNET ? (this.#free.pop() ?? new Slot(ETHERNET)) : (this.#wide.pop() ?? new Slot(WIDE));
    slot.transmissions = 0;
    slot.lost = false;
    return slot;
  }

  give(slot: Slot): void {
    const { length } = slot.memory;
    if (slot.kept) return;
    if (length === ETHERNET && this.#free.length < SPARE_SLOTS) this.#free.push(slot);
    else if (length === WIDE && this.#wide.length < SPARE_WIDE) this.#wide.push(slot);
  }

  /** One for a packet of this length that came too early; undefined: there are too many of them. */
  takeEarly(length: number): Slot | undefined {
    const memory = Math.max(length, ETHERNET);
    if (this.#early + memory > MOST_EARLY) return undefined;
    this.#early += memory;
    // Longer ones seldom come, and whoever sends them does not get more memory for that than he sends.
    return length > ETHERNET ? new Slot(length) : this.take(length);
  }

  giveEarly(slot: Slot): void {
    this.#early -= slot.memory.length;
    this.give(slot);
  }

  takeChunk(): Uint8Array {
    return this.#chunks.pop() ?? new Uint8Array(CHUNK);
  }

  giveChunk(chunk: Uint8Array): void {
    if (this.#chunks.length < SPARE_CHUNKS) this.#chunks.push(chunk);
  }

  /** Forgets all that is kept for later. */
  drop(): void {
    this.#free.length = 0;
    this.#wide.length = 0;
    this.#chunks.length = 0;
  }
}
