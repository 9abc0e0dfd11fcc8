import type { Millis } from '../base/ids.ts';
import { machineOf } from '../peer/machine.ts';
import type { PeerSession } from '../peer/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { SeatedPeer } from '../strategy/peers/turnover.ts';
import type { ExtensionHandshake } from '../wire/extension-handshake.ts';
import { MetadataAssembly } from '../wire/metadata-assembly.ts';
import {
  METADATA_EXTENSION,
  decodeMetadataMessage,
  encodeMetadataReject,
  encodeMetadataRequest,
} from '../wire/metadata-message.ts';
import type { Extension, ExtensionEars, ExtensionPeer } from './extension.ts';

/** How many peers send it at a time: each copy takes as much memory as its peer makes it take, up to 10 MiB. */
const MAX_COPIES = 4;
/** A peer that for this long has not said that it has the metadata, or sent a piece of it, makes room for another. */
const PATIENCE = 20_000;
/** While others wait for their turn, one copy makes room this often: the one that needs most time, once it had this much. */
const TURN = 10_000;

export interface MetadataFetchingNeeds {
  readonly clock: Clock;
  /** Whether it is still looked for. */
  wanted(): boolean;
  /** A peer sent all of it. False where it is not what the link names, so that the peer lied. */
  complete(raw: Uint8Array): boolean;
}

/** Fetches the info dictionary from peers (BEP 9). Each copy comes from a single peer, so that it is known which one lied. */
export class MetadataFetching implements Extension {
  readonly name = METADATA_EXTENSION;
  /** Whether the torrent is private is only known from the metadata. */
  readonly onPrivate = true;
  readonly #needs: MetadataFetchingNeeds;
  readonly #copies = new Set<MetadataCopy>();
  /** When a copy last made room for those that wait. */
  #turnedAt = -Infinity;

  constructor(needs: MetadataFetchingNeeds) {
    this.#needs = needs;
  }

  join(peer: ExtensionPeer): ExtensionEars {
    const { clock } = this.#needs;
    const copy = new MetadataCopy(peer, clock, {
      complete: (raw) => {
        if (!this.#needs.complete(raw)) peer.ban();
      },
      ready: () => this.#next(),
      left: () => {
        this.#copies.delete(copy);
        this.#next();
      },
    });
    this.#copies.add(copy);
    return copy;
  }

  tick(now: Millis): void {
    for (const copy of this.#copies) if (copy.silentFor(now) >= PATIENCE) copy.peer.useless();
    this.#takeTurns(now);
  }

  /** The peers as candidates to leave when another wants a place. */
  seats(now: Millis, visitsOf: (machine: string) => number): SeatedPeer<PeerSession>[] {
    return [...this.#copies].filter(({ peer }) => !peer.session.over).map((copy) => copy.seat(now, visitsOf));
  }

  /** Else peers that send one piece now and then, of a copy that they call large, would hold all turns for hours. */
  #takeTurns(now: Millis): void {
    const copies = [...this.#copies].filter(({ peer }) => !peer.session.over);
    if (now - this.#turnedAt < TURN || !copies.some((copy) => copy.waits)) return;
    let slowest: MetadataCopy | undefined;
    for (const copy of copies) {
      const left = copy.timeLeft(now);
      if (left >= TURN && (slowest === undefined || left > slowest.timeLeft(now))) slowest = copy;
    }
    if (slowest === undefined) return;
    this.#turnedAt = now;
    slowest.peer.useless();
  }

  /** Lets waiting copies begin, as far as there is room. */
  #next(): void {
    let room = MAX_COPIES;
    for (const copy of this.#copies) if (copy.fetching) room--;
    for (const copy of this.#copies) if (this.#needs.wanted() && room > 0 && copy.begin()) room--;
  }
}

/** One peer's copy of the metadata. */
class MetadataCopy implements ExtensionEars {
  readonly peer: ExtensionPeer;
  readonly #clock: Clock;
  readonly #needs: { complete(raw: Uint8Array): void; ready(): void; left(): void };
  #handshake: ExtensionHandshake | undefined;
  #assembly: MetadataAssembly | undefined;
  readonly #since: Millis;
  /** When it last sent a piece. */
  #heardAt: Millis;
  /** When it was asked. */
  #begunAt: Millis;
  /** Pieces that it has sent. */
  #brought = 0;

  constructor(
    peer: ExtensionPeer,
    clock: Clock,
    needs: { complete(raw: Uint8Array): void; ready(): void; left(): void },
  ) {
    this.peer = peer;
    this.#clock = clock;
    this.#needs = needs;
    this.#since = clock.now();
    this.#heardAt = this.#since;
    this.#begunAt = this.#since;
  }

  seat(now: Millis, visitsOf: (machine: string) => number): SeatedPeer<PeerSession> {
    const { session } = this.peer;
    const machine = machineOf(session.remote.host, session.peerId);
    return {
      id: session,
      machine,
      // A peer that is sending stays, and so does one that has just come; `silentFor` takes care of the rest.
      idleFor: (this.fetching ? 0 : now - this.#since) as Millis,
      traded: this.fetching,
      trickles: false,
      visits: visitsOf(machine),
      interested: false,
      interesting: this.#size !== undefined,
      declines: false,
      priority: this.peer.link.priority,
    };
  }

  get fetching(): boolean {
    return this.#assembly !== undefined;
  }

  /** It has the metadata, and was not asked for it yet. */
  get waits(): boolean {
    return this.#size !== undefined && this.#assembly === undefined;
  }

  /** How long the rest will take at its pace so far, in ms; 0 while it is too early to say. */
  timeLeft(now: Millis): number {
    const taken = now - this.#begunAt;
    if (this.#assembly === undefined || taken < TURN) return 0;
    return (taken * (this.#assembly.pieceCount - this.#brought)) / this.#brought;
  }

  /** For how long nothing has come from it, in ms. A peer that waits for its turn is not to blame. */
  silentFor(now: Millis): number {
    return this.waits ? 0 : now - this.#heardAt;
  }

  /** Asks for all of it; false where the peer does not have it, or was asked already. */
  begin(): boolean {
    const size = this.#size;
    if (size === undefined || this.#assembly !== undefined) return false;
    this.#begunAt = this.#clock.now();
    this.#heardAt = this.#begunAt;
    this.#assembly = new MetadataAssembly(size);
    for (const piece of this.#assembly.missing()) this.peer.send(encodeMetadataRequest(piece));
    return true;
  }

  greeted(handshake: ExtensionHandshake): void {
    this.#handshake = handshake;
    this.#needs.ready();
  }

  message(payload: Uint8Array): void {
    const message = decodeMetadataMessage(payload);
    if (message.kind === 'request') this.peer.send(encodeMetadataReject(message.piece));
    else if (message.kind === 'reject') this.peer.close();
    else if (message.kind === 'data' && this.#assembly !== undefined) {
      if (this.#assembly.add(message.piece, message.data)) {
        this.#heardAt = this.#clock.now();
        this.#brought++;
      }
      const raw = this.#assembly.bytes();
      if (raw !== undefined) this.#needs.complete(raw);
    }
  }

  left(): void {
    this.#needs.left();
  }

  /** How many bytes it has; undefined where it has none, or takes no requests. */
  get #size(): number | undefined {
    const number = this.#handshake?.messages.get(METADATA_EXTENSION) ?? 0;
    return number === 0 ? undefined : this.#handshake?.metadataSize;
  }
}
