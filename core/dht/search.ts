import { formatEndpoint } from '../base/endpoint.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { readValues } from './compact.ts';
import type { DhtSearch, SearchOptions, SearchResult } from './contract.ts';
import { type KrpcReply, listIn } from './krpc.ts';
import { LookupRun } from './lookup-run.ts';
import { type Candidate, NEAREST } from './lookup.ts';
import type { NodeId } from './node-id.ts';
import type { Query, QueryOwner } from './queries.ts';
import type { Self } from './self.ts';

/** Peers that one search takes: what liars can bring is bounded. */
const MAX_PEERS = 2000;

/** Looks for the peers of one torrent, then announces us to the nodes nearest to it. */
export class Search implements DhtSearch, QueryOwner {
  readonly done: Promise<SearchResult>;
  readonly #self: Self;
  readonly #target: NodeId;
  readonly #options: SearchOptions;
  readonly #found = new Set<string>();
  #resolve: (result: SearchResult) => void = () => {};
  #run: LookupRun | undefined;
  /** Whom we still have to announce to; undefined: the look-up is not through. */
  #left: Candidate[] | undefined;
  /** Announces on their way. */
  #underWay = 0;
  #announces = 0;
  #announced = 0;
  #over = false;

  constructor(self: Self, target: NodeId, options: SearchOptions) {
    this.#self = self;
    this.#target = target;
    this.#options = options;
    this.done = new Promise((resolve) => (this.#resolve = resolve));
  }

  get over(): boolean {
    return this.#over;
  }

  begin(): void {
    // A seed wants no other seeds (BEP 33).
    const extra = this.#options.announce?.seed === true ? { noseed: 1 } : {};
    this.#run = new LookupRun(this.#self, this.#target, extra, (reply, host) => this.#heard(reply, host));
    this.pump();
  }

  /** Does what can be done now, and ends where all is done. */
  pump(): void {
    const run = this.#run;
    if (this.#over || run === undefined) return;
    if (this.#left === undefined) {
      run.pump();
      if (!run.done) return;
      run.end();
      const announce = this.#options.announce !== undefined;
      this.#left = announce
        ? run.lookup
            .answered()
            .filter(({ token }) => token !== undefined)
            .slice(0, NEAREST)
        : [];
    }
    while (this.#left.length > 0 && this.#announceTo(this.#left[0] as Candidate)) this.#left.shift();
    if (this.#left.length === 0 && this.#underWay === 0) this.cancel();
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#run?.end();
    this.#self.rpc.queries.drop(this);
    const { queries = 0, replies: nodes = 0 } = this.#run ?? {};
    const announced = this.#announced;
    this.#resolve({ peers: this.#found.size, nodes, announced, queries: queries + this.#announces });
  }

  answered(): void {
    this.#announced++;
    this.#underWay--;
    this.pump();
  }

  failed(_query: Query): void {
    this.#underWay--;
    this.pump();
  }

  #announceTo({ host, port, token }: Candidate): boolean {
    const { announce } = this.#options;
    if (announce === undefined || token === undefined) return true;
    const seed = announce.seed === true ? 1 : 0;
    // Our port is always said: `implied_port` would name the port of the DHT, behind a proxy one that nobody listens on.
    const args = { info_hash: this.#target, port: announce.port, seed, token };
    const sent = this.#self.ask({ method: 'announce_peer', args, host, port }, this);
    if (sent === undefined) return false;
    this.#underWay++;
    this.#announces++;
    return true;
  }

  #heard(reply: KrpcReply, host: string): void {
    const fresh: Endpoint[] = [];
    for (const peer of readValues(listIn(reply.body, 'values'), this.#self.family, host)) {
      const key = formatEndpoint(peer);
      if (this.#found.has(key) || this.#found.size >= MAX_PEERS) continue;
      this.#found.add(key);
      fresh.push(peer);
    }
    if (fresh.length > 0 && !this.#over) this.#options.found(fresh);
  }
}
