import type { SelectionMode } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import {
  type IdentityIndex,
  identityIndex,
  type InfoHash,
  millis,
  type PeerId,
  piece as pieceIndex,
  type PieceIndex,
} from '../base/ids.ts';
import type { Timer } from '../ports/clock.ts';
import { type Lock, type LockPorts, takeLock } from '../store/lock.ts';
import type { Claimer } from '../strategy/claimer.ts';
import { fixedRange } from '../strategy/fixed-range.ts';
import { PieceShare, type ShareMap } from '../strategy/share-map.ts';
import { ClaimFiles, type Claimed } from './claim-files.ts';
import { JournalTail } from './journal-tail.ts';
import { HEARTBEAT, SiblingWatch } from './sibling-watch.ts';

/** The directory is looked at so often; a look at many claims takes its time, so that the next one waits longer. */
const LOOK_EVERY = millis(1000);
const LOOK_SHARE = 10;

export interface DirectoryClaimerOptions {
  readonly ports: LockPorts;
  /** The common directory. */
  readonly folder: string;
  readonly infoHash: InfoHash;
  readonly identity: IdentityIndex;
  /** K. */
  readonly count: number;
  readonly peerId: PeerId;
  /** Claims are the exclusive create of the piece's file itself. */
  readonly pieceFiles: boolean;
  readonly selection: SelectionMode;
  /** With `fixed`: take what others have not begun. */
  readonly takeOver: boolean;
  /** What is wanted and not present is `open`; present pieces say so. Others are `unwanted`. */
  readonly share: ShareMap;
  /** Where this identity listens, once it does. */
  endpoint(): Endpoint | undefined;
  /** Siblings verified these. */
  onPresent(pieces: Uint32Array, owners: Uint8Array): void;
  onSiblings(peerIds: readonly PeerId[], endpoints: readonly Endpoint[]): void;
  /** The directory cannot be read or written any more. */
  onFailed(error: unknown): void;
}

/**
 * Claims without a coordinator, in a common directory that identities on several machines may share (A4, A7): exclusive
 * creates, a heartbeat as the lease, and the claims of dead identities taken over exactly once (A15).
 */
