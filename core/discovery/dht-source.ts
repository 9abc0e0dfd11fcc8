import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import { type Millis, millis } from '../base/ids.ts';
import type { SourceStatus } from '../engine/statuses.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { planSearch } from '../strategy/peers/dht-plan.ts';
import { agendaOf } from './agenda.ts';
import { DistinctCount } from './distinct-count.ts';
import type { PeerSource, SourceNeeds } from './peer-source.ts';

/** A search that somebody asked for is not made sooner than this after the last one. */
const ASKED_AFTER = 30_000;
/** How often it looks whether there are still peers while something is left to fetch. */
const LOOK_EVERY = 30_000;

/** What came of a search at all nodes that made it. */
export interface DhtOutcome {
  /** Nodes that answered. */
  readonly nodes: number;
  /** Nodes that took our announce. */
  readonly announced: number;
}

/** The nodes that serve one torrent of this identity, in this process or in another. */
export interface DhtAccess {
  /** Whether any node serves it now. */
  readonly ready: boolean;
  /** Searches at all of them. `done` never rejects. */
  search(options: {
    readonly announce: { readonly port: number; readonly seed: boolean } | undefined;
    found(peers: readonly Endpoint[]): void;
  }): { cancel(): void; readonly done: Promise<DhtOutcome> };
  /** They need not serve it any more. */
  close(): void;
}

export interface DhtSourceOptions extends SourceNeeds {
  readonly ports: { readonly clock: Clock; readonly random: Random };
  /** Has nodes serve the torrent; `changed` is called when they come or go. */
  open(changed: () => void): DhtAccess;
  /** Whether the user wants it, as of now. */
  on(): boolean;
  /** Where peers reach us; undefined: nowhere, or they are not to know. Then it only searches. */
  port(): number | undefined;
  /** A search is over: the status tells more. */
  onNews?(): void;
}

/** Finds peers by the DHT, and announces one identity of a torrent there (E1). */
export class DhtSource implements PeerSource {
  readonly kind = 'dht';
  readonly #o: DhtSourceOptions;
  #running = false;
  #access: DhtAccess | undefined;
  #search: { cancel(): void } | undefined;
  #timer: Timer | undefined;
  #lastAt: Millis | undefined;
  #unanswered = 0;
  #fruitless = 0;
  #spread = 0;
  #asked = false;
  #outcome: DhtOutcome = { nodes: 0, announced: 0 };
  readonly #found = new DistinctCount();

  constructor(options: DhtSourceOptions) {
    this.#o = options;
  }

  start(): void {
    this.#running = true;
    this.retuned();
  }

  /** What the node under way has found is lost; there is nothing like a farewell in the DHT. */
  stop(): Promise<void> {
    this.#running = false;
    this.retuned();
    return Promise.resolve();
  }

  announceNow(): void {
    this.#asked = true;
    this.#schedule();
  }

  /** Nodes that were told the old port keep it until they forget it. */
  moved(): void {
    this.announceNow();
  }

  /** Searches that nobody answered never left. */
  wayCame(): void {
    if (this.#unanswered === 0) return;
    this.#unanswered = 0;
    this.#lastAt = undefined;
    this.#schedule();
  }

  completed(): void {}

  retuned(): void {
    const wanted = this.#running && this.#o.on();
    if (wanted === (this.#access !== undefined)) return;
    if (wanted) {
      this.#access = this.#o.open(() => this.#schedule());
      this.#schedule();
    } else {
      this.#access?.close();
      this.#access = undefined;
      this.#search?.cancel();
      this.#search = undefined;
      this.#timer?.cancel();
      this.#lastAt = undefined;
      this.#unanswered = 0;
      this.#fruitless = 0;
      this.#outcome = { nodes: 0, announced: 0 };
    }
  }

  status(): Extract<SourceStatus, { kind: 'dht' }> {
    const now = this.#o.ports.clock.now();
    const last = this.#lastAt === undefined ? undefined : millis(Math.max(0, now - this.#lastAt));
    const due = this.#access?.ready === true && this.#search === undefined ? this.#dueAt() : undefined;
    const next = due === undefined ? undefined : millis(Math.max(0, due - now));
    return {
      kind: this.kind,
      state: this.#state,
      ...this.#outcome,
      found: this.#found.count,
      ...(last === undefined ? {} : { last }),
      ...(next === undefined ? {} : { next }),
    };
  }

  get #state(): Extract<SourceStatus, { kind: 'dht' }>['state'] {
    if (this.#access === undefined) return 'off';
    if (!this.#access.ready || this.#unanswered > 0) return 'joining';
    return this.#search === undefined ? 'waiting' : 'searching';
  }

  /** Undefined: at once. */
  #dueAt(): Millis | undefined {
    const planned = planSearch({
      lastAt: this.#lastAt,
      unanswered: this.#unanswered,
      fruitless: this.#fruitless,
      complete: this.#o.complete(),
      peers: this.#o.peerCount(),
      spread: this.#spread,
    });
    if (planned === undefined || this.#lastAt === undefined || !this.#asked) return planned;
    return millis(Math.min(planned, this.#lastAt + ASKED_AFTER));
  }

  #schedule(): void {
    this.#timer?.cancel();
    if (this.#access?.ready !== true || this.#search !== undefined) return;
    const now = this.#o.ports.clock.now();
    const wait = (this.#dueAt() ?? now) - now;
    if (wait <= 0) return this.#begin(this.#access);
    const look = this.#o.complete() ? wait : Math.min(wait, LOOK_EVERY);
    this.#timer = agendaOf(this.#o.ports.clock).after(millis(look), () => this.#schedule());
  }

  #begin(access: DhtAccess): void {
    const { ports } = this.#o;
    this.#asked = false;
    const reachedAt = this.#o.port();
    const search = access.search({
      announce: reachedAt === undefined ? undefined : { port: reachedAt, seed: this.#o.complete() },
      found: (peers) => {
        if (this.#search !== search || peers.length === 0) return;
        for (const peer of peers) this.#found.add(formatEndpoint(peer));
        this.#o.found(this.kind, peers);
      },
    });
    this.#search = search;
    void search.done.then((outcome) => {
      if (this.#search !== search) return;
      this.#search = undefined;
      this.#outcome = outcome;
      this.#lastAt = ports.clock.now();
      this.#unanswered = outcome.nodes === 0 ? this.#unanswered + 1 : 0;
      this.#fruitless = this.#o.peerCount() === 0 ? this.#fruitless + 1 : 0;
      this.#spread = ports.random.uniform();
      this.#o.onNews?.();
      this.#schedule();
    });
  }
}
