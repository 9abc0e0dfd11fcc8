import { isLoopback } from '../base/ip.ts';
import type { FoundPeer } from '../base/peer-source.ts';
import { bucketsOf, type TokenBucket } from '../base/token-bucket.ts';
import { infoOf } from '../metainfo/known-info.ts';
import { isCheckable } from '../metainfo/piece-check.ts';
import { swarmHashes } from '../metainfo/torrent-id.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { BegunRecord } from '../store/records/begun-record.ts';
import type { SwarmStatus, SwarmTuning } from '../engine/statuses.ts';
import { WriteLease } from '../store/records/write-lease.ts';
import type { Claimer } from '../strategy/claims/claimer.ts';
import type { ShareMap } from '../strategy/pieces/share-map.ts';
import type { Swarm } from '../swarm/swarm.ts';
import { type ClientParts, downloadClient, type HostNeeds, metadataClient, type MetadataClient } from './clients.ts';
import { HostedPieces } from './hosted-pieces.ts';
import type { HeldLink } from './links.ts';
import type { ListenSocket, ListenUser } from './listen-socket.ts';
import type { AboutOneDownload, DownloadSetup } from './messages.ts';
import { NamedPeers } from './named-peers.ts';
import { standsForName } from '../base/stand-in.ts';
import { Outbox } from './outbox.ts';
import { failedMessage, metadataStatus } from './reports.ts';

/** What takes part in the swarm: the fetching of its metadata, or the client with its pieces. */
type Hosted = MetadataClient | { readonly kind: 'pieces'; readonly swarm: Swarm; readonly pieces: HostedPieces };

/** One download in one identity process: when it takes part in the swarm, and the messages about it. */
export class HostedDownload {
  readonly setup: DownloadSetup;
  readonly #host: HostNeeds;
  readonly #own: { readonly share: ShareMap; readonly claimer: Claimer } | undefined;
  readonly #outbox: Outbox;
  readonly #buckets: { readonly down: TokenBucket; readonly up: TokenBucket };
  readonly #named: NamedPeers;
  #client: Hosted | undefined;
  #tuning: SwarmTuning;
  readonly #lease: WriteLease;
  readonly #socket: ListenSocket;
  readonly #link: HeldLink;
  #unlisten = (): void => {};
  #paused: boolean;
  /** Whether it listens on its address. */
  #up = false;
  /** Whether it waits for its address. */
  #addressGone = false;
  #started: Promise<void> | undefined;
  #leaving: Promise<void> | undefined;
  /** Aborted when the process ends, so that long work stops. */
  readonly #hurry = new AbortController();

