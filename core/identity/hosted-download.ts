import type { Millis } from '../base/ids.ts';
import { isLoopback } from '../base/ip.ts';
import type { FoundPeer } from '../base/peer-source.ts';
import type { PeerSource, SourceNeeds } from '../discovery/peer-source.ts';
import type { Admission, Newcomer } from '../peer/half-open.ts';
import { bucketsOf, type TokenBucket } from '../base/token-bucket.ts';
import { infoOf } from '../metainfo/known-info.ts';
import { isCheckable } from '../metainfo/piece-check.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { BegunRecord } from '../store/records/begun-record.ts';
import type { RestingStatus, SwarmStatus, SwarmTuning } from '../engine/statuses.ts';
import { WriteLease } from '../store/records/write-lease.ts';
import type { Claimer } from '../strategy/claims/claimer.ts';
import type { ShareMap } from '../strategy/pieces/share-map.ts';
import type { Totals } from '../swarm/state.ts';
import { type ClientParts, downloadClient, metadataClient } from './clients.ts';
import type { HostNeeds } from './host-needs.ts';
import { type AwakeClient, type Hosted, sourcesOf } from './hosted-client.ts';
import { HostedPieces } from './hosted-pieces.ts';
import { LastingSources } from './lasting-sources.ts';
import type { ListenSocket } from './listen-socket.ts';
import type { AboutOneDownload, AboutPieces, DownloadSetup } from './messages.ts';
import { type NamedPeers, namedPeersOf } from './named-peers.ts';
import { Stopper } from '../base/stopper.ts';
import { Outbox } from './outbox.ts';
import { Presence, type PresenceNeeds } from './presence.ts';
import { failedMessage, metadataStatus, restingStatus } from './reports.ts';
import { makeSources, type SourceParts } from './torrent-sources.ts';
import { beginsAtRest, canRest, NEVER_AWAKE, type Rested, RestingSeed, setupAtRest } from './resting-seed.ts';

/** A seed rests when it was left alone for so many looks, which come every 15 s. */
const LOOKS_ALONE = 4;

/** One download in one identity process: when it takes part in the swarm, and the messages about it. */
export class HostedDownload implements PresenceNeeds, SourceParts {
  #setup: DownloadSetup;
  readonly #host: HostNeeds;
  readonly #own: { readonly share: ShareMap; readonly claimer: Claimer } | undefined;
  /** These are made when they are needed: one at rest has none. */
  #outbox: Outbox | undefined;
  #buckets: { readonly down: TokenBucket; readonly up: TokenBucket } | undefined;
  #named: NamedPeers | undefined;
  readonly sources = new LastingSources(this);
  #client: Hosted | undefined;
  /** How many looks in a row found nobody. */
  #alone = 0;
  /** Nothing was told of its pieces that would be forgotten if it rested. */
  #plain = true;
  /** How often its trackers became others, which is news. */
  #edits = 0;
  #tuning: SwarmTuning;
  readonly #lease: WriteLease;
  readonly #presence: Presence;
  #paused: boolean;
  #started: Promise<void> | undefined;
  #leaving: Promise<void> | undefined;
  /** Aborted when the process ends, so that long work stops. */
  #hurry: Stopper | undefined;

  /** `own`: the share map and the claims of an identity that has no coordinator. */
  constructor(setup: DownloadSetup, host: HostNeeds, own?: { readonly share: ShareMap; readonly claimer: Claimer }) {
    this.#setup = setup;
    this.#own = own;
    this.#tuning = setup.tuning;
    this.#paused = setup.paused;
    this.#presence = new Presence(host, this);
    const { ports } = this.#presence;
    this.#host = ports === host.ports ? host : { ...host, ports };
    this.#lease = new WriteLease(ports.clock, setup.lease);
  }

  get host(): HostNeeds {
    return this.#host;
  }

  get socket(): ListenSocket {
    return this.#presence.socket;
  }

