import { EnsembleError, messageOf } from '../base/errors.ts';
import { type IdentityIndex, type Millis, piece as pieceIndex, type PieceIndex, UNKNOWN_OWNER } from '../base/ids.ts';
import type { BegunRecord } from '../store/records/begun-record.ts';
import { leastMissed } from '../strategy/peers/peer-handover.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { BlockSources } from './block-sources.ts';
import { Choking } from './choking.ts';
import { Claiming } from './claiming.ts';
import { DownloadSide } from './download-side.ts';
import { SwarmCore } from './core.ts';
import { Demand, type UrgentPieces } from './demand.ts';
import { MetadataServing } from './metadata-serving.ts';
import { newState, type SwarmOptions } from './new-state.ts';
import type { OtherSources } from './other-sources.ts';
import type { PeerLink } from './peer-link.ts';
import { PeerHashes } from './peer-hashes.ts';
import { PeerMessages } from './peer-messages.ts';
import { SwarmPeer } from './peer.ts';
import { Pieces } from './pieces.ts';
import { keptAtRest } from './rest.ts';
import { makeRoom } from './seats.ts';
import { ShownPieces } from './shown-pieces.ts';
import { Lending } from './lending.ts';
import { type HelpingSibling, Siblings } from './siblings.ts';
import { statusOf } from './snapshot.ts';
import type { LentBlock, SwarmEvents, SwarmState, Totals } from './state.ts';
import type { SwarmStatus, SwarmTuning } from '../engine/statuses.ts';
import { ReadThrottle } from './throttle.ts';
import { ToldPieces } from './told-pieces.ts';
import { UploadSide } from './upload-side.ts';

/**
 * One BitTorrent client for one torrent: the only place where the decisions of `core/strategy` are applied to peers and disk. Its
 * share map says which pieces it may take; apart from that it is an ordinary client (A1, A9).
 */
export class Swarm {
  readonly core: SwarmCore;
  readonly #state: SwarmState;
  readonly #downloads: DownloadSide;
  readonly #sources: BlockSources;
  readonly #uploads: UploadSide;
  readonly #choking: Choking;
  readonly #shown: ShownPieces;
  readonly #told: ToldPieces;
  readonly #claiming: Claiming;
  readonly #pieces: Pieces;
  readonly #demand: Demand;
  readonly #hashes: PeerHashes;
  readonly #throttle: ReadThrottle;
  readonly #others: OtherSources | undefined;
  readonly #siblings: Siblings;
  readonly #lending: Lending;
  /** Settles when the blocks that a clean stop kept have been taken over; undefined: there are none. */
  readonly #restored: Promise<void> | undefined;
  /** Whether it was told to run, and not to stop since. */
  #wanted = false;
  #failing = false;

