import type { Endpoint } from '../base/endpoint.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../ports/net.ts';
import { Incoming } from './incoming.ts';
import type { Packet } from './packet.ts';
import { PACKET, seqAfter } from './packet.ts';
import { Outgoing } from './outgoing.ts';
import type { UtpHost, UtpMember } from './host.ts';
import { CHUNK } from './slots.ts';
import { GATHER, KEEP_ALIVE, LINGER } from './times.ts';
import { Waiting } from './wheel.ts';

/** The time-outs of a connection, in milliseconds. `connect`: of one that is dialled. */
export interface UtpTimes {
  readonly connect: number;
  readonly silence: number;
  readonly stuck: number;
}

/** What both sides of a connection agreed on, or are about to. */
export interface UtpFacts {
  readonly remote: Endpoint;
  readonly outgoing: boolean;
  /** What packets to us bear, and what ours do. */
  readonly receiveId: number;
  readonly sendId: number;
  /** The number of our first packet. */
  readonly seq: number;
  /** The number before that of their first packet; undefined until they answer. */
  readonly ack: number | undefined;
  readonly times: UtpTimes;
}

/**
 * `lingering`: over for whoever held it; what was sent last is still brought across.
 */
type State = 'connecting' | 'open' | 'ending' | 'lingering' | 'over';

/** How often the first packet is sent again. */
const MOST_SYNS = 2;

/** A connection over uTP (BEP 29). It hears of packets and of the time; when it may act again follows from what it says to its host. */
export class UtpConnection extends Waiting implements Connection, UtpMember {
  readonly remote: Endpoint;
  readonly outgoing: boolean;
  readonly transport = 'utp';
  readonly receiveId: number;
  readonly sendId: number;
  readonly #host: UtpHost;
  readonly #times: UtpTimes;
  readonly #out: Outgoing;
  readonly #in: Incoming;
  #handler: ConnectionHandler | undefined;
  #state: State;
  #reason: CloseReason | undefined;
  #paused = false;
  #corked = false;
  /** Not all that was written had left. */
  #waiting = false;
  readonly #since: number;
  #heardAt: number;
  #lingerUntil = Infinity;
  dirty = false;
  gathering = false;
  /** When it did last what there was to do. */
  #actedAt = -Infinity;
  /** The next one with the same `receiveId`, of another endpoint. */
  sibling: UtpConnection | undefined;

  constructor(host: UtpHost, facts: UtpFacts, handler: ConnectionHandler | undefined) {
    super();
    this.#host = host;
    this.remote = facts.remote;
    this.outgoing = facts.outgoing;
    this.receiveId = facts.receiveId;
    this.sendId = facts.sendId;
    this.#times = facts.times;
    this.#handler = handler;
    this.#state = facts.outgoing ? 'connecting' : 'open';
    this.#since = host.now;
    this.#heardAt = host.now;
    this.#in = new Incoming(host.pool, facts.ack);
    this.#out = new Outgoing(host, facts, this.#in);
    if (facts.outgoing) this.#out.syn();
  }

  get local(): Endpoint {
    return this.#host.local;
  }

  get queued(): number {
    return this.#out.queued;
  }

