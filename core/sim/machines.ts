import { type IdentityIndex, type InfoHash, millis, type PieceIndex } from '../base/ids.ts';
import { BucketStore } from '../claims/bucket-store.ts';
import { DEFAULT_LEASE } from '../claims/sibling-watch.ts';
import type { StoreClaimerOptions } from '../claims/store-claimer.ts';
import type { Clock } from '../ports/clock.ts';
import { SimBucketServer, type ServerWay } from './bucket-server.ts';
import { PIECES, TestDirectory } from './common-directory.ts';

export const GROUP = 'ensemble-test';
const LATENCY = millis(20);

/** Identities on machines that have nothing in common but a server of buckets. For tests. */
export class Machines {
  readonly server: SimBucketServer;
  /** The way from each identity's machine to the server. */
  readonly ways = new Map<number, ServerWay>();
  readonly stores = new Map<number, BucketStore>();
  /** The folder of each identity. */
  readonly seats = new Map<number, string>();
  /** What people were told, by identity. */
  readonly said: string[] = [];
  readonly #world: TestDirectory;

  /** `lost`: how many of a hundred answers get lost. */
  constructor(seed: number, lost = 0) {
    this.#world = new TestDirectory(seed, (identity, clock) => this.#store(identity, clock, lost));
    this.server = new SimBucketServer(this.#world.clock);
  }

  get clock(): TestDirectory['clock'] {
    return this.#world.clock;
  }

  /** An identity begins, in its own folder: again where it ran before. `own`: what it verified there. */
  async join(index: number, own: readonly PieceIndex[] = [], changes: Partial<StoreClaimerOptions> = {}) {
    const one = await this.#world.identity(index, { ...changes, own });
    const store = this.stores.get(index);
    return { ...one, store, leave: () => one.claimer.stop() };
  }

  way(index: number): ServerWay {
    const way = this.ways.get(index);
    if (way === undefined) throw new Error(`identity ${index} has no way`);
    return way;
  }

  #store(identity: IdentityIndex, clock: Clock, lost: number): BucketStore {
    const way = { clock, random: this.#world.random, latency: LATENCY, lost };
    this.ways.set(identity, way);
    const store = new BucketStore({
      ports: { clock, random: this.#world.random },
      server: this.server.over(way),
      group: GROUP,
      pieceCount: PIECES,
      identity,
      seat: this.seats.get(identity) ?? `seat-${identity}`,
      rules: { infoHash: 'a'.repeat(40) as InfoHash, count: 3, selection: 'random', lease: DEFAULT_LEASE },
      onTrouble: (text) => this.said.push(`${identity}: ${text}`),
    });
    this.stores.set(identity, store);
    return store;
  }
}
