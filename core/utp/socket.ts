import { MAX_ACCEPTED } from '../base/bounds.ts';
import { readU16 } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { DatagramHandler, DatagramSocket } from '../ports/datagram.ts';
import type { CloseReason, Connection, ConnectionHandler, DialOptions } from '../ports/net.ts';
import type { Random } from '../ports/random.ts';
import { UtpConnection, type UtpTimes } from './connection.ts';
import { micros } from './delays.ts';
import { HalfOpenUtp } from './half-open.ts';
import type { UtpHost } from './host.ts';
import { ahead, HEADER, Packet, PACKET, readPacket, seqAfter, writeHeader } from './packet.ts';
import { PathSizes, type Sizes } from './path-sizes.ts';
import { SlotPool } from './slots.ts';
import { GATHER } from './times.ts';
import { Wheel } from './wheel.ts';

/** Most answers a second to packets of connections that are not known: each is as long as what it answers. */
const MOST_RESETS = 50;

export interface UtpOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The time-outs of accepted connections. */
  readonly times: UtpTimes;
  /** Whether anybody waits for connections. */
  accepting(): boolean;
  /** A connection came; who hears of it from now on. Undefined: it is not wanted. */
  accept(connection: UtpConnection): ConnectionHandler | undefined;
  /** Bytes of the longest datagram that leaves in one piece and gets through what comes behind, such as a tunnel; undefined: not known. */
  readonly longest?: number | undefined;
}

/** A UDP socket, or a part of one. */
type UtpPath = Pick<DatagramSocket, 'send' | 'local' | 'overhead'>;

/** All uTP connections of one UDP socket, which is shared with other protocols. */
export class UtpSocket implements UtpHost, DatagramHandler {
  readonly pool = new SlotPool();
  readonly wheel: Wheel;
  readonly #options: UtpOptions;
  readonly #path: UtpPath;
  readonly #byId = new Map<number, UtpConnection>();
  readonly #asked: HalfOpenUtp;
  readonly #packet = new Packet();
  readonly #sizes: PathSizes;
  /** The time while a datagram is heard. */
  #now: number | undefined;
  /** Connections that have something to do. */
  #dirty: UtpConnection[] = [];
  #due = false;
  /** Those that wait for more to come, some of which have acted meanwhile. */
  readonly #gathering: UtpConnection[] = [];
  #gatherTimer: Timer | undefined;
  #count = 0;
  #accepted = 0;
  /** Memory for packets without payload, by length. */
  readonly #small: (Uint8Array | undefined)[] = [];
  #resets = 0;
  #resetsSince = -Infinity;
  #closed = false;
  readonly #flush = (): void => this.#act();

  constructor(path: UtpPath, options: UtpOptions) {
    this.#path = path;
    this.#options = options;
    this.wheel = new Wheel(options.clock);
    this.#sizes = new PathSizes(options.longest);
    this.#asked = new HalfOpenUtp(() => this.#random16());
  }

  get local(): Endpoint {
    return this.#path.local;
  }

  get now(): number {
    return this.#now ?? this.#options.clock.now();
  }

  /** How many connections there are, those included that only bring across what was sent last. */
  get size(): number {
    return this.#count;
  }

  /** How many of them were accepted. */
  get standing(): number {
    return this.#accepted;
  }

  /** Connections that somebody asked for and that do not stand yet. */
  get halfOpen(): number {
    return this.#asked.size;
  }

  /** Dials; the outcome comes through the handler. */
  dial(options: DialOptions, handler: ConnectionHandler): Connection {
    const { remote, connectTimeout, silenceTimeout, stuckTimeout } = options;
    const receiveId = this.#freeId(remote);
    const facts = {
      remote,
      outgoing: true,
      receiveId,
      sendId: seqAfter(receiveId, 1),
      seq: this.#random16(),
      ack: undefined,
      times: { connect: connectTimeout, silence: silenceTimeout, stuck: stuckTimeout },
    };
    const connection = new UtpConnection(this, facts, handler);
    this.#add(connection);
    this.mark(connection);
    return connection;
  }

