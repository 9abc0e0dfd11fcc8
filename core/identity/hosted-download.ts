import { piece as pieceIndex, unknownOwners } from '../base/ids.ts';
import { bucketsOf, type TokenBucket } from '../base/token-bucket.ts';
import { GrantedClaimer } from '../claims/granted-claimer.ts';
import { WholeClaimer } from '../claims/whole-claimer.ts';
import type { PeerSource, SourceNeeds } from '../discovery/peer-source.ts';
import { TrackerAnnouncer } from '../discovery/tracker-announcer.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { parseInfo } from '../metainfo/parse-info.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Ports } from '../ports/ports.ts';
import type { BegunRecord } from '../store/begun-record.ts';
import { openPieceStore, type PieceStore } from '../store/piece-store.ts';
import type { Claimer } from '../strategy/claimer.ts';
import { PieceShare, type ShareMap } from '../strategy/share-map.ts';
import { MetadataSwarm } from '../swarm/metadata-swarm.ts';
import type { Self } from '../swarm/state.ts';
import { Swarm } from '../swarm/swarm.ts';
import type { UploadLine } from '../swarm/upload-line.ts';
import { finishPart } from './finish-part.ts';
import type { ListenSocket, ListenUser } from './listen-socket.ts';
import type { ListenSockets } from './listen-sockets.ts';
import type { DownloadSetup, FromIdentity, ToIdentity } from './messages.ts';
import type { SwarmStatus } from '../engine/statuses.ts';
import { Outbox } from './outbox.ts';
import { failure, metadataStatus } from './reports.ts';
import { shareMap } from './setup-shares.ts';

/** Peers below which a tracker is asked early, and above which no more are asked for (B13). */
const MIN_PEERS = 20;
/** Characters of what a tracker says. */
const MAX_WARNING = 500;

/** What the host gives to each download. */
export interface HostNeeds {
  readonly ports: Ports;
  readonly listenSockets: ListenSockets;
  /** Token buckets of the whole process. */
  readonly buckets: { readonly down: TokenBucket; readonly up: TokenBucket };
  readonly line: UploadLine;
  readonly client: string;
  post(message: FromIdentity): void;
}

type DownloadMessage = Extract<ToIdentity, { readonly infoHash: unknown }>;

/** What runs for a download: the fetch of its metadata, or the client with its store. */
type Engine =
  | { readonly kind: 'metadata'; readonly swarm: MetadataSwarm }
  | { readonly kind: 'swarm'; readonly swarm: Swarm; readonly store: PieceStore; readonly share: ShareMap };

/** One download in one identity process: the client, its share, its store, its listener, and the messages about it. */
export class HostedDownload {
  readonly setup: DownloadSetup;
  readonly #host: HostNeeds;
  readonly #own: { readonly share: ShareMap; readonly claimer: Claimer } | undefined;
  readonly #outbox: Outbox;
  readonly #buckets: { readonly down: TokenBucket; readonly up: TokenBucket };
  #engine: Engine | undefined;
  readonly #socket: ListenSocket;
  #paused: boolean;
  /** Whether its address is listened on. */
  #up = false;
  /** It waits for its address. */
  #addressGone = false;
  #started: Promise<void> | undefined;
  #leaving: Promise<void> | undefined;
  /** The process ends: what takes long stops. */
  readonly #hurry = new AbortController();
  #seeding: boolean;

  /** `own`: the share map and the claims of an identity that has no coordinator. */
  constructor(setup: DownloadSetup, host: HostNeeds, own?: { readonly share: ShareMap; readonly claimer: Claimer }) {
    this.setup = setup;
    this.#own = own;
    this.#host = host;
    this.#socket = host.listenSockets.at(setup.address);
    this.#paused = setup.paused;
    this.#seeding = setup.seed;
    const { clock } = host.ports;
    this.#outbox = new Outbox(clock, setup.infoHash, (message) => host.post(message));
    this.#buckets = bucketsOf(setup.tuning.limits, clock.now());
  }

  /** Builds all parts and joins the swarm. Rejects with EnsembleError. */
  async open(): Promise<void> {
    const { setup } = this;
    if (setup.rawInfo === undefined) this.#engine = { kind: 'metadata', swarm: this.#metadataSwarm() };
    else this.#engine = await this.#swarm(parseInfo(setup.rawInfo, setup.infoHash));
    await this.#listen();
    await this.#started;
  }

  handle(message: DownloadMessage): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    switch (message.type) {
      case 'peers':
        return engine.swarm.pool.setDealt(message.dial);
      case 'siblings':
        return engine.swarm.pool.setSiblings(message.peerIds, message.endpoints);
      case 'ban':
        for (const host of message.hosts) engine.swarm.pool.ban(host);
        return;
      case 'pause':
        this.#paused = true;
        void engine.swarm.stop();
        return;
      case 'resume':
        this.#paused = false;
        if (this.#up) this.#start();
        else void this.#listen();
        return;
      case 'announce':
        engine.swarm.announce();
        return;
      case 'leave':
        void this.leave();
        return;
      case 'tune':
        this.#buckets.down.setRate(message.tuning.limits.down, this.#host.ports.clock.now());
        this.#buckets.up.setRate(message.tuning.limits.up, this.#host.ports.clock.now());
        break;
      default:
    }
    if (engine.kind === 'swarm') this.#handle(message, engine);
  }