  tuning(): SwarmTuning {
    return this.#tuning;
  }

  makeSources(needs: SourceNeeds): readonly PeerSource[] {
    return makeSources(this, needs);
  }

  admit(newcomer: Newcomer): Admission | undefined {
    if (this.#paused || this.#host.barred(newcomer.remote.host)) return undefined;
    return this.#wake()?.swarm.core.pool.admission(newcomer);
  }

  moved(): void {
    if (this.#client !== undefined) sourcesOf(this.#client).moved();
  }

  up(): void {
    this.#start();
  }

  down(): void {
    void this.#client?.swarm.stop();
  }

  refused(error: unknown): void {
    this.#failed(error);
  }

  get setup(): DownloadSetup {
    return this.#setup;
  }

  /** What failed since then did so for want of a way. */
  wayCame(since: Millis): void {
    const client = this.#client;
    if (client === undefined) return;
    sourcesOf(client).wayCame(since);
    if (client.kind !== 'resting') client.swarm.core.pool.wayCame(since);
  }

  /** Its pieces; undefined while its metadata is not there, or it has left. */
  get pieces(): HostedPieces | undefined {
    return this.#client?.kind === 'pieces' ? this.#client.pieces : undefined;
  }

  /** Builds all parts that are needed and joins the swarm. Rejects with EnsembleError. */
  async open(): Promise<void> {
    const { setup } = this;
    // Thousands rest, and few are woken: only then is it read what they consist of.
    if (this.#own === undefined && beginsAtRest(setup)) this.#rest(NEVER_AWAKE);
    else this.#become(this.#awake(this.#info()));
    this.#presence.open();
    await this.#presence.listen();
    await this.#started;
  }

  get #parts(): ClientParts {
    const { setup } = this;
    const { clock } = this.#host.ports;
    const { key } = setup;
    this.#outbox ??= new Outbox(clock, key, (message) => this.#host.post(message));
    this.#buckets ??= bucketsOf(this.#tuning.limits, clock.now());
    return {
      setup,
      tuning: () => this.#tuning,
      host: this.#host,
      socket: this.socket,
      outbox: this.#outbox,
      buckets: this.#buckets,
      lease: this.#lease,
      sources: this.sources,
      failed: (error) => this.#failed(error),
    };
  }

  /** It cannot go on until it is resumed. */
  #failed(error: unknown): void {
    this.#paused = true;
    this.#host.post(failedMessage(this.setup.key, error));
  }

  /** Undefined where it is still to be fetched. Throws EnsembleError('invalid-torrent'). */
  #info(): Info | undefined {
    const { setup } = this;
    return setup.rawInfo && infoOf({ ...setup, rawInfo: setup.rawInfo }, setup.hashes);
  }

