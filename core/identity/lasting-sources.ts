import type { PeerSource, SourceNeeds } from '../discovery/peer-source.ts';

/** Who makes the sources, once somebody is served. */
interface Maker {
  makeSources(needs: SourceNeeds): readonly PeerSource[];
}

/**
 * The sources of peers of one download. They outlive its client, who comes and goes with its peers: what they have to know they ask
 * whoever serves them now.
 */
export class LastingSources implements SourceNeeds {
  readonly #maker: Maker;
  #all: readonly PeerSource[] | undefined;
  #now: SourceNeeds | undefined;

  constructor(maker: Maker) {
    this.#maker = maker;
  }

  /** The sources, which work for this one from now on. */
  serve(needs: SourceNeeds): readonly PeerSource[] {
    this.#now = needs;
    return (this.#all ??= this.#maker.makeSources(this));
  }

  /** Others from now on; those that are to be made later ask for them themselves. */
  setTrackers(tiers: readonly (readonly string[])[]): void {
    for (const source of this.#all ?? []) source.setTrackers?.(tiers);
  }

  complete(): boolean {
    return this.#served.complete();
  }

  peerCount(): number {
    return this.#served.peerCount();
  }

  totals(): ReturnType<SourceNeeds['totals']> {
    return this.#served.totals();
  }

  found(...it: Parameters<SourceNeeds['found']>): void {
    this.#served.found(...it);
  }

  get #served(): SourceNeeds {
    if (this.#now === undefined) throw new Error('nobody is served');
    return this.#now;
  }
}
