import type { Endpoint } from '../base/endpoint.ts';
import { Acknowledging } from './acknowledging.ts';
import { Congestion, type TimedAcked } from './congestion.ts';
import { Delays, micros } from './delays.ts';
import type { UtpHost } from './host.ts';
import { InFlight } from './in-flight.ts';
import type { Incoming, Taken } from './incoming.ts';
import {
  addSelectiveAck,
  HEADER,
  type HeaderFields,
  type Packet,
  PACKET,
  type PacketType,
  padded,
  seqAfter,
  writeHeader,
} from './packet.ts';
import { SendQueue } from './send-queue.ts';
import { DatagramSize, ETHERNET } from './sizes.ts';
import type { Slot } from './slots.ts';
import { GATHER_FROM, WINDOW_PROBE } from './times.ts';

/** Bytes that wait here without counting as queued, as those in a system's own buffer would not. */
const BUFFER = 64 * 1024;
/** Bytes of payload in a packet that is longer than the buffers of some programs may be. */
const TRIAL_PAYLOAD = 16;
/** Milliseconds after which whoever still speaks, and has not got what we sent, hardly will. */
const STILL_HEARD = 5_000;
/**
 * Time-outs in a row, each twice as long as the one before, after which whoever says nothing at all is gone. Others give up as soon, and
 * without a word: libutp after 4, libtorrent 2.0.8 when it has sent a packet 3 times (`utp_socket_impl::tick`).
 */
const MOST_UNANSWERED = 5;

export interface OutgoingFacts {
  readonly remote: Endpoint;
  readonly receiveId: number;
  readonly sendId: number;
  readonly seq: number;
}

