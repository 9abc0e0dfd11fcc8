import { Bitfield } from '../base/bitfield.ts';
import type { CollectMode } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import { bytesPerSecond, millis, piece as pieceIndex, type PieceIndex, UNKNOWN_OWNER } from '../base/ids.ts';
import type { FoundPeer } from '../base/peer-source.ts';
import type { Sibling } from '../claims/sibling-watch.ts';
import type { HostNeeds } from '../identity/host-needs.ts';
import { HostedDownload } from '../identity/hosted-download.ts';
import type { HostedPieces } from '../identity/hosted-pieces.ts';
import type { AboutDownloads, AboutOneDownload, DownloadSetup } from '../identity/messages.ts';
import { MACHINE_PIECE } from '../identity/machine-news.ts';
import { failedMessage } from '../identity/reports.ts';
import { infoOf } from '../metainfo/known-info.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Timer } from '../ports/clock.ts';
import { confined } from '../store/confined.ts';
import { PieceShare, ShareMap } from '../strategy/pieces/share-map.ts';
import { dealtTo } from './dealing.ts';
import { LateClaimer } from './late-claimer.ts';
import type { LonePorts } from './setup.ts';
import { partedError, type TogetherOptions, TogetherSession } from './together-session.ts';

const LOOK_PERIOD = millis(1000);
const NOTHING_TOLD = {
  machines: [],
  down: bytesPerSecond(0),
  up: bytesPerSecond(0),
  twice: 0,
  waits: false,
  needed: false,
  done: false,
} as const;

export type TogetherSetup = DownloadSetup & Required<Pick<DownloadSetup, 'together' | 'rawInfo' | 'shares'>>;

/** Whether an identity is to meet other machines: while its pieces are known and not all of them are there. */
export const isTogether = (setup: DownloadSetup): setup is TogetherSetup =>
  setup.together !== undefined && setup.rawInfo !== undefined && setup.shares !== undefined && !setup.seed;

/**
 * A download in an identity process that is one of several machines which meet at a server: its coordinator gives it everything that
 * nobody has, and it agrees with the machines there on who fetches what, and gives them what it has.
 */
export class TogetherDownload extends HostedDownload {
  readonly #ports: LonePorts;
  readonly #host: HostNeeds;
  readonly #given: TogetherSetup;
  readonly #info: Info;
  readonly #share: ShareMap;
  readonly #claimer: LateClaimer;
  readonly #here: Bitfield;
  #machine = '';
  #priorities: Uint8Array | undefined;
  #collect: CollectMode;
  #endpoint: Endpoint | undefined;
  #dealt: readonly FoundPeer[] = [];
  #siblings: readonly Sibling[] = [];
  #session: TogetherSession | undefined;
  /** What is done about meeting, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  /** Ends the stay that was begun last. */
  #stop = new AbortController();
  #leaving: Promise<void> | undefined;
  #paused: boolean;
  #timer: Timer | undefined;
  #trouble: string | undefined;
  /** What the coordinator was told last. */
  #told = '';
  readonly #codes: Uint8Array;

  constructor(ports: LonePorts, given: TogetherSetup, host: HostNeeds) {
    const info = infoOf(given, given.hashes);
    const share = new ShareMap(info.pieceCount, PieceShare.unwanted);
    const here = new Bitfield(info.pieceCount);
    given.shares.forEach((state, p) => {
      const piece = pieceIndex(p);
      if (state === PieceShare.present) here.add(piece);
      // What its coordinator gives it alone is shared out with the others.
      share.set(piece, state === PieceShare.mine ? PieceShare.open : (state as PieceShare));
    });
    const claimer = new LateClaimer((piece) => here.add(piece));
    let heard: (message: AboutDownloads) => void = () => {};
    // For its client it is one of several.
    const owners = given.shares.map((state) => (state === PieceShare.present ? given.identity : UNKNOWN_OWNER));
    const setup = { ...given, owners, count: Math.max(2, given.count), tuning: alone(given.tuning) };
    super(setup, { ...host, post: (message) => heard(message) }, { share, claimer });
    heard = (message) => this.#heard(message);
    this.#ports = { ...ports, disk: confined(host.ports.disk, given.location) };
    this.#host = host;
    this.#given = given;
    this.#info = info;
    this.#share = share;
    this.#claimer = claimer;
    this.#here = here;
    this.#priorities = given.priorities;
    this.#collect = given.together.collect;
    this.#paused = given.paused;
    this.#codes = new Uint8Array(info.pieceCount).fill(MACHINE_PIECE.missing);
  }

