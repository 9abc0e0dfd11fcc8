import { formatEndpoint } from '../base/endpoint.ts';
import { piece as pieceIndex } from '../base/ids.ts';
import { canonicalIp, isLoopback } from '../base/ip.ts';
import { type FoundPeer, isChosen } from '../base/peer-source.ts';
import { bucketsOf, type TokenBucket } from '../base/token-bucket.ts';
import { infoOf } from '../metainfo/known-info.ts';
import { isCheckable } from '../metainfo/piece-check.ts';
import { swarmHashes } from '../metainfo/torrent-id.ts';
import type { BegunRecord } from '../store/records/begun-record.ts';
import type { SwarmStatus, SwarmTuning } from '../engine/statuses.ts';
import type { PieceStore } from '../store/piece-store.ts';
import { WriteLease } from '../store/records/write-lease.ts';
import type { Claimer } from '../strategy/claims/claimer.ts';
import { PieceShare, type ShareMap } from '../strategy/pieces/share-map.ts';
import type { Swarm } from '../swarm/swarm.ts';
import { type Client, type ClientParts, downloadClient, type HostNeeds, metadataClient } from './clients.ts';
import { finishPart } from './finish-part.ts';
import type { ListenSocket, ListenUser } from './listen-socket.ts';
import type { DownloadSetup, ToIdentity } from './messages.ts';
import { Outbox } from './outbox.ts';
import { failedMessage, metadataStatus } from './reports.ts';

/** Most names of peers that are looked up for a download. */
const MOST_NAMES = 256;

/** Messages about one download. `watch` concerns the process. */
type DownloadMessage = Exclude<Extract<ToIdentity, { readonly key: unknown }>, { readonly type: 'watch' }>;
/** Those of them that make no sense without metadata. */
type PieceMessage = Exclude<
  DownloadMessage,
  {
    readonly type:
      'peers' | 'siblings' | 'ban' | 'pause' | 'resume' | 'announce' | 'leave' | 'tune' | 'lease' | 'lease-lost';
  }
>;

/** One download in one identity process: the client, its share, its store, its listener, and the messages about it. */
export class HostedDownload {
  readonly setup: DownloadSetup;
  readonly #host: HostNeeds;
  readonly #own: { readonly share: ShareMap; readonly claimer: Claimer } | undefined;
  readonly #outbox: Outbox;
  readonly #buckets: { readonly down: TokenBucket; readonly up: TokenBucket };
  #client: Client | undefined;
  #tuning: SwarmTuning;
  readonly #lease: WriteLease;
  readonly #socket: ListenSocket;
  #paused: boolean;
  /** Whether it listens on its address. */
  #up = false;
  /** Whether it waits for its address. */
  #addressGone = false;
  #started: Promise<void> | undefined;
  #leaving: Promise<void> | undefined;
  /** Aborted when the process ends, so that long work stops. */
  readonly #hurry = new AbortController();
  #seeding: boolean;
  /** Peers whose names were looked up, or are being. */
  readonly #lookedUp = new Set<string>();

  /** `own`: the share map and the claims of an identity that has no coordinator. */
  constructor(setup: DownloadSetup, host: HostNeeds, own?: { readonly share: ShareMap; readonly claimer: Claimer }) {
    this.setup = setup;
    this.#own = own;
    this.#host = host;
    this.#socket = host.listenSockets.at(setup.address);
    this.#paused = setup.paused;
    this.#seeding = setup.seed;
    this.#tuning = setup.tuning;
    const { clock } = host.ports;
    this.#outbox = new Outbox(clock, setup.key, (message) => host.post(message));
    this.#buckets = bucketsOf(setup.tuning.limits, clock.now());
    this.#lease = new WriteLease(clock, setup.lease);
  }

  /** Builds all parts and joins the swarm. Rejects with EnsembleError. */
  async open(): Promise<void> {
    const { setup } = this;
    const parts: ClientParts = {
      setup,
      tuning: () => this.#tuning,
      host: this.#host,
      socket: this.#socket,
      outbox: this.#outbox,
      buckets: this.#buckets,
      lease: this.#lease,
      failed: (error) => {
        this.#paused = true;
        this.#host.post(failedMessage(setup.key, error));
      },
    };
    if (setup.rawInfo === undefined) this.#client = metadataClient(parts);
    else {
      const info = infoOf({ ...setup, rawInfo: setup.rawInfo }, setup.hashes);
      this.#client = isCheckable(info) ? await downloadClient(parts, info, this.#own) : metadataClient(parts, info);
    }
    await this.#listen();
    await this.#started;
  }

