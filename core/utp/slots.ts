import { PACKET, type PacketType } from './packet.ts';
import { LARGEST } from './sizes.ts';

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

  constructor(length: number = LARGEST) {
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

/** Most slots and chunks that are kept for later. */
const SPARE_SLOTS = 2048;
const SPARE_CHUNKS = 32;
/** Bytes of a chunk: what one turn of the event loop brings for a connection. */
export const CHUNK = 64 * 1024;
/** Most bytes of slots for packets that came too early, over all connections. */
const MOST_EARLY = 16_384 * LARGEST;

/** The memory for packets of all connections of a socket. */
export class SlotPool {
  readonly #free: Slot[] = [];
  readonly #chunks: Uint8Array[] = [];
  /** Bytes of the slots that `takeEarly` gave out. */
  #early = 0;

  take(): Slot {
    const slot = this.#free.pop() ?? new Slot();
    slot.transmissions = 0;
    slot.lost = false;
    return slot;
  }

  give(slot: Slot): void {
    if (!slot.kept && slot.memory.length === LARGEST && this.#free.length < SPARE_SLOTS) this.#free.push(slot);
  }

  /** One for a packet of this length that came too early; undefined: there are too many of them. */
  takeEarly(length: number): Slot | undefined {
    const memory = Math.max(length, LARGEST);
    if (this.#early + memory > MOST_EARLY) return undefined;
    this.#early += memory;
    return length > LARGEST ? new Slot(length) : this.take();
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
    this.#chunks.length = 0;
  }
}
