import type { EnsembleError } from '../base/errors.ts';
import type { HashRange } from '../base/hash-range.ts';
import type { Millis } from '../base/ids.ts';
import { isCheckable } from '../metainfo/piece-check.ts';
import { infoHashOf, infoHashV2Of, parseInfo } from '../metainfo/parse-info.ts';
import { withLayers } from '../metainfo/piece-layers.ts';
import { nameOf } from '../metainfo/torrent-id.ts';
import type { Info } from '../metainfo/torrent.ts';
import { leastUseful } from '../strategy/peers/turnover.ts';
import { type CoreOptions, SwarmCore } from './core.ts';
import { LayerFetching } from './layer-fetching.ts';
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

/** How long the piece layers of a hybrid are looked for: its pieces can be checked without them. */
const HYBRID_PATIENCE = 10_000;

/** Whether it is what the link names. `file`: the torrent file that it came in. */
type Take = (rawInfo: Uint8Array, layers: Uint8Array | undefined, file: Uint8Array) => boolean;

export interface MetadataOptions extends CoreOptions {
  /** The info dictionary, where only piece layers are missing. */
  readonly known?: Info;
  /** The info dictionary, its hash checked, with all that is needed to check pieces. `file`: the torrent file that it came in. */
  found(info: Info, file?: Uint8Array): void;
  /** Looks for it elsewhere than at peers, and gives what it finds to `take`, which says whether it is what the link names. */
  readonly elsewhere?: (take: Take) => { start(): void; stop(): void };
  /** The info dictionary that the link names is not valid, whoever sends it. */
  failed(error: EnsembleError): void;
}

/**
 * The first phase of a magnet link: a swarm that wants only the info dictionary from its peers (BEP 9), and of a torrent of version 2
 * alone then its piece layers (BEP 52).
 */
export class MetadataSwarm {
  readonly core: SwarmCore;
  readonly #options: MetadataOptions;
  readonly #elsewhere: { start(): void; stop(): void } | undefined;
  readonly #fetching: MetadataFetching;
  readonly #links = new Set<PeerLink>();
  /** The info dictionary is there, and these are looked for. */
  #layers: LayerFetching | undefined;
  #info: Info | undefined;
  #file: Uint8Array | undefined;
  /** When a hybrid is taken without them. */
  #layersUntil = Infinity;
  #ended = false;

  constructor(options: MetadataOptions) {
    this.#options = options;
    this.#elsewhere = options.elsewhere?.((raw, layers, file) => this.#complete(raw, { layers, file }));
    const { clock } = options.ports;
    this.#fetching = new MetadataFetching({
      clock,
      wanted: () => !this.#ended && this.#layers === undefined,
      complete: (raw) => this.#complete(raw),
    });
    this.core = new SwarmCore(options, {
      isPrivate: options.known?.private ?? false,
      extensions: [this.#fetching],
      maxPeers: () => MAX_PEERS,
      wanted: () => !this.#ended,
      complete: () => false,
      makeRoom: (newcomer, may) => this.#makeRoom(newcomer, may),
      // The size is not known yet, and with 0 bytes left it would count as a seed.
      totals: () => ({ uploaded: 0, downloaded: 0, left: 1 }),
      joined: (link) => this.#joined(link),
      tick: (now) => this.#tick(now),
    });
    if (options.known !== undefined) this.#lookForLayers(options.known);
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
    const handler = new MetadataLink(link, this.core, {
      layers: () => this.#layers,
      left: () => this.#links.delete(link),
    });
    this.#links.add(link);
    if (this.#layers !== undefined) this.#layers.join(link);
    else if (!session.extended) this.core.pool.useless(session);
    if (session.fast) session.batch.haveNone();
    return handler;
  }

  #makeRoom(
    newcomer: string | undefined,
    may: (session: PeerLink['session']) => boolean,
  ): PeerLink['session'] | undefined {
    const now = this.#options.ports.clock.now();
    const peers = (this.#layers ?? this.#fetching).seats(now, (machine) => this.core.pool.visitsOf(machine));
    return leastUseful({ peers, seeding: false, newcomer, settling: SETTLING, turn: false, may });
  }

  /** False: these are not the bytes that the link names. It may name both hashes of a hybrid, which then both count. `from`: the torrent file that they came in. */
  #complete(raw: Uint8Array, from?: { readonly layers: Uint8Array | undefined; readonly file: Uint8Array }): boolean {
    if (this.#ended || this.#layers !== undefined) return true;
    const { hashes } = this.#options.self;
    if (hashes.v1 !== undefined && infoHashOf(raw) !== hashes.v1) return false;
    if (hashes.v2 !== undefined && infoHashV2Of(raw) !== hashes.v2) return false;
    this.#elsewhere?.stop();
    this.#file = from?.file;
    let info: Info;
    try {
      info = withLayers(parseInfo(raw, nameOf(hashes)), from?.layers);
    } catch (error) {
      this.#ended = true;
      this.#options.failed(error as EnsembleError);
      return true;
    }
    if (info.private) this.core.becomePrivate();
    // Peers that were met as those of version 1 give no hashes: libtorrent 2.0.8 overlooks the upgrade bit where it is dialled encrypted.
    const given = [...this.#links].some(({ session }) => session.v2);
    if (info.pieceRoots !== undefined || (isCheckable(info) && !given)) this.#found(info);
    else this.#lookForLayers(info);
    return true;
  }

  #tick(now: Millis): void {
    this.#layers?.tick(now);
    if (now < this.#layersUntil || this.#ended || this.#info === undefined) return;
    this.#found(this.#info);
  }

  #lookForLayers(info: Info): void {
    this.#info = info;
    const { clock } = this.#options.ports;
    if (isCheckable(info)) this.#layersUntil = clock.now() + HYBRID_PATIENCE;
    this.#layers = new LayerFetching(info, {
      clock,
      ban: (link) => this.core.ban(link.host),
      useless: ({ session }) => this.core.pool.turnOut(session),
      done: (pieceRoots) => this.#found({ ...info, pieceRoots }),
    });
    for (const link of this.#links) this.#layers.join(link);
  }

  #found(info: Info): void {
    this.#ended = true;
    this.#options.found(info, this.#file);
  }
}

/** A peer that is asked for metadata, then perhaps for hashes. */
class MetadataLink extends LinkHandler {
  readonly #needs: { layers(): LayerFetching | undefined; left(): void };

  constructor(link: PeerLink, core: SwarmCore, needs: { layers(): LayerFetching | undefined; left(): void }) {
    super(link, core);
    this.#needs = needs;
  }

  override hashRequest(range: HashRange): void {
    this.link.session.sendHashReject(range);
  }

  override hashes(range: HashRange, hashes: Uint8Array): void {
    const layers = this.#needs.layers();
    if (layers === undefined) super.hashes(range, hashes);
    else layers.hashes(this.link, range, hashes);
  }

  override hashReject(range: HashRange): void {
    this.#needs.layers()?.rejected(this.link, range);
  }

  override closed(reason: Parameters<LinkHandler['closed']>[0]): void {
    this.#needs.left();
    this.#needs.layers()?.left(this.link);
    super.closed(reason);
  }
}
