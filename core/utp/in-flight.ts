import { ahead, seqAfter } from './packet.ts';
import { emptyRing, type Slot, type SlotPool } from './slots.ts';

/** Most packets that may be under way: as many as others keep when one before them is missing. */
export const MOST_PACKETS = 1_000;
const RING = 1_024;
const FIRST_RING = 16;
/** A packet is lost once this many that were sent after it have come (RFC 5681, "fast retransmit"). */
const OVERTAKEN = 3;

/**
 * The packets that were sent and not acknowledged. What counts as lost follows from the order in which packets left, so that one that
 * was sent again is judged anew (as in RFC 8985).
 */
export class InFlight {
  readonly #pool: SlotPool;
  #ring = emptyRing(FIRST_RING);
  /** Numbers of the oldest packet that is not acknowledged, and of the next new one. */
  #oldest: number;
  #next: number;
  #count = 0;
  #bytes = 0;
  #lost = 0;
  /** No packet before this one counts as lost. */
  #firstLost = 0;
  /** How many packets were sent so far, each time that it was sent. */
  #order = 0;
  #latest = 0;
  #same = 0;

  /** What the last call of `acknowledge` found: bytes that came, and when the latest of the packets that were sent only once left. */
  acked = 0;
  sentAt: number | undefined;
  /** Bytes of payload of the one of them that left last; 0: none that left after all that came before. */
  newest = 0;
  /** The packets of which the last call found that they got lost: the latest of them by the order of sending; 0: none. */
  lostOrder = 0;

  constructor(pool: SlotPool, first: number) {
    this.#pool = pool;
    this.#oldest = first;
    this.#next = first;
  }

  /** The number of the next new packet. */
  get next(): number {
    return this.#next;
  }

  get oldest(): number {
    return this.#oldest;
  }