  override async open(): Promise<void> {
    const { bootId, host } = await this.#ports.processFacts.self();
    this.#machine = `${bootId} ${host}`;
    await super.open();
    this.#timer = this.#ports.clock.every(LOOK_PERIOD, () => this.#look());
    if (!this.#paused) this.#begin();
  }

  override handle(message: AboutOneDownload): void {
    switch (message.type) {
      case 'tune':
        super.handle({ ...message, tuning: alone(message.tuning) });
        return;
      case 'siblings':
        // Its siblings are those that it meets.
        return;
      case 'peers':
        this.#dealt = message.dial;
        this.#deal();
        return;
      case 'collect':
        this.#collect = message.mode;
        this.#session?.exchange.setCollect(message.mode);
        return;
      case 'shares':
        this.#wants(message.pieces, message.state !== PieceShare.unwanted);
        return;
      case 'priorities':
        this.#priorities = message.priorities;
        this.#session?.record.ledger.setPriorities(message.priorities);
        super.handle(message);
        return;
      case 'lost':
        // It is told anew what is here.
        for (const piece of message.pieces) this.#here.delete(piece);
        void this.#part();
        super.handle(message);
        if (!this.#paused) this.#begin();
        return;
      case 'pause':
        this.#paused = true;
        super.handle(message);
        void this.#part();
        return;
      case 'resume':
        this.#paused = false;
        super.handle(message);
        this.#begin();
        return;
      case 'lease-lost':
        super.handle(message);
        void this.#part();
        return;
      default:
        super.handle(message);
    }
  }

  override leave(hurry = false): Promise<void> {
    this.#leaving ??= this.#leave(hurry);
    return this.#leaving;
  }

  async #leave(hurry: boolean): Promise<void> {
    this.#timer?.cancel();
    this.#stop.abort(partedError());
    await this.#session?.exchange.stop().catch(() => undefined);
    await super.leave(hurry);
    await this.#part();
  }

  #begin(): void {
    if (this.#leaving !== undefined) return;
    const stop = (this.#stop = new AbortController());
    this.#then(async () => {
      if (stop.signal.aborted || this.#session !== undefined) return;
      try {
        const session = await TogetherSession.open(this.#options(), stop.signal);
        this.#session = session;
        if (stop.signal.aborted) return;
        this.#claimer.use(session.claimer);
        session.look();
      } catch (error) {
        if (!stop.signal.aborted) this.#failed(error);
      }
    });
  }

  /** Gives back its place among the machines, and forgets what these have. */
  #part(): Promise<void> {
    this.#stop.abort(partedError());
    this.#then(async () => {
      const session = this.#session;
      this.#session = undefined;
      this.#claimer.use(undefined);
      await session?.close();
      this.#trouble = undefined;
      this.#met([]);
      if (this.#leaving === undefined) this.#forget();
    });
    return this.#turn;
  }