  constructor(options: SwarmOptions) {
    const { ports, info, share } = options;
    const state = newState(options, (error) => this.#fail(error, options.events));
    this.#state = state;
    this.#shown = new ShownPieces(state, () => this.complete);
    this.#uploads = new UploadSide(state, this.#shown, (error) => state.events.failed(readFailed(error)));
    this.#choking = new Choking(state, this.#uploads);
    this.#throttle = new ReadThrottle(ports.clock, state.buckets.down, () => state.sources);
    this.#downloads = new DownloadSide(state, this.#throttle, {
      pieceArrived: (piece) => {
        void this.#pieces.arrived(piece);
        this.#claiming.topUp(ports.clock.now());
      },
      starving: (source) => this.#claiming.starving(source),
    });
    this.#sources = new BlockSources(state, this.#downloads, this.#throttle);
    this.#told = new ToldPieces(state, this.#uploads, this.#shown, (peer, piece) => this.#sources.lost(peer, piece));
    this.core = new SwarmCore(options, {
      isPrivate: info.private,
      extensions: [new MetadataServing(info.raw), this.#told.dontHave],
      maxPeers: () => state.tuning.maxPeers,
      wanted: () => !this.complete || state.seeding,
      complete: () => this.complete,
      uploadOnly: () => this.complete && !this.#shown.on,
      makeRoom: (newcomer, may, turn) =>
        makeRoom(state, newcomer, may, (machine) => this.core.pool.visitsOf(machine), turn),
      totals: () => ({ uploaded: state.totals.uploaded, downloaded: state.totals.downloaded, left: this.#bytesLeft }),
      joined: (link) => this.#joined(link),
      heard: () => this.#choking.changed(),
      banned: (host) => {
        for (const source of state.sources) if (source.host === host) source.ban();
        this.#others?.ban(host);
      },
      tick: (now) => this.#tick(now),
    });
    const ban = (host: string): void => {
      this.core.ban(host);
      options.events.banned(host);
    };
    this.#hashes = new PeerHashes(state, { serves: (piece) => this.#uploads.serves(piece), ban });
    this.#pieces = new Pieces(state, this.#downloads, this.#hashes, { ban, tell: (piece) => this.#told.tell(piece) });
    this.#demand = new Demand(state, this.#downloads, (piece) => this.#pieces.dropBegun(piece));
    this.#siblings = new Siblings(state, this.#sources, this.#downloads, options.events.ask);
    this.#lending = new Lending(state, this.#downloads);
    this.#claiming = new Claiming(state, (piece) => this.#pieces.dropBegun(piece));
    this.#others = options.others?.({ sources: this.#sources, downloads: this.#downloads });
    state.intake.onRelief = () => this.#throttle.hold(false);
    state.interest.onChange((source) => {
      this.#sources.interestChanged(source);
      if (source instanceof SwarmPeer) this.#dropIfUseless(source);
    });
    share.onChange((piece, now, was) => this.#demand.shareChanged(piece, now, was));
    this.#restored = options.begun && this.#restore(options.begun);
  }

  /** Joins the swarm: announces `started`, dials. Where nothing was begun this is done when it returns. */
  async start(): Promise<void> {
    this.#wanted = true;
    this.#failing = false;
    if (this.#restored) await this.#restored;
    if (!this.#wanted || this.core.running) return;
    this.core.start();
    this.#uploads.start();
    this.#others?.start();
    this.#siblings.start();
  }

  /** Leaves the swarm: closes connections and announces `stopped`. Begun pieces stay in memory. */
  async stop(): Promise<void> {
    await Promise.all([this.halt(), this.core.farewell()]);
  }

  /** Closes all connections; resolves when nothing is being hashed or written any more. */
  async halt(): Promise<void> {
    this.#wanted = false;
    this.core.halt();
    this.#others?.stop();
    this.#siblings.stop();
    this.#lending.halt();
    this.#throttle.stop();
    this.#uploads.stop();
    await this.#pieces.idle();
  }

  readonly keptAtRest = (): Totals | undefined => keptAtRest(this.#state, this.core.pool);

  /** Writes the blocks of begun pieces, so that they outlive the process (B3). Call after `halt`. */
  flushBegun(): Promise<readonly BegunRecord[]> {
    const begun = [...this.#state.picker.begun.values()].map((entry) => ({ piece: entry.piece, bits: entry.bits() }));
    return this.#state.intake.flushBegun(begun);
  }

  /** Parts with this many of the peers that it dialled, for a sibling to dial them (A16); unless `needed` only where all are seeds. */
  giveUpPeers(count: number, needed: boolean): void {
    const peers = [...this.#state.peers];
    if (!needed && !peers.every(({ isSeed }) => isSeed)) return;
    const dialled = peers.filter(({ session }) => !session.incoming);
    for (const { session } of leastMissed(dialled, count)) this.core.pool.giveUp(session);
  }

  /** Everything wanted is there: it is an ordinary seed from now on. `completed`: it did the whole download alone, in this run. */
  seed(completed: boolean): void {
    this.#state.seeding = true;
    // Who has all that is wanted, but not all, has not completed it (BEP 21).
    if (completed && this.#bytesLeft === 0) this.core.sources.completed();
    for (const peer of this.#state.peers) this.#dropIfUseless(peer);
    this.#choking.changed();
  }

  /** More is wanted than is there: it is a leecher again. */
  leech(): void {
    this.#state.seeding = false;
    this.core.pool.wantAgain();
    this.core.sources.retuned();
    this.#choking.changed();
  }

  tune(tuning: SwarmTuning): void {
    this.#state.tuning = tuning;
    this.#state.picker.setSequential(tuning.sequential);
    this.#choking.changed();
  }

  setPriorities(priorities: Uint8Array): void {
    this.#state.picker.setPriorities(priorities);
  }

  setUrgent(urgent: UrgentPieces): void {
    this.#demand.setUrgent(urgent);
  }

  /** These siblings help with our pieces that somebody waits for. */
  setHelpers(helping: readonly HelpingSibling[]): void {
    this.#siblings.set(helping);
  }

  /** A block came that a sibling was asked for. */
  brought(block: LentBlock): void {
    this.#siblings.brought(block);
  }

  /** A sibling asks for blocks of its piece (`wanted`), or needs them no more. */
  askedBySibling(sibling: IdentityIndex, piece: PieceIndex, blocks: Uint32Array, wanted: boolean): void {
    this.#lending.asked(sibling, piece, blocks, wanted);
  }

  /** How many peers of the siblings have each piece (A8). */
  setElsewhere(counts: Uint16Array): void {
    this.#state.availability.setElsewhere(counts);
  }

  availability(): Uint16Array {
    return this.#state.availability.snapshot();
  }

  /** The same; undefined: nothing has changed since this was asked last. */
  availabilityNews(): Uint16Array | undefined {
    return this.#state.availability.news();
  }

  presentElsewhere(pieces: Uint32Array, owners: Uint8Array): void {
    this.#pieces.presentElsewhere(pieces, owners);
  }

  /** A piece that a sibling verified lies here now, too. */
  kept(piece: PieceIndex): void {
    this.#pieces.kept(piece);
  }

  giveBack(most: number): void {
    this.#claiming.giveBack(most);
  }

  /** Pieces that were verified are wrong on disk: fetches them again. */
  lost(pieces: Uint32Array, state: PieceShare): void {
    for (const number of pieces) {
      const piece = pieceIndex(number);
      this.#told.takeBack(piece);
      this.#state.store.setOwner(piece, UNKNOWN_OWNER);
      this.#pieces.lostElsewhere(piece);
      this.#state.share.set(piece, state);
    }
  }

  status(state: SwarmStatus['state'], withPeers: boolean): SwarmStatus {
    return statusOf(this.#state, {
      state,
      peers: this.core.pool.size,
      reached: this.core.pool.reachable,
      sources: [...this.core.sourceStatus(), ...(this.#others?.sources() ?? [])],
      others: withPeers ? (this.#others?.status(this.#state.ports.clock.now()) ?? []) : [],
      connected: this.core.connected(),
      withPeers,
    });
  }

  async #restore(begun: readonly BegunRecord[]): Promise<void> {
    const { intake, picker } = this.#state;
    try {
      for (const record of await intake.keep(begun)) picker.restore(record);
    } catch (error) {
      this.#state.events.failed(readFailed(error));
    }
  }

  /** Everything wanted is there. */
  get complete(): boolean {
    const { share } = this.#state;
    return share.count(PieceShare.present) + share.count(PieceShare.unwanted) === share.pieceCount;
  }

  get #bytesLeft(): number {
    const { share, geometry } = this.#state;
    const missing = share.pieceCount - share.count(PieceShare.present);
    return Math.min(geometry.length, missing * geometry.pieceLength);
  }

  #joined(link: PeerLink): PeerMessages {
    const state = this.#state;
    const peer = new SwarmPeer(link, state.geometry, state.ports.clock.now());
    state.peers.add(peer);
    this.#sources.join(peer);
    peer.session.setMaxBitfield(peer.pieces.bytes.length);
    this.#told.first(peer);
    const parts = {
      sources: this.#sources,
      downloads: this.#downloads,
      uploads: this.#uploads,
      choking: this.#choking,
      hashes: this.#hashes,
      shown: this.#shown,
      hasMore: (fuller: SwarmPeer) => this.#dropIfUseless(fuller),
      left: (gone: SwarmPeer) => this.#left(gone),
    };
    return new PeerMessages(state, peer, parts, this.core);
  }

  #left(peer: SwarmPeer): void {
    const state = this.#state;
    state.peers.delete(peer);
    peer.link.traded = peer.tradedAt !== undefined;
    this.#sources.leave(peer);
    this.#uploads.forget(peer);
    this.#hashes.left(peer);
    this.#shown.leave(peer);
    this.#choking.gone(peer);
  }

  /** Two seeds have nothing to give each other, nor have two that want nothing (BEP 21). */
  #dropIfUseless(peer: SwarmPeer): void {
    const wantsNothing = peer.isSeed || peer.link.handshake?.uploadOnly === true;
    if (this.#state.seeding && this.complete && wantsNothing) this.core.pool.useless(peer.session);
  }

  #tick(now: Millis): void {
    this.#downloads.tick(now);
    this.#lending.tick();
    this.#choking.tick(now);
    this.#claiming.tick(now);
    this.#hashes.tick();
    this.#told.tick(now);
  }

  #fail(error: EnsembleError, events: SwarmEvents): void {
    // A fault is reported once, however many pieces and peers meet it.
    if (this.#failing) return;
    this.#failing = true;
    void this.stop().then(() => events.failed(error));
  }
}

function readFailed(error: unknown): EnsembleError {
  if (error instanceof EnsembleError) return error;
  return new EnsembleError('disk', `A piece could not be read: ${messageOf(error)}`, { cause: error });
}
