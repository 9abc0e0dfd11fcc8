import type { PeerSource, SourceNeeds } from '../discovery/peer-source.ts';

/**
 * The sources of peers of one download. They outlive its client, who comes and goes with its peers: what they have to know they ask
 * whoever serves them now.
 */
export class LastingSources {
  readonly #make: (needs: SourceNeeds) => readonly PeerSource[];
  #all: readonly PeerSource[] | undefined;
  #now: SourceNeeds | undefined;

  constructor(make: (needs: SourceNeeds) => readonly PeerSource[]) {
    this.#make = make;
  }

  /** The sources, which work for this one from now on. */
  serve(needs: SourceNeeds): readonly PeerSource[] {
    this.#now = needs;
    return (this.#all ??= this.#make({
      complete: () => this.#served.complete(),
      peerCount: () => this.#served.peerCount(),
      totals: () => this.#served.totals(),
      found: (source, endpoints) => this.#served.found(source, endpoints),
    }));
  }

  /** Others from now on; those that are to be made later ask for them themselves. */
  setTrackers(tiers: readonly (readonly string[])[]): void {
    for (const source of this.#all ?? []) source.setTrackers?.(tiers);
  }

  get #served(): SourceNeeds {
    if (this.#now === undefined) throw new Error('nobody is served');
    return this.#now;
  }
}