  /** A datagram came that looks like uTP. */
  received(data: Uint8Array, host: string, port: number): void {
    const packet = this.#packet;
    if (this.#closed || !readPacket(data, packet)) return;
    this.#now = this.#options.clock.now();
    try {
      this.#take(packet, data, host, port);
    } finally {
      this.#now = undefined;
    }
  }

  #take(packet: Packet, data: Uint8Array, host: string, port: number): void {
    if (packet.type === PACKET.syn) return this.#wasAsked(packet, host, port);
    const connection = this.#find(packet.connectionId, host, port) ?? this.#opened(packet, host, port);
    if (connection !== undefined) return connection.received(packet, data);
    if (packet.type === PACKET.reset) this.#wasReset(packet, data, host, port);
    else this.#unknown(packet, host, port);
  }

  /** The system refused a datagram. */
  failed(code: string, host: string, port: number): void {
    for (const one of this.#all()) if (one.remote.port === port && one.remote.host === host) one.refused(code);
  }

  /** The socket is gone: all connections end. */
  close(reason: CloseReason = { kind: 'error', code: 'EADDRNOTAVAIL' }): void {
    if (this.#closed) return;
    for (const one of this.#all()) one.drop(reason);
    this.#closed = true;
    this.#gatherTimer?.cancel();
    this.#gathering.length = 0;
    this.#asked.clear();
    this.#sizes.clear();
    this.pool.drop();
  }

  sizes(remote: Endpoint): Sizes {
    const { overhead = 0 } = this.#path;
    const { first, larger } = this.#sizes.to(remote, this.now);
    return overhead === 0
      ? { first, larger }
      : { first: first - overhead, larger: larger.map((size) => size - overhead) };
  }

  tooLong(remote: Endpoint, size: number): void {
    this.#sizes.tooLong(remote, size + (this.#path.overhead ?? 0), this.now);
  }

  send(data: Uint8Array, to: Endpoint, quietly: boolean): boolean {
    const free = this.#path.send(data, to.host, to.port, quietly);
    if (!free && this.#small[data.length] === data) this.#small[data.length] = undefined;
    return free;
  }

  small(length: number): Uint8Array {
    return (this.#small[length] ??= new Uint8Array(length));
  }

  mark(connection: UtpConnection): void {
    if (connection.dirty) return;
    connection.dirty = true;
    this.#dirty.push(connection);
    if (this.#due) return;
    this.#due = true;
    this.#options.clock.soon(this.#flush);
  }

  gather(connection: UtpConnection): void {
    if (connection.dirty || connection.gathering) return;
    connection.gathering = true;
    this.#gathering.push(connection);
    this.#gatherTimer ??= this.#options.clock.after(millis(GATHER), () => this.#gathered());
  }

  forget(connection: UtpConnection): void {
    const first = this.#byId.get(connection.receiveId);
    if (first === connection) {
      if (connection.sibling === undefined) this.#byId.delete(connection.receiveId);
      else this.#byId.set(connection.receiveId, connection.sibling);
    } else {
      let before = first;
      while (before !== undefined && before.sibling !== connection) before = before.sibling;
      if (before === undefined) return;
      before.sibling = connection.sibling;
    }
    connection.sibling = undefined;
    this.#count--;
    if (!connection.outgoing) this.#accepted--;
    if (this.#count === 0) this.pool.drop();
  }

  soon(task: () => void): void {
    this.#options.clock.soon(task);
  }

  #gathered(): void {
    this.#gatherTimer = undefined;
    // Some have acted meanwhile.
    for (const one of this.#gathering.splice(0)) if (one.gathering) this.mark(one);
  }

  #act(): void {
    this.#due = false;
    const dirty = this.#dirty;
    // Those that are marked meanwhile join.
    for (let i = 0; i < dirty.length; i++) dirty[i]?.act();
    dirty.length = 0;
  }

  #all(): UtpConnection[] {
    const all: UtpConnection[] = [];
    for (let one of this.#byId.values()) {
      all.push(one);
      while (one.sibling !== undefined) all.push((one = one.sibling));
    }
    return all;
  }

  #add(connection: UtpConnection): void {
    connection.sibling = this.#byId.get(connection.receiveId);
    this.#byId.set(connection.receiveId, connection);
    this.#count++;
    if (!connection.outgoing) this.#accepted++;
  }

  #find(id: number, host: string, port: number): UtpConnection | undefined {
    let one = this.#byId.get(id);
    while (one !== undefined && (one.remote.port !== port || one.remote.host !== host)) one = one.sibling;
    return one;
  }

  /** Somebody wants a connection. Nothing but a short note is kept until it shows that our answer reached it. */
  #wasAsked(packet: Packet, host: string, port: number): void {
    if (!this.#options.accepting() || this.standing >= MAX_ACCEPTED) return;
    if (this.#find(seqAfter(packet.connectionId, 1), host, port) !== undefined) return;
    const now = this.now;
    const asked = this.#asked.add({ host, port }, packet.connectionId, packet.seq, now);
    if (asked !== undefined) this.#reply(PACKET.state, asked.id, asked.seq, packet, asked.remote);
  }

  /** The first packet of a connection that was asked for, if it is that: it names the number that we answered with. */
  #opened(packet: Packet, host: string, port: number): UtpConnection | undefined {
    if (packet.type !== PACKET.data) return undefined;
    const asked = this.#asked.get(host, port, seqAfter(packet.connectionId, -1));
    if (asked === undefined || packet.ack !== seqAfter(asked.seq, -1) || ahead(packet.seq, asked.ack) <= 0) {
      return undefined;
    }
    this.#asked.delete(asked);
    const facts = { remote: asked.remote, outgoing: false, receiveId: packet.connectionId, sendId: asked.id };
    const { times } = this.#options;
    const connection = new UtpConnection(this, { ...facts, seq: asked.seq, ack: asked.ack, times }, undefined);
    this.#add(connection);
    const handler = this.#options.accept(connection);
    if (handler === undefined) connection.destroy();
    else connection.attach(handler);
    return connection;
  }

  /** A reset that bears the id of our packets: libutp answers so, as it knows no other. */
  #wasReset(packet: Packet, data: Uint8Array, host: string, port: number): void {
    for (const by of [1, -1]) {
      const one = this.#find(seqAfter(packet.connectionId, by), host, port);
      if (one?.sendId === packet.connectionId) one.received(packet, data);
    }
  }

  /** A packet of a connection that we do not know: its sender had better know that. */
  #unknown(packet: Packet, host: string, port: number): void {
    const now = this.now;
    if (now - this.#resetsSince >= 1000) {
      this.#resetsSince = now;
      this.#resets = 0;
    }
    if (++this.#resets > MOST_RESETS) return;
    this.#reply(PACKET.reset, packet.connectionId, this.#random16(), packet, { host, port });
  }

  #reply(type: 2 | 3, connectionId: number, seq: number, to: Packet, remote: Endpoint): void {
    const out = this.small(HEADER);
    const timestamp = micros(this.now);
    const delay = (timestamp - to.timestamp) >>> 0;
    writeHeader(out, type, seq, { connectionId, timestamp, delay, window: 1 << 20, ack: to.seq });
    this.send(out, remote, true);
  }

  #freeId(remote: Endpoint): number {
    for (;;) {
      const id = this.#random16();
      if (this.#find(id, remote.host, remote.port) === undefined) return id;
    }
  }

  #random16(): number {
    return readU16(this.#options.random.bytes(2), 0);
  }
}