  /**
   * Leaves the swarm, keeps what was begun, closes everything, and says so; resolves when the trackers know too.
   * `hurry`: the process ends, so a part is not brought into order, or no further, since that may copy all of it; its index suffices.
   */
  leave(hurry = false): Promise<void> {
    if (hurry) this.#hurry.abort();
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    const { infoHash } = this.setup;
    let begun: readonly BegunRecord[] = [];
    const engine = this.#engine;
    this.#engine = undefined;
    // Nobody who waits for the files has to wait for the trackers.
    const farewell = engine?.swarm.farewell();
    try {
      await engine?.swarm.halt();
      if (engine?.kind === 'swarm') {
        this.#host.post({ type: 'status', swarms: [engine.swarm.status(this.#activity(engine.share), false)] });
        begun = await engine.swarm.flushBegun();
        await this.#sync(engine.store);
        const tell = (): void => this.#host.post({ type: 'leaving', infoHash });
        const { clock } = this.#host.ports;
        if (this.#activity(engine.share) === 'sharing') await finishPart(engine.store, clock, this.#hurry.signal, tell);
        await engine.store.close();
      }
    } catch (error) {
      this.#host.post(failure(infoHash, error));
    }
    this.#outbox.stop();
    this.#host.post({ type: 'left', infoHash, begun });
    // Trackers that are spoken to by UDP are told through it.
    await farewell;
    await this.#socket.leave(infoHash);
  }

  status(withPeers: boolean): SwarmStatus | undefined {
    const engine = this.#engine;
    if (engine === undefined) return undefined;
    if (engine.kind === 'swarm') return engine.swarm.status(this.#waits ?? this.#activity(engine.share), withPeers);
    return metadataStatus(this.setup, engine.swarm, this.#waits ?? 'fetching-metadata');
  }

  /** Its state while it is of a kind that nothing comes of by itself, and nobody is connected: no news, but of trackers. */
  get quiet(): SwarmStatus['state'] | undefined {
    if (this.#engine === undefined || this.#engine.swarm.pool.size > 0) return undefined;
    return this.#waits ?? (this.#seeding ? 'seeding' : undefined);
  }

  get #waits(): 'no-address' | 'paused' | undefined {
    return this.#addressGone ? 'no-address' : this.#paused ? 'paused' : undefined;
  }

  /** Own peers' availability, for the siblings' rarest first (A8). */
  availability(): Uint16Array | undefined {
    return this.#engine?.kind === 'swarm' ? this.#engine.swarm.availability() : undefined;
  }

  /** What was written goes to stable storage, now and then. */
  async sync(): Promise<void> {
    const engine = this.#engine;
    if (engine?.kind !== 'swarm' || this.#leaving !== undefined) return;
    try {
      await this.#sync(engine.store);
    } catch (error) {
      this.#host.post(failure(this.setup.infoHash, error));
    }
  }

  /** Takes part in the swarm while its address is there, and waits while it is not (invariant 8). */
  #listen(): Promise<void> {
    const { infoHash, port } = this.setup;
    const user: ListenUser = {
      admit: (...from) => this.#engine?.swarm.pool.admission(...from),
      up: () => {
        const { local } = this.#socket;
        if (this.#leaving !== undefined || local === undefined) return;
        this.#up = true;
        this.#addressGone = false;
        this.#host.post({ type: 'listening', infoHash, endpoint: local });
        this.#start();
      },
      down: (error) => {
        this.#up = false;
        void this.#engine?.swarm.stop();
        // What is bound to an address is refused where that went away since the look, and waits.
        this.#addressGone = this.setup.address !== undefined;
        if (this.#addressGone) return;
        this.#paused = true;
        this.#host.post(failure(infoHash, error));
      },
    };
    return this.#socket.join(infoHash, port, user);
  }

  #start(): void {
    if (this.#paused || this.#leaving !== undefined) return;
    this.#started = this.#engine?.swarm.start();
  }

  #handle(message: DownloadMessage, { swarm, store, share }: Extract<Engine, { kind: 'swarm' }>): void {
    const { infoHash } = this.setup;
    switch (message.type) {
      case 'shares':
        for (const piece of message.pieces) {
          if (share.get(pieceIndex(piece)) !== PieceShare.present) share.set(pieceIndex(piece), message.state);
        }
        break;
      case 'present':
        swarm.presentElsewhere(message.pieces, message.owners);
        return;
      case 'lost':
        swarm.lost(message.pieces, this.setup.count === 1 ? PieceShare.mine : PieceShare.open);
        break;
      case 'give-up-peers':
        swarm.giveUpPeers(message.count, message.needed);
        return;
      case 'give-back':
        swarm.giveBack(message.most);
        return;
      case 'swarm-availability':
        swarm.setElsewhere(message.counts);
        return;
      case 'tune':
        swarm.tune(message.tuning);
        return;
      case 'priorities':
        swarm.setPriorities(message.priorities);
        return;
      case 'seed':
        this.#seeding = true;
        swarm.seed(this.setup.count === 1 && !this.setup.seed);
        return;
      case 'close-files':
        void this.#sync(store)
          .then(() => store.closeFiles())
          .catch((error: unknown) => this.#host.post(failure(infoHash, error)))
          .then(() => this.#host.post({ type: 'files-closed', infoHash }));
        return;
      case 'moved':
        store.moved(message.location);
        return;
      default:
    }
    // Other files were chosen, or pieces turned out wrong.
    if (!this.#seeding || swarm.complete) return;
    this.#seeding = false;
    swarm.leech();
  }

  #activity(share: ShareMap): SwarmStatus['state'] {
    if (this.#seeding) return 'seeding';
    const left = share.count(PieceShare.open) + share.count(PieceShare.mine) + share.count(PieceShare.both);
    return left === 0 ? 'sharing' : 'downloading';
  }

  async #sync(store: PieceStore): Promise<void> {
    const pieces = await store.sync();
    this.#outbox.flush();
    if (pieces.length > 0) {
      this.#host.post({ type: 'synced', infoHash: this.setup.infoHash, pieces: Uint32Array.from(pieces) });
    }
  }

  get #self(): Self {
    const { infoHash, identity, peerId, address, count, selection } = this.setup;
    return {
      infoHash,
      identity,
      peerId,
      count,
      claims: count > 1 && selection !== 'fixed',
      ...(address === undefined ? {} : { address }),
      endpoint: () => this.#socket.local,
      announced: () => this.#socket.announced,
    };
  }

  #source(needs: SourceNeeds): PeerSource {
    const { setup } = this;
    return new TrackerAnnouncer({
      ports: { ...this.#host.ports, udp: this.#socket.udpTrackers },
      infoHash: setup.infoHash,
      peerId: setup.peerId,
      trackerKey: setup.trackerKey,
      trackers: setup.trackers,
      ...(setup.address === undefined ? {} : { address: setup.address }),
      port: () => this.#socket.announced?.port ?? 0,
      ...needs,
      minPeers: MIN_PEERS,
      maxPeers: setup.tuning.maxPeers,
      onPeers: (endpoints) => this.#host.post({ type: 'peers-found', infoHash: setup.infoHash, endpoints }),
      onWarning: (text) => {
        const message = text.slice(0, MAX_WARNING);
        this.#host.post({ type: 'tracker-warning', infoHash: setup.infoHash, message });
      },
    });
  }

  #metadataSwarm(): MetadataSwarm {
    const { infoHash } = this.setup;
    return new MetadataSwarm({
      ports: this.#host.ports,
      self: this.#self,
      client: this.#host.client,
      source: (needs) => this.#source(needs),
      found: (info) => this.#host.post({ type: 'metadata', infoHash, rawInfo: info.raw }),
      failed: (error) => this.#host.post(failure(infoHash, error)),
    });
  }

  async #swarm(info: Info): Promise<Engine> {
    const { setup } = this;
    const { ports, buckets, line, client, post } = this.#host;
    const { infoHash } = setup;
    const share = this.#own?.share ?? shareMap(info.pieceCount, setup);
    const owners = setup.owners?.slice() ?? unknownOwners(info.pieceCount);
    const geometry = new Geometry(info);
    const store = await openPieceStore(ports, { info, geometry, location: setup.location, count: setup.count, owners });
    const swarm = new Swarm({
      ports,
      self: this.#self,
      info,
      share,
      claimer: this.#own?.claimer ?? this.#claimer(share),
      store,
      owners,
      begun: setup.begun,
      ...(setup.priorities === undefined ? {} : { priorities: setup.priorities }),
      selection: setup.selection,
      tuning: setup.tuning,
      seeding: setup.seed,
      buckets: { down: [buckets.down, this.#buckets.down], up: [buckets.up, this.#buckets.up] },
      line,
      client,
      events: {
        verified: (piece) => this.#outbox.verified(piece),
        hashFailed: (piece, from) => post({ type: 'hash-failed', infoHash, piece, from }),
        banned: (host) => post({ type: 'banned', infoHash, host }),
        peer: (change) => post({ type: 'peer', infoHash, ...change }),
        peersFound: (endpoints) => post({ type: 'peers-found', infoHash, endpoints }),
        failed: (error) => {
          this.#paused = true;
          post(failure(infoHash, error));
        },
      },
      source: (needs) => this.#source(needs),
    });
    return { kind: 'swarm', swarm, store, share };
  }

  #claimer(share: ShareMap): Claimer {
    const { infoHash, count } = this.setup;
    const { post } = this.#host;
    if (count === 1) return new WholeClaimer();
    return new GrantedClaimer(share, {
      claim: (pieces) => post({ type: 'claim', infoHash, pieces }),
      release: (pieces) => this.#outbox.released(pieces),
      idle: () => {
        this.#outbox.flush();
        post({ type: 'idle', infoHash });
      },
    });
  }
}