export class DirectoryClaimer implements Claimer {
  readonly #o: DirectoryClaimerOptions;
  readonly #files: ClaimFiles;
  readonly #siblings: SiblingWatch;
  readonly #journals: JournalTail;
  /** Turns in which pieces were claimed by this identity and not yet verified. */
  readonly #mine = new Map<PieceIndex, number>();
  #claims = new Map<PieceIndex, Claimed>();
  #lock: Lock | undefined;
  #timer: Timer | undefined;
  #heartbeat: Timer | undefined;
  #work: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: DirectoryClaimerOptions) {
    const { ports, folder, identity, peerId, infoHash, share, pieceFiles } = options;
    this.#o = options;
    this.#files = new ClaimFiles(ports.disk, folder, pieceFiles, identity);
    this.#siblings = new SiblingWatch(ports, folder, { index: identity, peerId, endpoint: () => options.endpoint() });
    this.#journals = new JournalTail(ports.disk, folder, identity, { infoHash, pieceCount: share.pieceCount });
  }

  /** Registers this identity, and learns what the others have and claim. Rejects with EnsembleError('in-use') where it runs already. */
  async start(): Promise<void> {
    const { ports, folder, identity } = this.#o;
    await ports.disk.makeDirectory(folder);
    this.#lock = await takeLock(ports, `${folder}/lock-${identity}`);
    await this.#files.open();
    await this.#siblings.beat();
    await this.#look();
    await this.#adopt();
    this.#heartbeat = ports.clock.every(HEARTBEAT, () => this.#then(() => this.#siblings.beat()));
    this.#schedule(LOOK_EVERY);
  }

  claim(pieces: readonly PieceIndex[]): void {
    this.#then(async () => {
      for (const piece of pieces) if (this.#o.share.get(piece) === PieceShare.open) await this.#claim(piece);
    });
  }

  release(pieces: readonly PieceIndex[]): void {
    this.#then(async () => {
      for (const piece of pieces) {
        const turn = this.#mine.get(piece);
        if (turn === undefined) continue;
        this.#mine.delete(piece);
        this.#claims.set(piece, { turn, free: true });
        await this.#files.release(piece, turn);
        if (this.#o.share.get(piece) !== PieceShare.present) this.#o.share.set(piece, PieceShare.open);
      }
    });
  }

  verified(piece: PieceIndex): void {
    this.#mine.delete(piece);
  }

  idle(): void {
    this.#then(async () => {
      await this.#look();
      await this.#takeFromDead();
      if (this.#o.selection === 'fixed' && this.#o.takeOver) this.#takeFromSlow();
    });
  }

  /** Gives back what is not verified, and takes this identity off. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.release([...this.#mine.keys()]);
    this.#stopped = true;
    this.#timer?.cancel();
    this.#heartbeat?.cancel();
    await this.#work;
    await this.#siblings.leave().catch(() => undefined);
    await this.#lock?.release();
  }

  /** Whether nothing of the whole download is left to wait for, or of the own range where nobody takes over. */
  get done(): boolean {
    const { share } = this.#o;
    const waiting = share.count(PieceShare.open) + share.count(PieceShare.mine) + share.count(PieceShare.both);
    return waiting + (this.#isPlainFixed ? 0 : share.count(PieceShare.theirs)) === 0;
  }

  get #isPlainFixed(): boolean {
    return this.#o.selection === 'fixed' && !this.#o.takeOver;
  }

  async #claim(piece: PieceIndex): Promise<void> {
    const { share } = this.#o;
    const turn = await this.#files.claim(piece, this.#claims.get(piece));
    // It may have become present in the meantime.
    if (share.get(piece) !== PieceShare.open && share.get(piece) !== PieceShare.theirs) {
      if (turn !== undefined) await this.#files.release(piece, turn);
      return;
    }
    if (turn === undefined) {
      share.set(piece, PieceShare.theirs);
      return;
    }
    this.#mine.set(piece, turn);
    this.#claims.set(piece, { turn, free: false });
    share.set(piece, PieceShare.mine);
  }

  /** What an earlier life of this identity had claimed and not finished is its own again. */
  async #adopt(): Promise<void> {
    const { share, identity, count } = this.#o;
    const range = fixedRange(identity, count, share.pieceCount);
    for (let p = 0; p < share.pieceCount; p++) {
      const piece = pieceIndex(p);
      const state = share.get(piece);
      if (state === PieceShare.unwanted || state === PieceShare.present) continue;
      const own = p >= range.first && p < range.end;
      // Ranges that are nobody else's need no claims; with take-over they are claimed in turn, the own one first.
      if (this.#isPlainFixed) share.set(piece, own ? PieceShare.mine : PieceShare.unwanted);
      else if (this.#o.selection === 'fixed' && !own) share.set(piece, PieceShare.theirs);
    }
    for (const [piece, { turn, free }] of this.#claims) {
      if (free || share.get(piece) !== PieceShare.theirs || this.#mine.has(piece)) continue;
      if ((await this.#files.holder(piece, turn)) !== identity) continue;
      this.#mine.set(piece, turn);
      share.set(piece, PieceShare.mine);
    }
  }

  /** Learns what siblings verified, claimed and gave back, and who they are. */
  async #look(): Promise<void> {
    const { share } = this.#o;
    const { pieces, owners } = await this.#journals.news();
    if (pieces.length > 0) this.#o.onPresent(pieces, owners);
    if (await this.#siblings.look()) {
      const { siblings } = this.#siblings;
      const endpoints = siblings.map((one) => one.endpoint).filter((one) => one.host !== '' && one.port > 0);
      this.#o.onSiblings(
        siblings.map((one) => one.peerId),
        endpoints,
      );
    }
    if (this.#isPlainFixed) return;
    this.#claims = await this.#files.scan(share.pieceCount);
    for (const [piece, { free }] of this.#claims) {
      const state = share.get(piece);
      if (state === PieceShare.open && !free) share.set(piece, PieceShare.theirs);
      else if (state === PieceShare.theirs && free && this.#ownTurn(piece)) share.set(piece, PieceShare.open);
    }
  }

  /** With fixed ranges, pieces of others come only by taking over. */
  #ownTurn(piece: PieceIndex): boolean {
    if (this.#o.selection !== 'fixed') return true;
    const { first, end } = fixedRange(this.#o.identity, this.#o.count, this.#o.share.pieceCount);
    return piece >= first && piece < end;
  }

  async #takeFromDead(): Promise<void> {
    if (this.#o.pieceFiles && !this.#everyoneLives) {
      // A crash between making a piece's file and the claim left it to nobody.
      for (let p = 0; p < this.#o.share.pieceCount; p++) {
        const piece = pieceIndex(p);
        const lost = this.#o.share.get(piece) === PieceShare.theirs && !this.#claims.has(piece);
        if (lost && this.#ownTurn(piece)) await this.#claim(piece);
      }
    }
    for (const [piece, claimed] of this.#claims) {
      if (claimed.free || this.#o.share.get(piece) !== PieceShare.theirs) continue;
      const holder = await this.#files.holder(piece, claimed.turn);
      // A file that names nobody was left by one that died while it wrote it.
      const dead = holder === undefined ? !this.#everyoneLives : this.#siblings.isDead(holder);
      if (dead) await this.#claim(piece);
    }
  }

  /** Some identity of the K is dead, or never came. */
  get #everyoneLives(): boolean {
    for (let i = 0; i < this.#o.count; i++) if (this.#siblings.isDead(identityIndex(i))) return false;
    return true;
  }

  /** Half of what the one with most left has not begun, its last pieces first, may be claimed here too. */
  #takeFromSlow(): void {
    const { share, count, identity } = this.#o;
    let best: PieceIndex[] = [];
    for (let i = 0; i < count; i++) {
      if (i === identity) continue;
      const { first, end } = fixedRange(identityIndex(i), count, share.pieceCount);
      const unbegun: PieceIndex[] = [];
      for (let p = end - 1; p >= first; p--) {
        const piece = pieceIndex(p);
        const claimed = this.#claims.get(piece);
        if (share.get(piece) === PieceShare.theirs && claimed?.free !== false) unbegun.push(piece);
      }
      if (unbegun.length > best.length) best = unbegun;
    }
    for (const piece of best.slice(0, Math.ceil(best.length / 2))) share.set(piece, PieceShare.open);
  }

  #schedule(delay: number): void {
    this.#timer = this.#o.ports.clock.after(millis(delay), () => {
      this.#then(async () => {
        const began = this.#o.ports.clock.now();
        await this.#look();
        const took = this.#o.ports.clock.now() - began;
        if (!this.#stopped) this.#schedule(Math.max(LOOK_EVERY, took * LOOK_SHARE));
      });
    });
  }

  /** One step after the other; the first that fails ends it. */
  #then(step: () => Promise<void>): void {
    if (this.#stopped) return;
    this.#work = this.#work.then(step).catch((error: unknown) => {
      if (this.#stopped) return;
      this.#stopped = true;
      this.#timer?.cancel();
      this.#heartbeat?.cancel();
      this.#o.onFailed(error);
    });
  }
}
