import type { Endpoint } from '../base/endpoint.ts';
import { type Millis, millis } from '../base/ids.ts';
import { familyOf, parseIp } from '../base/ip.ts';
import { readNodes } from './compact.ts';
import type { DhtSibling } from './contract.ts';
import { bytesIn } from './krpc.ts';
import { LookupRun } from './lookup-run.ts';
import { idNear } from './node-id.ts';
import type { Self } from './self.ts';

/** With fewer good nodes the table is poor: well-known nodes are asked. */
export const POOR = 8;
/** With fewer we look for our neighbours more often. */
const FEW = 64;
const OFTEN = millis(10 * 60_000);
/** Most time between two attempts while nobody answers: the way out may be open again, and nothing tells us. */
const LONELY = millis(2 * 60_000);
const SELDOM = millis(60 * 60_000);
const FIRST_RETRY = millis(15_000);
/** The same where somebody named places to ask. */
const WITH_PLACES = millis(5_000);
/** Nobody of those that we knew has answered for so long: time for the well-known ones. */
const SILENCE = millis(3_000);
const ROUTERS_EVERY = millis(10_000);
/** A target that begins as our own id does. */
const NEAR_BITS = 128;
const MAX_PLACES = 300;

export interface JoiningOptions {
  bootstrap(): Promise<readonly Endpoint[]>;
  sibling(): DhtSibling | undefined;
  /** There is something to do. */
  wake(): void;
}

/** Gets into the DHT and stays near its own id there: looks for its neighbours, first by way of the nodes of the last run. */
export class Joining {
  readonly #self: Self;
  readonly #options: JoiningOptions;
  /** Where nodes may be, not asked so far. */
  #places: Endpoint[];
  /** Addresses that somebody named since the last look-up began: of each one place is asked. */
  readonly #named = new Set<string>();
  #run: LookupRun | undefined;
  #endedAt = -Infinity;
  /** The look-up under way is the first, or goes on with what the last one came to. */
  #prompt = true;
  #retry: Millis = FIRST_RETRY;
  #routersAt = -Infinity;
  #joined = false;
  #stopped = false;

  constructor(self: Self, places: readonly Endpoint[], options: JoiningOptions) {
    this.#self = self;
    this.#options = options;
    this.#places = [...places];
  }

  get running(): boolean {
    return this.#run !== undefined;
  }

  /** Whether a look-up for our neighbours was through, with some that answered. */
  get joined(): boolean {
    return this.#joined;
  }

  /** Looks for our neighbours at once. */
  again(): void {
    this.#run?.end();
    this.#run = undefined;
    this.#endedAt = -Infinity;
    this.#routersAt = -Infinity;
    this.#retry = FIRST_RETRY;
  }

  end(): void {
    this.#stopped = true;
    this.#run?.end();
    this.#run = undefined;
  }

  /** There may be a node here, which is of use only while we look for some. */
  heardOf(endpoint: Endpoint): void {
    if (this.#named.has(endpoint.host) || this.#named.size >= MAX_PLACES) return;
    this.#named.add(endpoint.host);
    if (this.#run !== undefined) this.#run.beginAt([endpoint]);
    else this.#places.push(endpoint);
  }

  pump(good: number, now: Millis): void {
    const retry = this.#places.length > 0 ? WITH_PLACES : this.#retry;
    const wait = good < POOR ? retry : good < FEW ? OFTEN : SELDOM;
    if (this.#run === undefined && now - this.#endedAt < wait) return;
    const run = (this.#run ??= this.#begin());
    run.pump();
    if (run.replies === 0 && run.ageMs >= SILENCE) this.#askRouters(now);
    if (run.done) this.#finish(run, now);
  }

  #begin(): LookupRun {
    const { random, table } = this.#self;
    this.#prompt = this.#endedAt === -Infinity;
    const other = this.#options.sibling();
    const extra = other === undefined ? {} : { want: ['n4', 'n6'] };
    const target = idNear(random, table.id, NEAR_BITS, false);
    const run = new LookupRun(this.#self, target, extra, (reply, host) => {
      if (other === undefined) return;
      const family = this.#self.family === 4 ? 6 : 4;
      const nodes = bytesIn(reply.body, family === 4 ? 'nodes' : 'nodes6');
      if (nodes !== undefined) for (const node of readNodes(nodes, family, host)) other.heardOf(node);
    });
    run.beginAt(this.#places);
    this.#places = [];
    return run;
  }

  #finish(run: LookupRun, now: Millis): void {
    run.end();
    this.#run = undefined;
    if (run.replies > 0) this.#joined = true;
    this.#endedAt = now;
    this.#named.clear();
    if (this.#self.table.counts(now).good >= POOR) {
      this.#retry = FIRST_RETRY;
      return;
    }
    if (!this.#prompt) this.#retry = millis(Math.min(this.#retry * 2, run.replies > 0 ? OFTEN : LONELY));
    this.#askRouters(now);
  }

  #askRouters(now: Millis): void {
    if (now - this.#routersAt < ROUTERS_EVERY) return;
    this.#routersAt = now;
    void this.#options.bootstrap().then(
      (routers) => this.#take(routers),
      // Names cannot be looked up now: the next attempt asks again.
      () => {},
    );
  }

  #take(routers: readonly Endpoint[]): void {
    if (this.#stopped) return;
    const ours = routers.filter(({ host }) => parseIp(host) !== undefined && familyOf(host) === this.#self.family);
    if (ours.length === 0) return;
    if (this.#run === undefined) {
      this.#places = [...this.#places, ...ours].slice(-MAX_PLACES);
      this.#endedAt = -Infinity;
    } else this.#run.beginAt(ours);
    this.#options.wake();
  }
}
