import type { EnsembleError } from '../base/errors.ts';
import type { Millis } from '../base/ids.ts';
import { infoHashOf, parseInfo } from '../metainfo/parse-info.ts';
import type { Info } from '../metainfo/torrent.ts';
import { leastUseful } from '../strategy/peers/turnover.ts';
import { type CoreOptions, SwarmCore } from './core.ts';
import { LinkHandler } from './link-handler.ts';
import { MetadataFetching } from './metadata-fetching.ts';
import type { PeerLink } from './peer-link.ts';

/** Most connected peers: enough to fetch a few hundred kilobytes. */
const MAX_PEERS = 30;
/**
 * A peer that has the metadata says so in its first message: one that has not done so after this time leaves when another wants its
 * place.
 */
const SETTLING = 10_000 as Millis;

export interface MetadataOptions extends CoreOptions {
  /** The info dictionary, its hash checked. */
  found(info: Info): void;
  /** Looks for it elsewhere than at peers, and gives what it finds to `take`, which says whether it is what the link names. */
  readonly elsewhere?: (take: (rawInfo: Uint8Array) => boolean) => { start(): void; stop(): void };
  /** The info dictionary that the link names is not valid, whoever sends it. */
  failed(error: EnsembleError): void;
}

/** The first phase of a magnet link: a swarm that wants only the info dictionary from its peers (BEP 9). */
export class MetadataSwarm {
  readonly core: SwarmCore;
  readonly #options: MetadataOptions;
  readonly #elsewhere: { start(): void; stop(): void } | undefined;
  #ended = false;

  constructor(options: MetadataOptions) {
    this.#options = options;
    this.#elsewhere = options.elsewhere?.((raw) => this.#complete(raw));
    const { clock } = options.ports;
    const wanted = (): boolean => !this.#ended;
    const fetching = new MetadataFetching({ clock, wanted, complete: (raw) => this.#complete(raw) });
    this.core = new SwarmCore(options, {
      isPrivate: false,
      extensions: [fetching],
      maxPeers: () => MAX_PEERS,
      wanted,
      complete: () => false,
      makeRoom: (newcomer, may) => {
        const peers = fetching.seats(clock.now(), (machine) => this.core.pool.visitsOf(machine));
        return leastUseful({ peers, seeding: false, newcomer, settling: SETTLING, turn: false, may });
      },
      // The size is not known yet, and with 0 bytes left it would count as a seed.
      totals: () => ({ uploaded: 0, downloaded: 0, left: 1 }),
      joined: (link) => this.#joined(link),
    });
  }

  async start(): Promise<void> {
    this.#ended = false;
    this.core.start();
    this.#elsewhere?.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.halt(), this.core.farewell()]);
  }

  /** Closes all connections. */
  async halt(): Promise<void> {
    this.#ended = true;
    this.#elsewhere?.stop();
    this.core.halt();
  }

  #joined(link: PeerLink): LinkHandler {
    const { session } = link;
    if (!session.extended) this.core.pool.useless(session);
    else if (session.fast) session.batch.haveNone();
    return new LinkHandler(link, this.core);
  }

  #complete(raw: Uint8Array): boolean {
    if (this.#ended) return true;
    if (infoHashOf(raw) !== this.#options.self.infoHash) return false;
    this.#ended = true;
    this.#elsewhere?.stop();
    let info: Info;
    try {
      info = parseInfo(raw);
    } catch (error) {
      this.#options.failed(error as EnsembleError);
      return true;
    }
    if (info.private) this.core.becomePrivate();
    this.#options.found(info);
    return true;
  }
}