/** What one side of a connection sends: payload within the windows, again what got lost, acknowledgements of what came. */
export class Outgoing {
  readonly #host: UtpHost;
  readonly #remote: Endpoint;
  readonly #ids: { readonly receiveId: number; readonly sendId: number };
  readonly #in: Incoming;
  readonly #queue = new SendQueue();
  readonly #flight: InFlight;
  readonly #size: DatagramSize;
  readonly #congestion: Congestion;
  readonly #delays = new Delays();
  readonly #acks = new Acknowledging();
  /** The header of the next packet. */
  readonly #fields: { -readonly [key in keyof HeaderFields]: number };
  /** What the last acknowledgement says of the way. */
  readonly #sample: { -readonly [key in keyof TimedAcked]: TimedAcked[key] } = {
    window: 0,
    bytes: 0,
    delay: undefined,
    limited: true,
    packet: 0,
    now: 0,
    trip: 0,
  };
  /** How many bytes the other side has room for. */
  #window = 0;
  /** Since when it has none, or when one packet was sent all the same. */
  #zeroSince = Infinity;
  /** `wanted`: the end is to be sent behind all that is queued. */
  #fin: 'none' | 'wanted' | 'sent' = 'none';
  /** The window, rather than what there is to send, held us back the last time. */
  #limited = true;
  /** No loss of a packet that left before this one makes the window smaller again. */
  #recovered = 0;
  #lastWindow = 0;
  #timeoutAt = Infinity;
  #heardAt: number;
  /** Time-outs since the other side was heard. */
  #unanswered = 0;
  /** When the last packet left, and when something of what we sent came last. */
  sentAt: number;
  progressAt: number;
  readonly #came = (slot: Slot): void => {
    if (slot.transmissions === 1) this.#size.arrived(slot.seq);
  };

  constructor(host: UtpHost, facts: OutgoingFacts, incoming: Incoming) {
    this.#host = host;
    this.#remote = facts.remote;
    this.#ids = facts;
    this.#in = incoming;
    this.#flight = new InFlight(host.pool, facts.seq);
    const { first, larger } = host.sizes(facts.remote);
    this.#size = new DatagramSize(first, larger, (size) => host.tooLong(facts.remote, size));
    this.#congestion = new Congestion(first);
    this.#fields = { connectionId: facts.sendId, timestamp: 0, delay: 0, window: 0, ack: 0 };
    this.sentAt = host.now;
    this.progressAt = host.now;
    this.#heardAt = host.now;
  }

  /** Bytes that were written and have not left. */
  get queued(): number {
    return Math.max(0, this.#queue.size - BUFFER);
  }

  /** Nothing is on its way, nor waits. */
  get isIdle(): boolean {
    return this.#flight.isEmpty && this.#queue.size === 0;
  }

  /** The end was sent, and it and all before it have come. */
  get isFinished(): boolean {
    return this.#fin === 'sent' && this.#flight.isEmpty;
  }

  /** The other side is gone: it has said nothing while the same was sent, or asked for, again and again. */
  get isUnanswered(): boolean {
    return this.#unanswered >= MOST_UNANSWERED || this.#acks.isUnanswered;
  }

  /** When there is something to do at the latest. */
  get due(): number {
    const probe = this.#queue.size > 0 ? this.#zeroSince + WINDOW_PROBE : Infinity;
    return Math.min(this.#acks.due, this.#timeoutAt, probe);
  }

  /** Whether an acknowledgement may wait a moment: all that came lately came in order and acknowledged nothing new, and the way is long. */
  get mayGather(): boolean {
    const { acked, lostOrder } = this.#flight;
    return acked === 0 && lostOrder === 0 && !this.#acks.isUrgent && this.#delays.trip >= GATHER_FROM;
  }

  write(data: Uint8Array): void {
    if (this.isIdle) this.progressAt = this.#host.now;
    this.#queue.add(data);
  }

  /** Sends the first packet of a connection, which bears the id that we receive with. */
  syn(): void {
    this.#transmit(this.#add(0), PACKET.syn, this.#host.now);
  }

  /** Nothing more is written. `now`: what has not left yet never will. */
  finish(now: boolean = false): void {
    if (now) this.#queue.clear();
    if (this.#fin === 'none') this.#fin = 'wanted';
  }

  mayBeAcked(ack: number): boolean {
    return this.#flight.mayBeAcked(ack);
  }

  /** Whether a reset names a packet of ours: one that is under way or went lately, or the next one, whose number our acknowledgements bear. */
  mayBeReset(ack: number): boolean {
    return this.#flight.mayBeAcked(ack) || ack === this.#flight.next;
  }

  /** What a packet says of those that we sent, of its way and of the other side's window. */
  heard(packet: Packet, data: Uint8Array): void {
    const now = this.#host.now;
    const flight = this.#flight;
    this.#heardAt = now;
    this.#unanswered = 0;
    this.#acks.heard();
    flight.acknowledge(packet.ack, data, packet.sackAt, packet.sackLength, packet.type === PACKET.state, this.#came);
    const trip = flight.sentAt === undefined ? undefined : Math.max(0, now - flight.sentAt);
    // A short packet passes a slow line sooner: who took an empty way's delay from one would always see a queue, and give way.
    this.#delays.heard(packet, now, trip, flight.newest >= this.#size.size / 2);
    this.#fields.delay = this.#delays.theirs;
    this.#window = packet.window;
    if (packet.window > 0) this.#zeroSince = Infinity;
    else if (this.#zeroSince === Infinity) this.#zeroSince = now;
    if (flight.acked > 0 || trip !== undefined) {
      this.progressAt = now;
      this.#delays.progressed();
      this.#timeoutAt = flight.isEmpty ? Infinity : now + this.#delays.timeout;
      const sample = this.#sample;
      sample.window = this.#congestion.window;
      sample.bytes = flight.acked;
      sample.delay = this.#delays.queueing;
      sample.limited = this.#limited;
      sample.packet = this.#size.size;
      sample.now = now;
      sample.trip = trip ?? this.#delays.trip;
      this.#congestion.acked(sample);
    }
    if (flight.lostOrder > 0) this.#lost(now);
  }

  /** What became of a packet that came. */
  came(what: Taken): void {
    this.#acks.came(what, this.#in.sackLength > 0 || this.#in.ended, this.#host.now, this.#delays.trip);
  }

  /** What came was read: tells the other side, where it had been told of little room. */
  windowOpened(): void {
    if (this.#lastWindow < this.#in.window / 2) this.#acks.hurry();
  }

  /** Sends what may be sent. */
  pump(): void {
    const flight = this.#flight;
    // What leaves in one go leaves at one time.
    const now = this.#host.now;
    if (this.#in.isNew) return;
    const allowed = Math.min(this.#congestion.window, this.#window);
    for (let lost = flight.lost; lost !== undefined; lost = flight.lost) {
      if (flight.bytes > 0 && flight.bytes + lost.size > allowed) return this.#hold();
      this.#transmit(lost, lost.type, now);
    }
    while (this.#queue.size > 0) {
      const most = this.#size.size - HEADER;
      const size = Math.min(most, this.#queue.size, flight.bytes === 0 ? Math.max(this.#window, 1) : Infinity);
      if (flight.isFull || (flight.bytes > 0 && flight.bytes + size > allowed)) return this.#hold();
      if (this.#window === 0) {
        if (now - this.#zeroSince < WINDOW_PROBE) return this.#hold();
        this.#zeroSince = now;
      }
      this.#pack(size, now);
    }
    this.#limited = false;
    if (this.#fin === 'wanted' && !flight.isFull) {
      this.#fin = 'sent';
      this.#transmit(this.#add(0), PACKET.fin, now);
    }
  }

  /** Acknowledges what came, where that cannot wait any longer. */
  answer(): void {
    if (this.#acks.isDue(this.#host.now) && !this.#in.isNew) this.#acknowledge();
  }

  /** Shows that we are there, as libutp does: by a number that was acknowledged already. */
  keepAlive(): void {
    this.#state(seqAfter(this.#in.ack, -1));
  }

  /** Breaks it off. */
  reset(): void {
    const out = this.#host.small(HEADER);
    this.#fill(this.#host.now);
    writeHeader(out, PACKET.reset, this.#flight.next, this.#fields);
    this.#host.send(out, this.#remote, true);
  }

  /** Time has passed. `mostResent`: how often the same packet is sent again. */
  woken(now: number, mostResent: number): void {
    this.#acks.woken(now, this.#in.sackLength > 0, this.#delays.trip);
    if (now < this.#timeoutAt) return;
    if (this.#flight.isEmpty) {
      this.#timeoutAt = Infinity;
      return;
    }
    const oldest = this.#flight.oldest;
    this.#flight.loseAll();
    const bySize = this.#size.lost(oldest);
    const first = this.#flight.lost;
    if (first === undefined || first.transmissions > mostResent) {
      this.#timeoutAt = Infinity;
      return;
    }
    if (!bySize) {
      this.#unanswered++;
      this.#delays.timedOut();
      this.#congestion.timedOut(this.#size.size);
      this.#recovered = this.#flight.order;
    }
    this.#transmit(first, first.type, now);
  }

  /** Nothing came for long that had been sent again and again. Where we still hear the other side, that is for its length. */
  stuck(): void {
    const longest = this.#flight.longest;
    if (this.#heardAt - this.progressAt >= STILL_HEARD) this.#host.tooLong(this.#remote, longest);
  }

  /** The system refuses datagrams of the size that we try. */
  tooLarge(): void {
    this.#size.refused();
  }

  clear(): void {
    this.#queue.clear();
    this.#flight.clear();
    this.#timeoutAt = Infinity;
    this.#acks.clear();
  }

  /** Not all may leave now; a window of the other side that is full says nothing about the way. */
  #hold(): void {
    this.#limited = this.#congestion.window <= this.#window;
  }

  #lost(now: number): void {
    const flight = this.#flight;
    const oldest = flight.lost;
    if (oldest !== undefined && this.#size.lost(oldest.seq) && flight.lostOrder === oldest.order) return;
    if (flight.lostOrder <= this.#recovered) return;
    if (this.#congestion.lost(this.#size.size, now)) this.#recovered = flight.order;
  }

  /** Packs the next bytes of the queue, at most so many, and sends them. */
  #pack(size: number, now: number): void {
    // Tried with a packet that is full and not the last one, so that it is seen soon whether it came.
    const full = size === this.#size.size - HEADER && this.#queue.size >= 5 * size;
    const wanted = full ? this.#size.wanted : undefined;
    if (wanted === undefined) return this.#transmit(this.#add(size), PACKET.data, now);
    // Other programs read into buffers that are too short, and take the rest for all of it: so its payload lies behind all of these.
    const slot = this.#add(wanted > ETHERNET ? TRIAL_PAYLOAD : size);
    this.#size.begin(slot.seq);
    this.#stamp(slot, PACKET.data, now);
    this.#launch(slot, padded(slot.bytes, wanted), now, false);
  }

  /** A new packet with the next bytes of the queue. */
  #add(size: number): Slot {
    const slot = this.#host.pool.take(HEADER + size);
    slot.size = size;
    slot.cut(HEADER + size);
    if (size > 0) this.#queue.take(slot.memory, HEADER, size);
    this.#flight.add(slot);
    return slot;
  }

  /** Sends a packet, for the first time or again. */
  #transmit(slot: Slot, type: PacketType, now: number): void {
    this.#stamp(slot, type, now);
    this.#launch(slot, slot.bytes, now, type !== PACKET.syn);
  }

  #stamp(slot: Slot, type: PacketType, now: number): void {
    slot.type = type;
    this.#fill(now);
    const { receiveId } = this.#ids;
    if (type === PACKET.syn) writeHeader(slot.memory, type, slot.seq, { ...this.#fields, connectionId: receiveId });
    else writeHeader(slot.memory, type, slot.seq, this.#fields);
  }

  #launch(slot: Slot, bytes: Uint8Array, now: number, quietly: boolean): void {
    if (slot.transmissions > 0) this.#size.lost(slot.seq);
    this.#flight.sent(slot, now);
    if (this.#timeoutAt === Infinity || slot.transmissions > 1) this.#timeoutAt = now + this.#delays.timeout;
    if (!this.#host.send(bytes, this.#remote, quietly)) slot.kept = true;
    // It acknowledges what came as well, but cannot say what is missing.
    if (this.#in.sackLength === 0) this.#acks.sent();
    this.sentAt = now;
  }

  #acknowledge(): void {
    this.#state(this.#in.ack);
    this.#acks.sent();
  }

  #state(ack: number): void {
    const length = this.#in.sackLength;
    const out = this.#host.small(length === 0 ? HEADER : HEADER + 2 + length);
    const { now } = this.#host;
    this.#fill(now);
    this.#fields.ack = ack;
    writeHeader(out, PACKET.state, this.#flight.next, this.#fields);
    if (length > 0) this.#in.writeSack(out, addSelectiveAck(out, length));
    this.#host.send(out, this.#remote, true);
    this.sentAt = now;
  }

  /** The parts of the next header that change with time. */
  #fill(now: number): void {
    this.#fields.timestamp = micros(now);
    this.#fields.ack = this.#in.ack;
    this.#fields.window = this.#lastWindow = this.#in.window;
  }
}