  handOver(handler: ConnectionHandler): void {
    if (this.#handler !== undefined) this.#handler = handler;
  }

  /** Sets who hears of an accepted connection. */
  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  write(data: Uint8Array): boolean {
    if (this.#state !== 'open' && this.#state !== 'connecting') return false;
    this.#out.write(data);
    this.#waiting = this.#out.queued > 0;
    if (!this.#corked) this.#host.mark(this);
    return !this.#waiting;
  }

  cork(): void {
    this.#corked = true;
  }

  uncork(): void {
    this.#corked = false;
    this.#host.mark(this);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#heardAt = this.#host.now;
    this.#host.mark(this);
  }

  end(): void {
    if (this.#state === 'connecting') return this.destroy();
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#reason ??= { kind: 'local' };
    this.#corked = false;
    this.#paused = false;
    this.#out.finish();
    this.#host.mark(this);
  }

  destroy(): void {
    this.#close({ kind: 'local' }, true);
  }

  /** Ends it here without a word to the other side. */
  fail(reason: CloseReason): void {
    this.#close(reason, false);
  }

  /** Its socket goes: nothing can be brought across any more, and the other side hears that at once, as far as it is still reached. */
  drop(reason: CloseReason): void {
    if (this.#state !== 'connecting' && this.#state !== 'over') this.#out.reset();
    this.fail(reason);
    if (this.#state !== 'over') this.#over();
  }

  /** A packet came. */
  received(packet: Packet, data: Uint8Array): void {
    if (this.#state === 'over') return;
    const now = this.#host.now;
    if (packet.type === PACKET.reset) return this.#reset(packet);
    if (packet.type === PACKET.syn || !this.#out.mayBeAcked(packet.ack)) return;
    if (this.#state === 'connecting') {
      if (packet.type !== PACKET.state) return;
      this.#in.begin(seqAfter(packet.seq, -1));
      this.#state = 'open';
      this.#heardAt = now;
      this.#out.heard(packet, data);
      this.#host.mark(this);
      this.#handler?.connected?.(this);
      return;
    }
    this.#out.heard(packet, data);
    const bears = packet.type === PACKET.data || packet.type === PACKET.fin;
    if (bears) this.#take(packet, data, now);
    if (bears && this.#mayGather(now)) this.#host.gather(this);
    else this.#host.mark(this);
  }

  /** The system refused a datagram to this place. */
  refused(code: string): void {
    if (code === 'EMSGSIZE') return this.#out.tooLarge();
    // What is lost on the way comes again; but an address that is gone leads nowhere.
    if (this.#state === 'connecting') this.fail({ kind: 'error', code });
  }

  /** Does what there is to do: hands over what came, sends what may be sent. */
  act(): void {
    const handler = this.#handler;
    if (this.#state === 'open' && this.#in.waiting > 0 && handler !== undefined) {
      this.#in.deliver(this.#reads, this.#read);
      if (this.#in.waiting === 0) this.#out.windowOpened();
    } else if (this.#state === 'ending' || this.#state === 'lingering') this.#in.clear();
    this.dirty = false;
    this.gathering = false;
    this.#actedAt = this.#host.now;
    this.#checkEnd();
    if (this.#state === 'over') return;
    if (!this.#corked) this.#out.pump();
    this.#out.answer();
    if (this.#waiting && this.#out.queued === 0 && this.#state === 'open') {
      this.#waiting = false;
      this.#handler?.drained?.(this);
    }
    this.#host.wheel.wake(this, this.#nextDue());
  }

  override woken(now: number): number {
    if (this.#state === 'over') return Infinity;
    const { connect, silence, stuck } = this.#times;
    if (this.#state === 'connecting') {
      if (now - this.#since >= connect) this.fail({ kind: 'timeout', what: 'connect' });
    } else if (this.#state === 'lingering') {
      if (now >= this.#lingerUntil) this.#over();
    } else {
      if (this.#paused || this.#in.waiting > 0) this.#heardAt = now;
      if (now - this.#heardAt >= silence) this.#abort({ kind: 'timeout', what: 'silence' });
      else if (!this.#out.isIdle && now - this.#out.progressAt >= stuck)
        this.#abort({ kind: 'timeout', what: 'stuck' });
    }
    if (this.#isOver()) return Infinity;
    this.#out.woken(now, this.#state === 'connecting' ? MOST_SYNS : Infinity);
    if (this.#out.isUnanswered) {
      this.#abort({ kind: 'timeout', what: 'stuck' });
      return Infinity;
    }
    if (this.#state === 'open' && now - this.#out.sentAt >= KEEP_ALIVE) this.#out.keepAlive();
    this.#host.mark(this);
    return this.#nextDue();
  }

  /** When there is something to do at the latest. */
  #nextDue(): number {
    const { connect, silence, stuck } = this.#times;
    const own = this.#out.due;
    if (this.#state === 'connecting') return Math.min(own, this.#since + connect);
    if (this.#state === 'lingering') return Math.min(own, this.#lingerUntil);
    const idle = this.#out.isIdle ? Infinity : this.#out.progressAt + stuck;
    return Math.min(own, this.#out.sentAt + KEEP_ALIVE, this.#heardAt + silence, idle);
  }

  /** Whether what came may wait for more: it is part of a stream that flows, and nobody waits for an answer of ours. */
  #mayGather(now: number): boolean {
    const { waiting } = this.#in;
    return now - this.#actedAt < GATHER && waiting < CHUNK && !this.#paused && this.#out.mayGather;
  }

  readonly #reads = (): boolean => !this.#paused && this.#state === 'open';

  readonly #read = (data: Uint8Array): void => {
    this.#handler?.data(this, data);
  };

  #take(packet: Packet, data: Uint8Array, now: number): void {
    const came = this.#in.take(packet.seq, data, packet.payloadAt, packet.type === PACKET.fin);
    if (came === 'next' || came === 'missed') this.#heardAt = now;
    this.#out.came(came);
  }

  /** The other side knows nothing of this connection (any more). It has to name what we sent: whoever guesses cannot end it. */
  #reset(packet: Packet): void {
    if (!this.#out.mayBeReset(packet.ack)) return;
    const refused = this.#state === 'connecting';
    if (this.#state === 'lingering') return this.#over();
    this.fail({ kind: 'error', code: refused ? 'ECONNREFUSED' : 'ECONNRESET' });
  }

  /** Whether the streams of one or both sides are through. */
  #checkEnd(): void {
    if (this.#state === 'open' && this.#in.ended && this.#in.waiting === 0) this.#close({ kind: 'remote' }, true);
    else if (this.#state === 'ending' && (this.#out.isFinished || this.#in.ended)) this.#close({ kind: 'local' }, true);
    else if (this.#state === 'lingering' && this.#out.isFinished) this.#over();
  }

  #abort(reason: CloseReason): void {
    if (reason.kind === 'timeout' && reason.what === 'stuck') this.#out.stuck();
    this.#out.reset();
    this.fail(reason);
  }

  /** `orderly`: the other side hears of it, and what was sent is still brought across. */
  #close(reason: CloseReason, orderly: boolean): void {
    if (this.#state === 'over' || this.#state === 'lingering') return;
    const linger = orderly && this.#state !== 'connecting';
    const handler = this.#handler;
    const told = this.#reason ?? reason;
    this.#handler = undefined;
    this.#state = 'lingering';
    if (handler !== undefined) this.#host.soon(() => handler.closed(this, told));
    if (!linger) return this.#over();
    this.#lingerUntil = this.#host.now + LINGER;
    this.#out.finish(true);
    this.#host.mark(this);
  }

  #over(): void {
    this.#state = 'over';
    this.#out.clear();
    this.#in.clear();
    this.#host.wheel.forget(this);
    this.#host.forget(this);
  }

  #isOver(): boolean {
    return this.#state === 'over';
  }
}
