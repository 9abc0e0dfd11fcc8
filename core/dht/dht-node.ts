import { sameBytes, toHex } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import { type Millis, millis } from '../base/ids.ts';
import { familyOf, parseIp } from '../base/ip.ts';
import type { Timer } from '../ports/clock.ts';
import type { DatagramHandler } from '../ports/datagram.ts';
import type { DhtNodeOptions, DhtSearch, DhtSibling, DhtStatus, SavedDht, SearchOptions } from './contract.ts';
import { ExternalAddress } from './external-address.ts';
import { Joining, POOR } from './joining.ts';
import { type KrpcMessage, type KrpcQuery, type KrpcReply, MAX_MESSAGE_IN, decodeKrpc } from './krpc.ts';
import { ID_BYTES, type NodeId, asNodeId } from './node-id.ts';
import type { Query } from './queries.ts';
import { Reachability } from './reachability.ts';
import { Responder, closestNodes } from './responder.ts';
import { RoutingTable } from './routing-table.ts';
import { Rpc } from './rpc.ts';
import { MAX_SAVED_NODES, savedDht, savedId, savedPlaces } from './saved.ts';
import { Search } from './search.ts';
import { Searches } from './searches.ts';
import { isSecureId, secureId } from './secure-id.ts';
import type { Self } from './self.ts';
import { Senders } from './senders.ts';
import { Upkeep } from './upkeep.ts';

/** How often a node looks what there is to do: while something is asked or searched, and at least. */
const BUSY = millis(200);
const IDLE = millis(5_000);
const AT_ONCE = millis(0);
/** Torrents whose peers are looked through at each beat. */
const SWEPT = 50;
/** How long an id that follows from our address stays at least. */
const ID_KEPT = millis(10 * 60_000);

/**
 * One node of the DHT (BEP 5) for one local address. It has no socket and one timer: datagrams come in by `received` and go out by
 * `send`. Nothing happens before `start` and after `stop`; it may be started again, with its table.
 */
export class DhtNode implements DatagramHandler, DhtSibling {
  readonly #options: DhtNodeOptions;
  readonly #self: Self;
  readonly #table: RoutingTable;
  readonly #rpc: Rpc;
  readonly #responder: Responder;
  readonly #senders: Senders;
  readonly #external: ExternalAddress;
  readonly #reachability: Reachability;
  readonly #searches = new Searches();
  readonly #upkeep: Upkeep;
  #joining: Joining | undefined;
  #timer: { readonly due: number; readonly timer: Timer } | undefined;
  #received = { messages: 0, bytes: 0 };
  /** When a node answered us last: while nobody does, silence says nothing of a node. */
  #answeredAt = -Infinity;
  #idSince = -Infinity;