  #awake(info: Info | undefined, rested?: Rested): AwakeClient {
    const { setup } = this;
    if (info === undefined || !isCheckable(info)) return metadataClient(this.#parts, info);
    const parts = { ...this.#parts, ...(rested !== undefined && { rested: rested.totals }) };
    const client = downloadClient(parts, info, this.#own);
    const pieces = new HostedPieces(client, { setup, host: this.#host, outbox: parts.outbox });
    return { kind: 'pieces', swarm: client.swarm, pieces };
  }

  /** Its client, made now where it was at rest. Undefined before it is opened, after it has left, and where it cannot be made. */
  #wake(): AwakeClient | undefined {
    const client = this.#client;
    if (client?.kind !== 'resting') return client;
    this.#alone = 0;
    try {
      const awake = this.#awake(this.#info(), client.swarm.rested);
      this.#become(awake);
      if (this.#presence.listens) this.#start();
      return awake;
    } catch (error) {
      this.#host.post(failedMessage(this.setup.key, error));
      return undefined;
    }
  }

  #become(client: Hosted | undefined): void {
    this.#client = client;
    if (client === undefined || client.kind === 'resting') this.#host.atWork.delete(this);
    else this.#host.atWork.add(this);
  }

  #rest(rested: Rested): void {
    const { setup } = this;
    const isPrivate = setup.private ?? this.#info()?.private === true;
    this.#setup = setupAtRest(setup);
    this.#become({ kind: 'resting', swarm: new RestingSeed(this, isPrivate, rested) });
  }

  /** Its client ends; what announces it goes on. */
  async #fallAsleep(
    { swarm, pieces }: Extract<AwakeClient, { readonly kind: 'pieces' }>,
    totals: Totals,
  ): Promise<void> {
    const { pool } = swarm.core;
    const exchange = swarm.core.sourceStatus().find(({ kind }) => kind === 'pex');
    const exchanged = exchange?.kind === 'pex' ? exchange.found : 0;
    this.#rest({ totals, exchanged, reached: pool.reachable });
    await swarm.halt();
    await pieces.close(this.#hurrying);
  }

  handle(message: AboutOneDownload): void {
    if (message.type === 'lease') return this.#lease.renew(message.until);
    if (message.type === 'lease-lost') return this.#lease.lose();
    if (message.type === 'tune') return this.#tune(message.tuning);
    // It concerns those that meet other machines.
    if (message.type === 'collect') return;
    if (message.type === 'trackers') {
      this.#edits++;
      this.#setup = { ...this.#setup, trackers: message.trackers };
      return this.sources.setTrackers(message.trackers);
    }
    const client = this.#client;
    if (client === undefined) return;
    switch (message.type) {
      case 'peers':
        if (message.dial.length > 0 || client.kind !== 'resting') this.#deal(message.dial);
        return;
      case 'siblings':
        return this.#wake()?.swarm.core.pool.setSiblings(message.peerIds, message.endpoints);
      case 'ban':
        for (const host of message.hosts) this.#wake()?.swarm.core.ban(host);
        return;
      case 'pause':
        this.#paused = true;
        void client.swarm.stop();
        return;
      case 'resume':
        this.#paused = false;
        if (this.#presence.listens) this.#start();
        else void this.#presence.listen();
        return;
      case 'announce':
        sourcesOf(client).announceNow();
        return;
      case 'leave':
        void this.leave();
        return;
      default:
        this.#aboutPieces(message);
    }
  }

  /** Messages about pieces and files, which are not known without metadata. */
  #aboutPieces(message: AboutPieces): void {
    const client = this.#wake();
    if (client?.kind === 'pieces') client.pieces.handle(message);
    // Nothing may be forgotten when it rests.
    if (message.type === 'moved') this.#setup = { ...this.#setup, location: message.location, naming: message.naming };
    else this.#plain &&= message.type === 'seed' || message.type === 'close-files';
  }

  /**
   * Leaves the swarm, keeps what was begun, closes everything, and reports that; resolves when the trackers have been told too.
   * `hurry`: the process is ending, so that no part is brought into order, which may copy all of it: its index suffices.
   */
  leave(hurry = false): Promise<void> {
    if (hurry) this.#hurrying.abort();
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  get #hurrying(): Stopper {
    return (this.#hurry ??= new Stopper());
  }

  async #leave(): Promise<void> {
    const { key } = this.setup;
    let begun: readonly BegunRecord[] = [];
    const client = this.#client;
    this.#become(undefined);
    this.#presence.end();
    // Whoever waits for the files does not have to wait for the trackers.
    const farewell = client && sourcesOf(client).stop();
    try {
      if (client?.kind !== 'resting') await client?.swarm.halt();
      if (client?.kind === 'pieces') begun = await client.pieces.close(this.#hurrying);
    } catch (error) {
      this.#host.post(failedMessage(key, error));
    }
    this.#outbox?.stop();
    this.#host.post({ type: 'left', key, begun });
    // UDP trackers are told through this socket.
    await farewell;
    await this.#presence.leave();
  }

  /** How it stands, unless it is at rest. */
  status(withPeers: boolean): SwarmStatus | undefined {
    return this.#seen(this.#status(withPeers));
  }

  /** How it stands where it is at rest. */
  get resting(): RestingStatus | undefined {
    const client = this.#client;
    if (client?.kind !== 'resting') return undefined;
    const how = { state: this.#waits ?? ('seeding' as const), pex: this.#tuning.pex };
    return this.#seen(restingStatus(this.setup, client.swarm, this.#presence.socket, how));
  }

  #seen<T extends RestingStatus>(status: T | undefined): T | undefined {
    const { seenAs } = this.#presence;
    return status && (seenAs === undefined ? status : { ...status, seenAs });
  }

  #status(withPeers: boolean): SwarmStatus | undefined {
    const client = this.#client;
    if (client === undefined || client.kind === 'resting') return undefined;
    if (client.kind === 'pieces') return client.pieces.status(this.#waits, withPeers);
    return metadataStatus(this.setup, client.swarm, this.#presence.socket.mapping, this.#waits ?? 'fetching-metadata');
  }

  /** Ends connections with peers that are barred now. */
  expel(): void {
    if (this.#client !== undefined && this.#client.kind !== 'resting') this.#client.swarm.core.pool.expel();
  }

  /** Its state, if nothing happens in it by itself and nobody is connected, so that there is no other news except from trackers. */
  get quiet(): string | undefined {
    const client = this.#client;
    if (client === undefined) return undefined;
    const seeds = client.kind === 'resting' || (client.kind === 'pieces' && client.pieces.activity === 'seeding');
    if (client.kind !== 'resting' && client.swarm.core.pool.size > 0) return undefined;
    const state = this.#waits ?? (seeds ? 'seeding' : undefined);
    return state && `${state} ${this.#edits}`;
  }

  get #waits(): 'no-address' | 'paused' | undefined {
    return this.#presence.addressGone ? 'no-address' : this.#paused ? 'paused' : undefined;
  }

  /** How many of its own peers have each piece, for people and for the siblings' rarest first (A8); undefined: as when it was asked last. */
  availability(): Uint16Array | undefined {
    return this.#client?.kind === 'pieces' ? this.#client.swarm.availabilityNews() : undefined;
  }

  /** To be called every 15 s: brings what was written to stable storage, and lets a seed rest that was left alone. */
  async sync(): Promise<void> {
    const client = this.#client;
    if (client?.kind !== 'pieces' || this.#leaving !== undefined) return;
    const totals =
      this.#own === undefined && this.#plain && canRest(this.setup) ? client.swarm.keptAtRest() : undefined;
    this.#alone = totals === undefined ? 0 : this.#alone + 1;
    if (totals === undefined || this.#alone < LOOKS_ALONE) await client.pieces.sync();
    else await this.#fallAsleep(client, totals);
  }

  #start(): void {
    if (this.#paused || this.#leaving !== undefined) return;
    this.#started = this.#client?.swarm.start();
  }

  /** Peers may be named, by the user or by a link: their addresses are found like other peers. */
  #deal(dial: readonly FoundPeer[]): void {
    this.#wake()?.swarm.core.pool.setDealt(dial);
    if (dial.some(({ host }) => isLoopback(host))) this.#presence.socket.udp.useLoopback();
    this.#named ??= namedPeersOf(this);
    this.#named.dealt(dial);
  }

  /** Also while it is being opened. */
  #tune(tuning: SwarmTuning): void {
    const now = this.#host.ports.clock.now();
    this.#buckets?.down.setRate(tuning.limits.down, now);
    this.#buckets?.up.setRate(tuning.limits.up, now);
    const { portMap } = this.#tuning;
    this.#tuning = tuning;
    if (this.#client?.kind === 'pieces') this.#client.swarm.tune(tuning);
    if (this.#client?.kind === 'resting') this.#client.swarm.sources.retuned();
    else this.#client?.swarm.core.retuned();
    if (portMap !== tuning.portMap) this.#presence.remap();
  }
}
