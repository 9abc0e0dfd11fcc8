import type { EnsembleError } from '../base/errors.ts';
import type { Millis } from '../base/ids.ts';
import type { PeerSource, SourceNeeds } from '../discovery/peer-source.ts';
import { infoHashOf, parseInfo } from '../metainfo/parse-info.ts';
import type { Info } from '../metainfo/torrent.ts';
import { machineOf } from '../peer/machine.ts';
import type { PeerSession, SessionHandler } from '../peer/session.ts';
import type { Ports } from '../ports/ports.ts';
import type { SeatedPeer } from '../strategy/turnover.ts';
import { leastUseful } from '../strategy/turnover.ts';
import type { ExtensionHandshake } from '../wire/extension-handshake.ts';
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../wire/extension-handshake.ts';
import { MetadataAssembly } from '../wire/metadata-assembly.ts';
import {
  METADATA_EXTENSION,
  decodeMetadataMessage,
  encodeMetadataReject,
  encodeMetadataRequest,
} from '../wire/metadata-message.ts';
import { EXTENSION_IDS } from './extensions.ts';
import { PeerPool } from './peer-pool.ts';
import type { Self } from './state.ts';

/** Peers enough to fetch a few hundred kilobytes. */
const MAX_PEERS = 30;
/** How many send it at once: each copy takes as much memory as its peer makes it, up to 10 MiB. */
const MAX_FETCHES = 4;
/** A peer that has not said that it has the metadata, or sent a piece of it, for so long makes room for another. */
const PATIENCE = 20_000 as Millis;
/** It says so in its first message: after so long it is not expected any more where another wants its place. */
const SETTLING = 10_000 as Millis;

export interface MetadataOptions {
  readonly ports: Ports;
  readonly self: Self;
  readonly client: string;
  readonly source: (needs: SourceNeeds) => PeerSource;
  /** The info dictionary, its hash checked. */
  found(info: Info): void;
  /** What the link names is no valid info dictionary, whoever sends it. */
  failed(error: EnsembleError): void;
}

/** Fetches the info dictionary of a magnet link from peers (BEP 9); downloads nothing else. */
export class MetadataSwarm {
  readonly #options: MetadataOptions;
  /** Who is connected, who is dialled, who is let in. */
  readonly pool: PeerPool;
  readonly #source: PeerSource;
  readonly #fetches = new Set<MetadataFetch>();
  #ended = false;