  handle(message: DownloadMessage): void {
    if (message.type === 'lease') return this.#lease.renew(message.until);
    if (message.type === 'lease-lost') return this.#lease.lose();
    if (message.type === 'tune') return this.#tune(message.tuning);
    const client = this.#client;
    if (client === undefined) return;
    switch (message.type) {
      case 'peers':
        this.#deal(message.dial, client);
        return;
      case 'siblings':
        return client.swarm.core.pool.setSiblings(message.peerIds, message.endpoints);
      case 'ban':
        for (const host of message.hosts) client.swarm.core.ban(host);
        return;
      case 'pause':
        this.#paused = true;
        void client.swarm.stop();
        return;
      case 'resume':
        this.#paused = false;
        if (this.#up) this.#start();
        else void this.#listen();
        return;
      case 'announce':
        client.swarm.core.sources.announceNow();
        return;
      case 'leave':
        void this.leave();
        return;
      default:
        // All other messages are about pieces and files, which are not known without metadata.
        if (client.kind === 'swarm') this.#handleOfPieces(message, client);
    }
  }

  /**
   * Leaves the swarm, keeps what was begun, closes everything, and reports that; resolves when the trackers have been told too.
   * `hurry`: the process is ending, so bringing a part into order, which may copy all of it, is left out or stopped: its index
   * suffices.
   */
  leave(hurry = false): Promise<void> {
    if (hurry) this.#hurry.abort();
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    const { key } = this.setup;
    let begun: readonly BegunRecord[] = [];
    const client = this.#client;
    this.#client = undefined;
    // Whoever waits for the files does not have to wait for the trackers.
    const farewell = client?.swarm.core.farewell();
    try {
      await client?.swarm.halt();
      if (client?.kind === 'swarm') {
        this.#host.post({ type: 'status', swarms: [client.swarm.status(this.#activity(client.share), false)] });
        begun = await client.swarm.flushBegun();
        await this.#sync(client.store);
        const tell = (): void => this.#host.post({ type: 'leaving', key });
        const { clock } = this.#host.ports;
        if (this.#activity(client.share) === 'sharing') await finishPart(client.store, clock, this.#hurry.signal, tell);
        await client.store.close();
      }
    } catch (error) {
      this.#host.post(failedMessage(key, error));
    }
    this.#outbox.stop();
    this.#host.post({ type: 'left', key, begun });
    // UDP trackers are told through this socket.
    await farewell;
    await this.#socket.leave(key);
  }

  status(withPeers: boolean): SwarmStatus | undefined {
    const client = this.#client;
    if (client === undefined) return undefined;
    if (client.kind === 'swarm') return client.swarm.status(this.#waits ?? this.#activity(client.share), withPeers);
    return metadataStatus(this.setup, client.swarm, this.#socket.mapping, this.#waits ?? 'fetching-metadata');
  }

  /**
   * Its state and how its mapping fares, if nothing happens in that state by itself and nobody is connected, so that there is no other news
   * except from trackers.
   */
  get quiet(): string | undefined {
    if (this.#client === undefined || this.#client.swarm.core.pool.size > 0) return undefined;
    const state = this.#waits ?? (this.#seeding ? 'seeding' : undefined);
    if (state === undefined) return undefined;
    const { kind } = this.#socket.mapping;
    return `${state} ${kind} ${this.#socket.announced?.port}`;
  }

  get #waits(): 'no-address' | 'paused' | undefined {
    return this.#addressGone ? 'no-address' : this.#paused ? 'paused' : undefined;
  }

  /** How many of its own peers have each piece, for the siblings' rarest first (A8). */
  availability(): Uint16Array | undefined {
    return this.#client?.kind === 'swarm' ? this.#client.swarm.availability() : undefined;
  }

  /** Now and then brings what was written to stable storage. */
  async sync(): Promise<void> {
    const client = this.#client;
    if (client?.kind !== 'swarm' || this.#leaving !== undefined) return;
    try {
      await this.#sync(client.store);
    } catch (error) {
      this.#host.post(failedMessage(this.setup.key, error));
    }
  }

  /** Takes part in the swarm while its address is there, and waits while it is not (invariant 8). */
  #listen(): Promise<void> {
    const { key, hashes, port } = this.setup;
    const mapAt = (): readonly string[] | undefined => (this.#tuning.portMap ? (this.setup.gateways ?? []) : undefined);
    const user: ListenUser = {
      get mapAt() {
        return mapAt();
      },
      moved: () => this.#client?.swarm.core.sources.moved(),
      encryption: () => this.#tuning.encryption,
      admit: (newcomer) => this.#client?.swarm.core.pool.admission(newcomer),
      up: () => {
        const { local } = this.#socket;
        if (this.#leaving !== undefined || local === undefined) return;
        this.#up = true;
        this.#addressGone = false;
        this.#host.post({ type: 'listening', key, endpoint: local });
        this.#start();
      },
      down: (error) => {
        this.#up = false;
        void this.#client?.swarm.stop();
        // If the address went away after the last look, binding to it fails: then the download waits for it.
        this.#addressGone = this.setup.address !== undefined;
        if (this.#addressGone) return;
        this.#paused = true;
        this.#host.post(failedMessage(key, error));
      },
    };
    return this.#socket.join(key, swarmHashes(hashes), port, user);
  }

  #start(): void {
    if (this.#paused || this.#leaving !== undefined) return;
    this.#started = this.#client?.swarm.start();
  }

  #handleOfPieces(message: PieceMessage, { swarm, store, share }: Extract<Client, { kind: 'swarm' }>): void {
    const { key } = this.setup;
    switch (message.type) {
      case 'shares':
        for (const piece of message.pieces) {
          if (share.get(pieceIndex(piece)) !== PieceShare.present) share.set(pieceIndex(piece), message.state);
        }
        this.#leechAgain(swarm);
        return;
      case 'present':
        swarm.presentElsewhere(message.pieces, message.owners);
        return;
      case 'lost':
        swarm.lost(message.pieces, this.setup.count === 1 ? PieceShare.mine : PieceShare.open);
        this.#leechAgain(swarm);
        return;
      case 'give-up-peers':
        swarm.giveUpPeers(message.count, message.needed);
        return;
      case 'give-back':
        swarm.giveBack(message.most);
        return;
      case 'swarm-availability':
        swarm.setElsewhere(message.counts);
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
          .catch((error: unknown) => this.#host.post(failedMessage(key, error)))
          .then(() => this.#host.post({ type: 'files-closed', key }));
        return;
      case 'moved':
        store.moved(message.location);
        return;
      default:
        message satisfies never;
    }
  }

  /** Peers may be named, by the user or by a link: their addresses are found like other peers. */
  #deal(dial: readonly FoundPeer[], { swarm }: Client): void {
    swarm.core.pool.setDealt(dial);
    if (dial.some(({ host }) => isLoopback(host))) this.#socket.udp.useLoopback();
    // Strangers' peers are addresses.
    for (const { host, port, source } of dial.filter((peer) => isChosen(peer.source))) {
      if (canonicalIp(host) !== undefined || this.#lookedUp.size >= MOST_NAMES) continue;
      const name = formatEndpoint({ host, port });
      if (this.#lookedUp.has(name)) continue;
      this.#lookedUp.add(name);
      void this.#host.ports.net.resolve(host, this.setup.address).then(
        (addresses) => {
          const endpoints = addresses.map(({ address }) => ({ host: address, port }));
          this.#host.post({ type: 'peers-found', key: this.setup.key, source, endpoints });
        },
        // It is tried again when it is dealt again.
        () => this.#lookedUp.delete(name),
      );
    }
  }

  /** Also while it is being opened. */
  #tune(tuning: SwarmTuning): void {
    const now = this.#host.ports.clock.now();
    this.#buckets.down.setRate(tuning.limits.down, now);
    this.#buckets.up.setRate(tuning.limits.up, now);
    const { portMap } = this.#tuning;
    this.#tuning = tuning;
    if (this.#client?.kind === 'swarm') this.#client.swarm.tune(tuning);
    this.#client?.swarm.core.retuned();
    if (portMap !== tuning.portMap) this.#socket.remap();
  }

  /** Other files were chosen, or pieces turned out wrong: a seed may have something to fetch again. */
  #leechAgain(swarm: Swarm): void {
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
      this.#host.post({ type: 'synced', key: this.setup.key, pieces: Uint32Array.from(pieces) });
    }
  }
}