  /** `own`: the share map and the claims of an identity that has no coordinator. */
  constructor(setup: DownloadSetup, host: HostNeeds, own?: { readonly share: ShareMap; readonly claimer: Claimer }) {
    this.setup = setup;
    this.#own = own;
    this.#link = host.links.hold(setup);
    const { ports } = this.#link;
    // From here on there is nothing by which it could leave beside its proxy.
    this.#host = { ...host, ports };
    this.#socket = host.listenSockets.at(setup.address, ports);
    this.#paused = setup.paused;
    this.#tuning = setup.tuning;
    const { clock, net } = ports;
    const { key, address } = setup;
    this.#named = new NamedPeers({
      net,
      address,
      found: (source, endpoints) => {
        // The tables of peers hold addresses, and the proxy alone knows theirs.
        if (endpoints.some((one) => standsForName(one.host))) {
          const message = 'Peers named by a host name are not dialled through a proxy: give their addresses.';
          host.post({ type: 'tracker-warning', key, message });
        } else host.post({ type: 'peers-found', key, source, endpoints });
      },
    });
    this.#outbox = new Outbox(clock, key, (message) => host.post(message));
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
      this.#client = isCheckable(info) ? await this.#pieces(parts, info) : metadataClient(parts, info);
    }
    const { key } = setup;
    this.#unlisten =
      this.#link.proxy?.onNews((message) => this.#host.post({ type: 'tracker-warning', key, message })) ??
      this.#unlisten;
    await this.#listen();
    await this.#started;
  }

  async #pieces(parts: ClientParts, info: Info): Promise<Hosted> {
    const { setup } = this;
    const client = await downloadClient(parts, info, this.#own);
    const pieces = new HostedPieces(client, { setup, host: this.#host, outbox: this.#outbox });
    return { kind: 'pieces', swarm: client.swarm, pieces };
  }

  handle(message: AboutOneDownload): void {
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
        if (client.kind === 'pieces') client.pieces.handle(message);
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
    this.#unlisten();
    // Whoever waits for the files does not have to wait for the trackers.
    const farewell = client?.swarm.core.farewell();
    try {
      await client?.swarm.halt();
      if (client?.kind === 'pieces') begun = await client.pieces.close(this.#hurry.signal);
    } catch (error) {
      this.#host.post(failedMessage(key, error));
    }
    this.#outbox.stop();
    this.#host.post({ type: 'left', key, begun });
    // UDP trackers are told through this socket.
    await farewell;
    await this.#socket.leave(key).finally(() => this.#link.release());
  }

  status(withPeers: boolean): SwarmStatus | undefined {
    const client = this.#client;
    if (client === undefined) return undefined;
    if (client.kind === 'pieces') return client.pieces.status(this.#waits, withPeers);
    return metadataStatus(this.setup, client.swarm, this.#socket.mapping, this.#waits ?? 'fetching-metadata');
  }

  /** Its state, if nothing happens in it by itself and nobody is connected, so that there is no other news except from trackers. */
  get quiet(): string | undefined {
    const client = this.#client;
    if (client === undefined || client.swarm.core.pool.size > 0) return undefined;
    return this.#waits ?? (client.kind === 'pieces' && client.pieces.activity === 'seeding' ? 'seeding' : undefined);
  }

  get #waits(): 'no-address' | 'paused' | undefined {
    return this.#addressGone ? 'no-address' : this.#paused ? 'paused' : undefined;
  }

  /** How many of its own peers have each piece, for people and for the siblings' rarest first (A8); undefined: as when it was asked last. */
  availability(): Uint16Array | undefined {
    return this.#client?.kind === 'pieces' ? this.#client.swarm.availabilityNews() : undefined;
  }

  /** Now and then brings what was written to stable storage. */
  async sync(): Promise<void> {
    const client = this.#client;
    if (client?.kind === 'pieces' && this.#leaving === undefined) await client.pieces.sync();
  }

  /** Takes part in the swarm while its address is there, and waits while it is not (invariant 8). */
  #listen(): Promise<void> {
    const { key, hashes, port } = this.setup;
    const mapAt = (): readonly string[] | undefined =>
      // The router of a proxy is not ours.
      this.#tuning.portMap && this.#link.proxy === undefined ? (this.setup.gateways ?? []) : undefined;
    const user: ListenUser = {
      get mapAt() {
        return mapAt();
      },
      moved: () => this.#client?.swarm.core.sources.moved(),
      encryption: () => this.#tuning.encryption,
      takes: (transport) => this.#tuning[transport],
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

  /** Peers may be named, by the user or by a link: their addresses are found like other peers. */
  #deal(dial: readonly FoundPeer[], { swarm }: Hosted): void {
    swarm.core.pool.setDealt(dial);
    if (dial.some(({ host }) => isLoopback(host))) this.#socket.udp.useLoopback();
    this.#named.dealt(dial);
  }

  /** Also while it is being opened. */
  #tune(tuning: SwarmTuning): void {
    const now = this.#host.ports.clock.now();
    this.#buckets.down.setRate(tuning.limits.down, now);
    this.#buckets.up.setRate(tuning.limits.up, now);
    const { portMap } = this.#tuning;
    this.#tuning = tuning;
    if (this.#client?.kind === 'pieces') this.#client.swarm.tune(tuning);
    this.#client?.swarm.core.retuned();
    if (portMap !== tuning.portMap) this.#socket.remap(this.setup.key);
  }
}
