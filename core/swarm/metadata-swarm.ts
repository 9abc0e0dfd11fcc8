import type { Endpoint } from '../base/endpoint.ts';
import type { PeerId } from '../base/ids.ts';
import type { PeerSource } from '../discovery/peer-source.ts';
import { parseInfo } from '../metainfo/parse-info.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Admission } from '../peer/half-open.ts';
import type { PeerSession, SessionHandler } from '../peer/session.ts';
import type { Ports } from '../ports/ports.ts';
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
import type { SourceNeeds } from './swarm.ts';

/** Peers enough to fetch a few hundred kilobytes. */
const MAX_PEERS = 30;

export interface MetadataOptions {
  readonly ports: Ports;
  readonly self: Self;
  readonly client: string;
  readonly source: (needs: SourceNeeds) => PeerSource;
  /** The info dictionary, its hash checked. */
  found(info: Info): void;
}

/** Fetches the info dictionary of a magnet link from peers (BEP 9); downloads nothing else. */
export class MetadataSwarm {
  readonly #options: MetadataOptions;
  readonly #pool: PeerPool;
  readonly #source: PeerSource;
  readonly #fetches = new Set<MetadataFetch>();
  #ended = false;

  constructor(options: MetadataOptions) {
    this.#options = options;
    const { ports, self } = options;
    this.#pool = new PeerPool({
      ports,
      infoHash: self.infoHash,
      peerId: self.peerId,
      ...(self.address === undefined ? {} : { address: self.address }),
      maxPeers: () => MAX_PEERS,
      wanted: () => !this.#ended,
      joined: (session) => this.#joined(session),
    });
    // Nothing is known of the size: a seed would be taken for one of 0 bytes left.
    this.#source = options.source({
      peerCount: () => this.#pool.size,
      totals: () => ({ uploaded: 0, downloaded: 0, left: 1 }),
    });
  }

  async start(): Promise<void> {
    this.#ended = false;
    this.#pool.start();
    this.#source.start();
  }

  async stop(): Promise<void> {
    this.#ended = true;
    this.#pool.stop();
    await this.#source.stop();
  }

  admission(remote: Endpoint): Admission | undefined {
    return this.#pool.admission(remote);
  }

  /** The peers to dial, all of them (A16). */
  setDealt(endpoints: readonly Endpoint[]): void {
    this.#pool.setDealt(endpoints);
  }

  setSiblings(peerIds: readonly PeerId[], endpoints: readonly Endpoint[]): void {
    this.#pool.setSiblings(peerIds, endpoints);
  }

  announce(): void {
    this.#source.announceNow();
  }

  get peers(): number {
    return this.#pool.size;
  }

  status(): ReturnType<PeerSource['status']> {
    return this.#source.status();
  }

  #joined(session: PeerSession): void {
    if (!session.extended) {
      session.start(new Ignoring(() => this.#pool.left(session)));
      session.close();
      return;
    }
    const fetch = new MetadataFetch(session, {
      complete: (raw) => this.#complete(raw, session),
      left: () => {
        this.#fetches.delete(fetch);
        this.#pool.left(session);
      },
    });
    this.#fetches.add(fetch);
    if (session.fast) session.batch.haveNone();
    session.sendExtended(0, encodeExtensionHandshake({ messages: EXTENSION_IDS, client: this.#options.client }));
    session.start(fetch);
    session.flush();
  }

  #complete(raw: Uint8Array, session: PeerSession): void {
    if (this.#ended) return;
    let info: Info;
    try {
      info = parseInfo(raw, this.#options.self.infoHash);
    } catch {
      // The whole came from this peer alone: what it sent was not what the link names.
      this.#pool.ban(session);
      return;
    }
    this.#ended = true;
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
  readonly #session: PeerSession;
  readonly #complete: (raw: Uint8Array) => void;
  #peer: ExtensionHandshake | undefined;
  #assembly: MetadataAssembly | undefined;

  constructor(session: PeerSession, needs: { complete(raw: Uint8Array): void; left(): void }) {
    super(needs.left);
    this.#session = session;
    this.#complete = needs.complete;
  }

  override extended(id: number, payload: Uint8Array): void {
    if (id === 0) this.#greeted(decodeExtensionHandshake(payload));
    else if (id === EXTENSION_IDS.get(METADATA_EXTENSION)) this.#message(payload);
  }

  #greeted(handshake: ExtensionHandshake): void {
    this.#peer = handshake;
    const to = handshake.messages.get(METADATA_EXTENSION);
    if (to === undefined || handshake.metadataSize === undefined || this.#assembly !== undefined) return;
    this.#assembly = new MetadataAssembly(handshake.metadataSize);
    for (const piece of this.#assembly.missing()) this.#session.sendExtended(to, encodeMetadataRequest(piece));
    this.#session.flush();
  }

  #message(payload: Uint8Array): void {
    const message = decodeMetadataMessage(payload);
    const to = this.#peer?.messages.get(METADATA_EXTENSION);
    if (message.kind === 'request' && to !== undefined) {
      this.#session.sendExtended(to, encodeMetadataReject(message.piece));
    } else if (message.kind === 'reject') this.#session.close();
    else if (message.kind === 'data' && this.#assembly !== undefined) {
      this.#assembly.add(message.piece, message.data);
      const raw = this.#assembly.bytes();
      if (raw !== undefined) this.#complete(raw);
    }
  }
}
