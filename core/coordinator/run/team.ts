import { type TorrentKey, type IdentityIndex, millis } from '../../base/ids.ts';
import { LateMap, LateSet } from '../../base/late-map.ts';
import type { DownloadSetup, FromIdentity, ToIdentity } from '../../identity/messages.ts';
import type { Naming } from '../../metainfo/torrent.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { StoreLocation } from '../../store/layouts/layout.ts';
import type { IdentityPool } from '../processes/identity-pool.ts';
import type { Member } from './member.ts';

/**
 * If an identity that was asked to leave or to close its files has neither done so nor reported progress for this long, it is no
 * longer waited for.
 */
const ANSWER_WITHIN = millis(6000);

/** What a download adds when its identities come and go. */
export interface TeamListener {
  /** Everything that the identity needs, as of now. */
  setup(member: Member): DownloadSetup;
  /** It was given the download. */
  joined(member: Member): void;
  /** Its process died: frees its claims. Resolves when it may be given the download again. */
  lost(member: Member, gaveUp: boolean): Promise<void>;
  /** It left as it was told to. */
  left(member: Member): void;
}

type Answer = 'leaving' | 'left' | 'files-closed';

/** An answer of an identity that somebody waits for: `renew` extends the wait, `resolve` ends it. */
interface Waiting {
  readonly answered: Promise<void>;
  renew(): void;
  resolve(): void;
}

/** The identities of one download: which take part, and the messages by which each joins, leaves and closes its files. */
export class Team {
  readonly members: readonly Member[];
  readonly #key: TorrentKey;
  readonly #pool: IdentityPool;
  readonly #clock: Clock;
  readonly #listener: TeamListener;
  /** The awaited answers `left` and `files-closed`. */
  readonly #waiting = new LateMap<string, Waiting>();
  /** Identities that were called back while they were leaving. */
  readonly #returning = new LateSet<Member>();
  /** Deaths that are still being handled. */
  readonly #mourning = new LateMap<IdentityIndex, Promise<void>>();

  constructor(key: TorrentKey, members: readonly Member[], pool: IdentityPool, clock: Clock, listener: TeamListener) {
    this.#key = key;
    this.members = members;
    this.#pool = pool;
    this.#clock = clock;
    this.#listener = listener;
  }

  member(index: IdentityIndex): Member | undefined {
    return this.members[index];
  }

  /** Those that were given the download. */
  get active(): readonly Member[] {
    return this.members.filter((member) => member.phase === 'active');
  }

  post(member: Member, message: ToIdentity): void {
    if (member.phase === 'active' || member.phase === 'leaving') this.#pool.post(member.index, message);
  }

  broadcast(message: ToIdentity, but?: Member): void {
    for (const member of this.active) if (member !== but) this.post(member, message);
  }

  /** All of them, even those that are leaving, as they may still have something to write. */
  tell(message: ToIdentity): void {
    for (const member of this.members) this.post(member, message);
  }

  /** Makes an identity take part from now on, or, if it is leaving, as soon as it has left. */
  join(member: Member): void {
    if (member.taking) return;
    if (member.phase === 'leaving') {
      this.#returning.add(member);
      return;
    }
    member.called();
    const first = this.members.every((other) => other.index >= member.index || other.address !== member.address);
    if (this.#pool.acquire(member.index, this.#key, first)) this.#give(member);
  }

  /** Identities that are leaving need not come back. */
  callOff(): void {
    this.#returning.clear();
  }

  /** The identity's process is ready, for the first time or again. */
  async up(index: IdentityIndex): Promise<void> {
    const member = this.members[index];
    await this.#mourning.get(index);
    if (member === undefined || !this.#pool.slot(index)?.ready) return;
    if (member.phase === 'given-up') member.called();
    if (member.phase === 'waiting' || member.phase === 'restarting') this.#give(member);
  }

  /** The identity's process died. */
  down(index: IdentityIndex, gaveUp: boolean): void {
    const member = this.members[index];
    if (member === undefined || member.phase === 'left' || member.phase === 'given-up') return;
    const leaving = member.phase === 'leaving';
    member.died(this.#clock.now(), this.#clock.wall(), gaveUp);
    if (leaving) this.#pool.release(index, this.#key);
    const settled = this.#listener.lost(member, gaveUp).finally(() => this.#return(member));
    this.#mourning.set(index, settled);
    void settled.finally(() => this.#mourning.delete(index));
    this.#answered('left', index);
    this.#answered('files-closed', index);
  }

  /** Makes an identity announce `stopped`, close and forget the download; resolves when it has. */
  async leave(member: Member): Promise<void> {
    this.#returning.delete(member);
    switch (member.phase) {
      case 'left':
        return;
      case 'active': {
        this.post(member, { type: 'leave', key: this.#key });
        member.dismissed();
        await this.#answer('left', member);
        return;
      }
      case 'leaving':
        await this.#answer('left', member);
        return;
      default:
        member.left(this.#clock.now());
        this.#pool.release(member.index, this.#key);
    }
  }

  async leaveAll(): Promise<void> {
    await Promise.all(this.members.map((member) => this.leave(member)));
  }

  /** When it resolves no identity has a file of the download open; reads wait for `moved`. */
  async closeFiles(): Promise<void> {
    await Promise.all(
      this.active.map((member) => {
        this.post(member, { type: 'close-files', key: this.#key });
        return this.#answer('files-closed', member);
      }),
    );
  }

  moved(location: (member: Member) => StoreLocation, naming: Naming): void {
    for (const member of this.active) {
      this.post(member, { type: 'moved', key: this.#key, location: location(member), naming });
    }
  }

  /** An answer that somebody waits for. */
  received(member: Member, message: Extract<FromIdentity, { readonly type: Answer }>): void {
    if (message.type === 'leaving') {
      this.#waiting.get(`left ${member.index}`)?.renew();
      return;
    }
    if (message.type === 'left') {
      // Too late: it is no longer waited for, and may have been called back since.
      if (member.phase !== 'leaving') return;
      member.left(this.#clock.now(), message.begun);
      this.#pool.release(member.index, this.#key);
      this.#listener.left(member);
    }
    this.#answered(message.type, member.index);
    if (message.type === 'left') this.#return(member);
  }

  #return(member: Member): void {
    if (this.#returning.delete(member)) this.join(member);
  }

  #give(member: Member): void {
    member.began(this.#clock.now());
    this.#pool.post(member.index, { type: 'add', setup: this.#listener.setup(member) });
    this.#listener.joined(member);
  }

  #answer(what: 'left' | 'files-closed', member: Member): Promise<void> {
    const key = `${what} ${member.index}`;
    const waiting = this.#waiting.get(key) ?? this.#waitFor(what, member);
    this.#waiting.set(key, waiting);
    return waiting.answered;
  }

  #waitFor(what: 'left' | 'files-closed', member: Member): Waiting {
    const wait = (): Timer =>
      this.#clock.after(ANSWER_WITHIN, () => {
        if (what === 'left') this.received(member, { type: 'left', key: this.#key, begun: member.begun });
        else this.#answered(what, member.index);
      });
    let timer = wait();
    let done = (): void => {};
    const answered = new Promise<void>((resolve) => (done = resolve));
    return {
      answered,
      renew: () => {
        timer.cancel();
        timer = wait();
      },
      resolve: () => {
        timer.cancel();
        done();
      },
    };
  }

  #answered(what: 'left' | 'files-closed', index: IdentityIndex): void {
    const key = `${what} ${index}`;
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    waiting?.resolve();
  }
}