  constructor(options: MetadataOptions) {
    this.#options = options;
    const { ports, self } = options;
    this.pool = new PeerPool({
      ports,
      infoHash: self.infoHash,
      peerId: self.peerId,
      ...(self.address === undefined ? {} : { address: self.address }),
      maxPeers: () => MAX_PEERS,
      wanted: () => !this.#ended,
      makeRoom: (newcomer, may) => this.#makeRoom(newcomer, may),
      joined: (session) => this.#joined(session),
    });
    // Nothing is known of the size: a seed would be taken for one of 0 bytes left.
    this.#source = options.source({
      complete: () => false,
      peerCount: () => this.pool.size,
      totals: () => ({ uploaded: 0, downloaded: 0, left: 1 }),
    });
  }

  async start(): Promise<void> {
    this.#ended = false;
    this.pool.start();
    this.#source.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.halt(), this.farewell()]);
  }

  /** Announces `stopped`; bounded to 3 s. */
  farewell(): Promise<void> {
    return this.#source.stop();
  }

  /** Closes all connections. */
  async halt(): Promise<void> {
    this.#ended = true;
    this.pool.stop();
  }

  announce(): void {
    this.#source.announceNow();
  }

  status(): ReturnType<PeerSource['status']> {
    return this.#source.status();
  }

  #joined(session: PeerSession): void {
    const { clock } = this.#options.ports;
    if (!session.extended) {
      session.start(new Ignoring(() => this.pool.left(session)));
      this.pool.useless(session);
      return;
    }
    const fetch = new MetadataFetch(session, clock.now(), {
      complete: (raw) => this.#complete(raw, session),
      ready: () => this.#next(),
      left: () => {
        timer.cancel();
        this.#fetches.delete(fetch);
        this.pool.left(session);
        this.#next();
      },
    });
    const timer = clock.every(PATIENCE, () => {
      if (fetch.idle) this.pool.turnOut(session);
    });
    this.#fetches.add(fetch);
    if (session.fast) session.batch.haveNone();
    session.sendExtended(0, encodeExtensionHandshake({ messages: EXTENSION_IDS, client: this.#options.client }));
    session.start(fetch);
    session.flush();
  }

  #makeRoom(newcomer: string | undefined, may: (session: PeerSession) => boolean): PeerSession | undefined {
    const now = this.#options.ports.clock.now();
    const peers = [...this.#fetches].filter(({ session }) => !session.over).map((fetch) => fetch.seat(now));
    return leastUseful({ peers, seeding: false, newcomer, settling: SETTLING, may });
  }

  /** Lets those that wait begin, as far as there is room. */
  #next(): void {
    let room = MAX_FETCHES;
    for (const fetch of this.#fetches) if (fetch.fetching) room--;
    for (const fetch of this.#fetches) if (!this.#ended && room > 0 && fetch.begin()) room--;
  }

  #complete(raw: Uint8Array, session: PeerSession): void {
    if (this.#ended) return;
    // The whole came from this peer alone: what it sent was not what the link names.
    if (infoHashOf(raw) !== this.#options.self.infoHash) return this.pool.ban(session.remote.host);
    this.#ended = true;
    let info: Info;
    try {
      info = parseInfo(raw);
    } catch (error) {
      this.#options.failed(error as EnsembleError);
      return;
    }
    this.#options.found(info);
  }
}

/** A handler of a peer of which nothing is wanted. */
class Ignoring implements SessionHandler {
  readonly #left: () => void;

  constructor(left: () => void) {
    this.#left = left;
  }

  keepAlive(): void {}
  choke(): void {}
  unchoke(): void {}
  interested(): void {}
  notInterested(): void {}
  have(): void {}
  bitfield(): void {}
  request(): void {}
  cancel(): void {}
  blockTarget(): undefined {}
  block(): void {}
  port(): void {}
  suggest(): void {}
  haveAll(): void {}
  haveNone(): void {}
  reject(): void {}
  allowedFast(): void {}
  extended(_id: number, _payload: Uint8Array): void {}
  chunkDone(): void {}
  drained(): void {}

  closed(): void {
    this.#left();
  }
}

/** One peer's copy of the metadata. */
class MetadataFetch extends Ignoring {
  readonly session: PeerSession;
  readonly #since: Millis;
  readonly #complete: (raw: Uint8Array) => void;
  readonly #ready: () => void;
  #peer: ExtensionHandshake | undefined;
  #assembly: MetadataAssembly | undefined;
  /** It sent a piece, or waits for its turn, since the last look. */
  #stirred = true;

  constructor(
    session: PeerSession,
    since: Millis,
    needs: { complete(raw: Uint8Array): void; ready(): void; left(): void },
  ) {
    super(needs.left);
    this.session = session;
    this.#since = since;
    this.#complete = needs.complete;
    this.#ready = needs.ready;
  }

  /** What it is worth, when another wants its place. */
  seat(now: Millis): SeatedPeer<PeerSession> {
    return {
      id: this.session,
      machine: machineOf(this.session.remote.host, this.session.peerId),
      // Who brings it is not in question, nor who has just come: `idle` sees to the rest.
      idleFor: this.fetching ? (0 as Millis) : ((now - this.#since) as Millis),
      traded: this.fetching,
      interested: false,
      interesting: this.#source !== undefined,
      declines: false,
    };
  }

  get fetching(): boolean {
    return this.#assembly !== undefined;
  }

  /** Whether nothing came of it since this was asked last. */
  get idle(): boolean {
    const idle = !this.#stirred;
    // One that waits for its turn is not to blame.
    this.#stirred = this.#assembly === undefined && this.#source !== undefined;
    return idle;
  }

  /** Asks for all of it; false where the peer has it not, or is asked already. */
  begin(): boolean {
    const source = this.#source;
    if (source === undefined || this.#assembly !== undefined) return false;
    this.#stirred = true;
    this.#assembly = new MetadataAssembly(source.size);
    for (const piece of this.#assembly.missing()) this.session.sendExtended(source.id, encodeMetadataRequest(piece));
    this.session.flush();
    return true;
  }

  override extended(id: number, payload: Uint8Array): void {
    if (id === 0) this.#greeted(decodeExtensionHandshake(payload));
    else if (id === EXTENSION_IDS.get(METADATA_EXTENSION)) this.#message(payload);
  }

  #greeted(handshake: ExtensionHandshake): void {
    this.#peer = handshake;
    this.#ready();
  }

  /** Under which number it takes requests, and how many bytes it has; undefined where it cannot help. */
  get #source(): { readonly id: number; readonly size: number } | undefined {
    const id = this.#peer?.messages.get(METADATA_EXTENSION);
    const size = this.#peer?.metadataSize;
    return id === undefined || id === 0 || size === undefined ? undefined : { id, size };
  }

  #message(payload: Uint8Array): void {
    const message = decodeMetadataMessage(payload);
    const to = this.#peer?.messages.get(METADATA_EXTENSION);
    if (message.kind === 'request' && to !== undefined) {
      this.session.sendExtended(to, encodeMetadataReject(message.piece));
    } else if (message.kind === 'reject') this.session.close();
    else if (message.kind === 'data' && this.#assembly !== undefined) {
      if (this.#assembly.add(message.piece, message.data)) this.#stirred = true;
      const raw = this.#assembly.bytes();
      if (raw !== undefined) this.#complete(raw);
    }
  }
}