  constructor(options: DhtNodeOptions) {
    this.#options = options;
    const { random, family, version, saved } = options;
    const now = this.#now();
    const kept = saved?.family === family ? savedId(saved.id) : undefined;
    this.#table = new RoutingTable(kept ?? (random.bytes(ID_BYTES) as NodeId));
    const send = (data: Uint8Array, host: string, port: number): void => options.send(data, host, port);
    this.#rpc = new Rpc({ random, now, version, send });
    this.#senders = new Senders(now);
    this.#external = new ExternalAddress(family);
    this.#reachability = new Reachability(now);
    this.#self = {
      random,
      family,
      table: this.#table,
      rpc: this.#rpc,
      now: () => this.#now(),
      ask: (question, owner) => {
        const time = this.#now();
        const { readOnly } = this.#reachability;
        const asked = this.#rpc.ask({ ...question, self: this.#table.id, readOnly }, owner, time);
        if (asked !== undefined) this.#reachability.asked(question.host, time);
        return asked;
      },
    };
    this.#responder = new Responder(this.#self, () => options.sibling?.());
    this.#upkeep = new Upkeep(this.#self);
  }

  start(): void {
    if (this.#joining !== undefined) return;
    const { saved, family } = this.#options;
    const places = saved?.family === family ? savedPlaces(saved.nodes, family).slice(0, MAX_SAVED_NODES) : [];
    this.#joining = new Joining(this.#self, places, {
      bootstrap: () => this.#options.bootstrap(),
      sibling: () => this.#options.sibling?.(),
      wake: () => this.#wake(AT_ONCE),
    });
    this.#wake(AT_ONCE);
  }

  /** Ends all searches. */
  stop(): void {
    this.#searches.end();
    this.#joining?.end();
    this.#joining = undefined;
    this.#rpc.queries.drop(this.#upkeep);
    this.#timer?.timer.cancel();
    this.#timer = undefined;
  }

  received(data: Uint8Array, host: string, port: number): void {
    if (this.#joining === undefined || data.length > MAX_MESSAGE_IN) return;
    // An address with a zone means nothing to others.
    if (familyOf(host) !== this.#options.family || host.includes('%')) return;
    const now = this.#now();
    const expected = this.#rpc.queries.expects(host, port) && !this.#senders.isMuted(host, port, now);
    if (!expected && !this.#senders.admit(host, port, data.length, now)) return;
    this.#received.messages++;
    this.#received.bytes += data.length;
    let message: KrpcMessage;
    try {
      message = decodeKrpc(data);
    } catch (error) {
      if (error instanceof EnsembleError) return;
      throw error;
    }
    if (message.kind !== 'query') return this.#answer(message, host, port, now);
    // A node that we just asked has no more right to ask us than others.
    if (expected && !this.#senders.admit(host, port, data.length, now)) return;
    this.#question(message, host, port, now);
  }

  /** The system refuses to send there: that is no fault of the node. */
  failed(_code: string, host: string, port: number): void {
    for (const query of this.#rpc.queries.unreachable(host, port)) query.owner.failed(query);
  }

  /** Looks for peers of the torrent with this hash of 20 bytes. A few searches run at a time; others wait for their turn. */
  search(infoHash: Uint8Array, options: SearchOptions): DhtSearch {
    const target = asNodeId(infoHash.slice());
    if (target === undefined)
      throw new EnsembleError('usage', `A hash of ${infoHash.length} bytes cannot be searched for.`);
    const search = new Search(this.#self, target, options);
    if (this.#joining === undefined) search.cancel();
    else this.#searches.add(search, this.#now());
    this.#wake(AT_ONCE);
    return search;
  }

  /** There may be a node here, by a peer's `port` message or a torrent's `nodes`. Names and other families are left out. */
  heardOf(endpoint: Endpoint): void {
    const { host, port } = endpoint;
    if (this.#joining === undefined || port < 1 || port > 65535) return;
    if (parseIp(host) === undefined || familyOf(host) !== this.#options.family || this.#table.knows(host)) return;
    if (this.#table.counts(this.#now()).good < POOR) this.#joining.heardOf(endpoint);
    this.#upkeep.heardOf(endpoint);
    this.#wake();
  }

  /**
   * Whether others reach us unasked, where somebody else knows: a port mapping holds, or a peer came in. Undefined: the node finds
   * out by itself (which takes half an hour) whether it has to be read-only.
   */
  reachable(known: boolean | undefined): void {
    this.#reachability.told(known);
  }

  /** The local address or the way to the internet has changed: what others said about our address is forgotten, and the table asked anew. */
  moved(): void {
    this.#external.forget();
    this.#reachability.forget(this.#now());
    this.#table.pardon();
    this.#idSince = -Infinity;
    this.#joining?.again();
    this.#wake(AT_ONCE);
  }

  closestNodes(target: Uint8Array): Uint8Array {
    const id = asNodeId(target);
    return id === undefined ? new Uint8Array(0) : closestNodes(this.#self, id);
  }

  status(): DhtStatus {
    const now = this.#now();
    const nodes = this.#table.counts(now);
    const joined = this.#joining?.joined === true && nodes.good > 0;
    return {
      family: this.#options.family,
      id: toHex(this.#table.id),
      state: this.#joining === undefined ? 'stopped' : joined ? 'joined' : 'joining',
      nodes,
      kept: this.#responder.store.counts,
      externalAddress: this.#external.address,
      readOnly: this.#reachability.readOnly,
      sent: this.#rpc.sent,
      received: { ...this.#received },
      muted: this.#senders.muted(now),
      searches: this.#searches.count,
    };
  }

  save(): SavedDht {
    const { id } = this.#table;
    const nodes = this.#table.closest(id, MAX_SAVED_NODES, ({ fails }) => fails === 0);
    return savedDht(this.#options.family, id, nodes);
  }

  #now(): Millis {
    const { clock } = this.#options;
    return millis(clock.now() + clock.slept());
  }

  #question(query: KrpcQuery, host: string, port: number, now: Millis): void {
    this.#reachability.heard(host, now);
    if (this.#reachability.readOnly) return;
    const answer = this.#responder.answer(query, host, port);
    if (answer !== undefined) this.#rpc.answer(answer, host, port, now);
    if (query.id !== undefined && !query.readOnly) this.#table.heard({ id: query.id, host, port }, true, now);
  }

  #answer(message: Exclude<KrpcMessage, KrpcQuery>, host: string, port: number, now: Millis): void {
    const query = this.#rpc.queries.take(message.transaction, host, port);
    if (query === undefined) {
      // Answers to nothing are counted, too, also of those whom we just asked something else.
      this.#senders.admit(host, port, 0, now);
      return;
    }
    this.#answeredAt = now;
    this.#reachability.answered();
    if (message.ip !== undefined) this.#external.vote(message.ip, host);
    if (message.kind === 'error') query.owner.failed(query);
    else this.#reply(query, message, now);
    this.#wake();
  }

  #reply(query: Query, reply: KrpcReply, now: Millis): void {
    const { host, port } = query;
    const believed = this.#table.answered({ id: reply.id, host, port }, now - query.sentAt, now);
    if (believed && !sameBytes(reply.id, this.#table.id)) query.owner.answered(query, reply);
    else query.owner.failed(query);
  }

  /** Our id has to follow from the address at which others see us (BEP 42). */
  #followAddress(now: Millis): void {
    const { address } = this.#external;
    const ip = address === undefined ? undefined : parseIp(address);
    if (address === undefined || ip === undefined || isSecureId(this.#table.id, address)) return;
    if (now - this.#idSince < ID_KEPT) return;
    this.#idSince = now;
    this.#table.setId(secureId(this.#options.random, ip));
    this.#joining?.again();
  }

  #beat(): void {
    const joining = this.#joining;
    if (joining === undefined) return;
    const now = this.#now();
    for (const query of this.#rpc.queries.sweep(now)) {
      this.#table.failed(query.host, query.port, this.#answeredAt <= query.sentAt);
      query.owner.failed(query);
    }
    this.#followAddress(now);
    const { good, questionable } = this.#table.counts(now);
    joining.pump(good, now);
    this.#searches.pump(good + questionable, !joining.joined, now);
    this.#upkeep.pump(good, now);
    this.#responder.store.sweep(SWEPT, now);
    this.#reachability.pump(now);
    this.#wake();
  }

  /** Sets the one timer to when there is something to do, in `most` milliseconds at the latest. */
  #wake(most: Millis = IDLE): void {
    if (this.#joining === undefined) return;
    const now = this.#now();
    const busy = this.#rpc.queries.size > 0 || this.#joining.running || this.#searches.any;
    const period = Math.min(most, busy ? BUSY : Math.max(BUSY, this.#upkeep.nextAt - now));
    if (this.#timer !== undefined && this.#timer.due <= now + period) return;
    this.#timer?.timer.cancel();
    const timer = this.#options.clock.after(millis(period), () => {
      this.#timer = undefined;
      this.#beat();
    });
    this.#timer = { due: now + period, timer };
  }
}