  /** Bytes of the longest packet under way. */
  get longest(): number {
    let longest = 0;
    for (const slot of this.#ring) if (slot !== undefined) longest = Math.max(longest, slot.bytes.length);
    return longest;
  }

  /** How many numbers there are from the oldest to the next. */
  get span(): number {
    return (this.#next - this.#oldest) & 0xffff;
  }

  /** Bytes under way that do not count as lost. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get isFull(): boolean {
    return this.span >= MOST_PACKETS;
  }

  /** Which one of all packets was sent last. */
  get order(): number {
    return this.#order;
  }

  /** Takes a new packet in, which gets the next number. */
  add(slot: Slot): void {
    slot.seq = this.#next;
    if (this.span >= this.#ring.length) this.#grow();
    this.#ring[slot.seq & (this.#ring.length - 1)] = slot;
    this.#next = seqAfter(this.#next, 1);
    this.#count++;
  }

  /** It leaves now, for the first time or again. */
  sent(slot: Slot, now: number): void {
    if (slot.lost) this.#lost--;
    slot.lost = false;
    slot.sentAt = now;
    slot.order = ++this.#order;
    slot.transmissions++;
    this.#bytes += slot.size;
  }

  /** The oldest packet that has to be sent again. */
  get lost(): Slot | undefined {
    if (this.#lost === 0) return undefined;
    if (ahead(this.#oldest, this.#firstLost) > 0) this.#firstLost = this.#oldest;
    for (; this.#firstLost !== this.#next; this.#firstLost = seqAfter(this.#firstLost, 1)) {
      const slot = this.#at(this.#firstLost);
      if (slot?.lost === true) return slot;
    }
    return undefined;
  }

  /** Whether the other side may speak of this number: it was sent, and not long ago. */
  mayBeAcked(ack: number): boolean {
    const behind = ahead(seqAfter(this.#next, -1), ack);
    return behind >= 0 && behind <= this.span + RING / 4;
  }

  /**
   * Everything up to `ack` has come, and what the bits from `sackAt` on say, which begin two numbers later. `pure`: the packet bore
   * nothing else, so that the same number again means that something is missing. `came` hears of each.
   */
  acknowledge(
    ack: number,
    data: Uint8Array,
    sackAt: number,
    sackLength: number,
    pure: boolean,
    came: (slot: Slot) => void,
  ): void {
    this.acked = 0;
    this.sentAt = undefined;
    this.newest = 0;
    this.lostOrder = 0;
    const before = this.#oldest;
    while (this.#oldest !== this.#next && ahead(ack, this.#oldest) >= 0) {
      this.#take(this.#oldest, came);
      this.#oldest = seqAfter(this.#oldest, 1);
    }
    let behind = this.#oldest;
    const many = Math.min(8 * sackLength, this.span + 8);
    for (let i = 0; i < many; i++) {
      if (((data[sackAt + (i >> 3)] ?? 0) & (1 << (i & 7))) === 0) continue;
      const seq = seqAfter(ack, i + 2);
      if (((seq - this.#oldest) & 0xffff) >= this.span) continue;
      this.#take(seq, came);
      behind = seq;
    }
    while (this.#oldest !== this.#next && this.#at(this.#oldest) === undefined)
      this.#oldest = seqAfter(this.#oldest, 1);
    if (before === this.#oldest && pure && sackLength === 0 && this.#count > 0 && ack === seqAfter(this.#oldest, -1)) {
      if (++this.#same === OVERTAKEN) this.#lose(this.#at(this.#oldest));
    } else if (before !== this.#oldest) this.#same = 0;
    if (ahead(behind, this.#oldest) > 0) this.#findLost(behind);
  }

  /** All that is under way counts as lost. */
  loseAll(): void {
    for (let seq = this.#oldest; seq !== this.#next; seq = seqAfter(seq, 1)) this.#lose(this.#at(seq));
    this.#same = 0;
  }

  clear(): void {
    for (let i = 0; i < this.#ring.length; i++) {
      const slot = this.#ring[i];
      if (slot !== undefined) this.#pool.give(slot);
      this.#ring[i] = undefined;
    }
    this.#oldest = this.#next;
    this.#count = 0;
    this.#bytes = 0;
    this.#lost = 0;
  }

  #at(seq: number): Slot | undefined {
    return this.#ring[seq & (this.#ring.length - 1)];
  }

  #take(seq: number, came: (slot: Slot) => void): void {
    const at = seq & (this.#ring.length - 1);
    const slot = this.#ring[at];
    if (slot === undefined) return;
    this.#ring[at] = undefined;
    this.#count--;
    this.acked += slot.size;
    if (slot.lost) this.#lost--;
    else this.#bytes -= slot.size;
    if (slot.transmissions === 1 && slot.sentAt > (this.sentAt ?? -1)) this.sentAt = slot.sentAt;
    if (slot.order > this.#latest) {
      this.#latest = slot.order;
      this.newest = slot.size;
    }
    came(slot);
    this.#pool.give(slot);
  }

  /** What left well before the latest packet that came, and is older than `behind`. */
  #findLost(behind: number): void {
    // With less under way there will never be as many behind a packet that got lost.
    const overtaken = Math.max(2, Math.min(OVERTAKEN, this.span - 1));
    for (let seq = this.#oldest; seq !== behind; seq = seqAfter(seq, 1)) {
      const slot = this.#at(seq);
      if (slot !== undefined && slot.order + overtaken <= this.#latest) this.#lose(slot);
    }
  }

  #lose(slot: Slot | undefined): void {
    if (slot === undefined || slot.lost || slot.transmissions === 0) return;
    slot.lost = true;
    if (this.#lost++ === 0 || ahead(slot.seq, this.#firstLost) < 0) this.#firstLost = slot.seq;
    this.#bytes -= slot.size;
    if (slot.order > this.lostOrder) this.lostOrder = slot.order;
  }

  #grow(): void {
    const old = this.#ring;
    const ring = emptyRing(Math.min(RING, old.length * 2));
    for (let seq = this.#oldest; seq !== this.#next; seq = seqAfter(seq, 1)) {
      ring[seq & (ring.length - 1)] = old[seq & (old.length - 1)];
    }
    this.#ring = ring;
  }
}