  #then(step: () => Promise<void>): void {
    // Whatever goes wrong with one, the next are to be done.
    this.#turn = this.#turn.then(step).catch((error: unknown) => {
      this.#host.post(failedMessage(this.#given.key, error));
    });
  }

  /** Nothing is known of what others have or claim. */
  #forget(): void {
    const elsewhere: number[] = [];
    for (let p = 0; p < this.#share.pieceCount; p++) {
      const piece = pieceIndex(p);
      const state = this.#share.get(piece);
      if (state === PieceShare.unwanted || this.#here.has(p)) continue;
      if (state === PieceShare.present) elsewhere.push(p);
      // Whoever waits for an answer hears of a change.
      if (state === PieceShare.open) this.#share.set(piece, PieceShare.theirs);
      if (state !== PieceShare.present) this.#share.set(piece, PieceShare.open);
    }
    if (elsewhere.length > 0) this.#tell({ type: 'lost', key: this.#given.key, pieces: Uint32Array.from(elsewhere) });
  }

  #options(): TogetherOptions {
    const { key } = this.#given;
    return {
      ports: this.#ports,
      info: this.#info,
      setup: this.#given,
      priorities: this.#priorities,
      collect: this.#collect,
      share: this.#share,
      here: this.#here,
      machine: this.#machine,
      endpoint: () => this.#endpoint,
      pieces: () => this.#pieces,
      figures: () => {
        const { down = 0, up = 0, peers = 0, downloaded = 0, uploaded = 0 } = this.status(false) ?? {};
        return { down: Math.round(down), up: Math.round(up), peers, downloaded, uploaded };
      },
      present: (pieces) => {
        const owners = new Uint8Array(pieces.length).fill(UNKNOWN_OWNER);
        this.#tell({ type: 'present', key, pieces, owners });
      },
      lost: (pieces) => this.#tell({ type: 'lost', key, pieces }),
      collected: (piece) => {
        this.#here.add(piece);
        this.#host.post({ type: 'collected', key, pieces: Uint32Array.of(piece) });
      },
      met: (siblings) => this.#met(siblings),
      failed: (error) => this.#failed(error),
      trouble: (text, isOver) => {
        this.#trouble = isOver ? undefined : text;
        this.#warn(text);
        this.#report();
      },
      warn: (text) => this.#warn(text),
    };
  }

  get #pieces(): HostedPieces {
    const { pieces } = this;
    if (pieces === undefined) throw new EnsembleError('interrupted', 'It has left.');
    return pieces;
  }

  /** The choice of files is another. */
  #wants(pieces: Uint32Array, wanted: boolean): void {
    const states = wanted
      ? [PieceShare.unwanted]
      : [PieceShare.open, PieceShare.mine, PieceShare.theirs, PieceShare.both];
    const changed = [...pieces].map(pieceIndex).filter((piece) => states.some((one) => one === this.#share.get(piece)));
    if (!wanted) this.#claimer.release(changed.filter((piece) => this.#share.mayTake(piece)));
    const state = wanted ? PieceShare.open : PieceShare.unwanted;
    super.handle({ type: 'shares', key: this.#given.key, state, pieces: Uint32Array.from(changed) });
  }

  #met(siblings: readonly Sibling[]): void {
    this.#siblings = siblings;
    const peerIds = siblings.map((one) => one.peerId);
    const endpoints = siblings.map((one) => one.endpoint).filter((one) => one.host !== '' && one.port > 0);
    super.handle({ type: 'siblings', key: this.#given.key, peerIds, endpoints });
    this.#deal();
  }

  /** Machines behind one address do not dial the same peer. */
  #deal(): void {
    const place = this.#session?.told.place ?? this.#given.identity;
    const own = { index: place, endpoint: this.#endpoint, machine: this.#machine };
    super.handle({ type: 'peers', key: this.#given.key, dial: dealtTo(own, this.#siblings, this.#dealt) });
  }

  #heard(message: AboutDownloads): void {
    if (message.type === 'listening') {
      this.#endpoint = message.endpoint;
      this.#session?.claimer.beat();
    } else if (message.type === 'verified') this.#session?.record.verified(message.pieces);
    this.#host.post(message);
  }

  #look(): void {
    this.#session?.look();
    this.#report();
  }

  /** Tells the coordinator what is new. */
  #report(): void {
    if (this.#leaving !== undefined) return;
    const changed: PieceIndex[] = [];
    this.#session?.codes.forEach((code, p) => {
      if (this.#codes[p] !== code) changed.push(pieceIndex(p));
      this.#codes[p] = code;
    });
    const said = {
      ...(this.#session?.told ?? NOTHING_TOLD),
      ...(this.#trouble !== undefined && { trouble: this.#trouble }),
    };
    const told = JSON.stringify(said);
    if (changed.length === 0 && told === this.#told) return;
    this.#told = told;
    const pieces = Uint32Array.from(changed);
    const codes = Uint8Array.from(changed, (piece) => this.#codes[piece] ?? MACHINE_PIECE.missing);
    this.#host.post({ type: 'machines', key: this.#given.key, pieces, codes, ...said });
  }

  /** It cannot go on until it is resumed. */
  #failed(error: unknown): void {
    if (this.#leaving !== undefined) return;
    this.handle({ type: 'pause', key: this.#given.key });
    this.#host.post(failedMessage(this.#given.key, error));
  }

  #warn(message: string): void {
    this.#host.post({ type: 'tracker-warning', key: this.#given.key, message });
  }

  #tell(message: AboutOneDownload): void {
    super.handle(message);
  }
}

/** What other machines have cannot be read here. */
const alone = (tuning: DownloadSetup['tuning']): DownloadSetup['tuning'] => ({ ...tuning, share: false });
