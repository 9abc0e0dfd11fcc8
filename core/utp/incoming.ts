import { ahead, seqAfter } from './packet.ts';
import { CHUNK, emptyRing, type Slot, type SlotPool } from './slots.ts';

/** Bytes that a connection takes before its reader has taken them: what others have as well. */
export const RECEIVE_WINDOW = 1024 * 1024;
/** How far ahead of what is missing a packet may be. */
const MOST_AHEAD = 1_024;
const FIRST_RING = 16;

/** What became of a packet: it is the next one; it is, and others came before it; it came before its time; it is known; there is no room for it. */
export type Taken = 'next' | 'missed' | 'early' | 'known' | 'refused';

/** What the other side sends: brought into order, and kept until the reader takes it. */
export class Incoming {
  readonly #pool: SlotPool;
  /** Packets that came too early. */
  #ring = emptyRing(FIRST_RING);
  #early = 0;
  /** Bytes of payload in them. */
  #earlyBytes = 0;
  /** How far ahead of `ack` the furthest of them may be. */
  #furthest = 0;
  readonly #chunks: Uint8Array[] = [];
  /** Where in the first chunk reading goes on, and where in the last one writing does. */
  #readAt = 0;
  #writeAt = CHUNK;
  #waiting = 0;
  /** The last packet that came in order. */
  #ack: number;
  #isNew: boolean;
  /** The packet that ends the stream. */
  #end: number | undefined;

  /** `ack`: the number before that of the first packet; undefined: `begin` says it. */
  constructor(pool: SlotPool, ack: number | undefined) {
    this.#pool = pool;
    this.#ack = ack ?? 0;
    this.#isNew = ack === undefined;
  }

  /** Whether it is not known yet with which packet the other side begins. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** The number before that of the first packet is known. */
  begin(ack: number): void {
    this.#ack = ack;
    this.#isNew = false;
  }

  get ack(): number {
    return this.#ack;
  }

  /** Bytes that were not read yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Bytes that there is room for. */
  get window(): number {
    return Math.max(0, RECEIVE_WINDOW - this.#waiting);
  }

  /** Whether all has come, up to the end that the other side told. */
  get ended(): boolean {
    return this.#end !== undefined && this.#end === this.#ack;
  }

  /** A packet with payload from `from` on; `fin`: it is the last one. */
  take(seq: number, data: Uint8Array, from: number, fin: boolean): Taken {
    const distance = ahead(seq, this.#ack);
    if (distance <= 0 || this.ended) return 'known';
    if (distance > MOST_AHEAD || (this.#end !== undefined && ahead(seq, this.#end) > 0)) return 'refused';
    if (fin) this.#end ??= seq;
    if (distance > 1) return this.#keep(distance, seq, data, from);
    if (this.#waiting + data.length - from > RECEIVE_WINDOW) return 'refused';
    const missed = this.#early > 0;
    this.#append(data, from);
    this.#ack = seq;
    this.#drain();
    return missed ? 'missed' : 'next';
  }

  /** Bytes of a selective acknowledgement; 0 where nothing is missing. */
  get sackLength(): number {
    return this.#early === 0 ? 0 : 4 * Math.ceil((this.#furthest - 1) / 32);
  }

  /** Writes the bits of a selective acknowledgement to `out` at `offset`. */
  writeSack(out: Uint8Array, offset: number): void {
    const length = this.sackLength;
    for (let i = 0; i < length; i++) {
      let bits = 0;
      for (let bit = 0; bit < 8; bit++) {
        const distance = 8 * i + bit + 2;
        if (distance <= this.#furthest && this.#at(seqAfter(this.#ack, distance)) !== undefined) bits |= 1 << bit;
      }
      out[offset + i] = bits;
    }
  }

  /** Hands over what waits, a chunk at a time, as long as `reads` holds. */
  deliver(reads: () => boolean, read: (data: Uint8Array) => void): void {
    while (this.#waiting > 0 && reads()) {
      const [chunk] = this.#chunks;
      if (chunk === undefined) return;
      const last = this.#chunks.length === 1;
      const from = this.#readAt;
      const end = last ? this.#writeAt : CHUNK;
      this.#waiting -= end - from;
      this.#chunks.shift();
      this.#readAt = 0;
      if (last) this.#writeAt = CHUNK;
      read(chunk.subarray(from, end));
      this.#pool.giveChunk(chunk);
    }
  }

  /** Forgets all that was not read; nothing is taken any more. */
  clear(): void {
    for (let i = 0; i < this.#ring.length && this.#early > 0; i++) {
      const slot = this.#ring[i];
      if (slot === undefined) continue;
      this.#ring[i] = undefined;
      this.#early--;
      this.#pool.giveEarly(slot);
    }
    this.#earlyBytes = 0;
    for (const chunk of this.#chunks.splice(0)) this.#pool.giveChunk(chunk);
    this.#waiting = 0;
    this.#readAt = 0;
    this.#writeAt = CHUNK;
  }

  #at(seq: number): Slot | undefined {
    const slot = this.#ring[seq & (this.#ring.length - 1)];
    return slot?.seq === seq ? slot : undefined;
  }

  #keep(distance: number, seq: number, data: Uint8Array, from: number): Taken {
    while (distance >= this.#ring.length) this.#grow();
    const at = seq & (this.#ring.length - 1);
    if (this.#ring[at] !== undefined) return 'known';
    const length = data.length - from;
    if (this.#waiting + this.#earlyBytes + length > RECEIVE_WINDOW) return 'refused';
    const slot = this.#pool.takeEarly(length);
    if (slot === undefined) return 'refused';
    slot.memory.set(from === 0 ? data : data.subarray(from), 0);
    slot.seq = seq;
    slot.size = length;
    this.#ring[at] = slot;
    this.#early++;
    this.#earlyBytes += length;
    if (distance > this.#furthest || this.#early === 1) this.#furthest = distance;
    return 'early';
  }

  /** What came too early may be next now. It is taken even beyond the window: whoever was told that it came never sends it again. */
  #drain(): void {
    this.#furthest--;
    while (this.#early > 0) {
      const next = seqAfter(this.#ack, 1);
      const slot = this.#at(next);
      if (slot === undefined) return;
      this.#ring[next & (this.#ring.length - 1)] = undefined;
      this.#early--;
      this.#earlyBytes -= slot.size;
      this.#append(slot.memory, 0, slot.size);
      this.#pool.giveEarly(slot);
      this.#ack = next;
      this.#furthest--;
    }
  }

  #append(data: Uint8Array, from: number, end: number = data.length): void {
    this.#waiting += end - from;
    for (let at = from; at < end;) {
      if (this.#writeAt === CHUNK) {
        this.#chunks.push(this.#pool.takeChunk());
        this.#writeAt = 0;
      }
      const chunk = this.#chunks.at(-1);
      const count = Math.min(end - at, CHUNK - this.#writeAt);
      chunk?.set(data.subarray(at, at + count), this.#writeAt);
      this.#writeAt += count;
      at += count;
    }
  }

  #grow(): void {
    const old = this.#ring;
    const ring = emptyRing(old.length * 2);
    for (const slot of old) if (slot !== undefined) ring[slot.seq & (ring.length - 1)] = slot;
    this.#ring = ring;
  }
}
