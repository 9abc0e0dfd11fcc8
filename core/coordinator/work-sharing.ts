import { counted } from '../base/counted.ts';
import { type IdentityIndex, type TorrentKey, type Millis, millis, piece, type PieceIndex } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import { planIdle, type Workload } from '../strategy/claims-plan.ts';
import type { ClaimsDesk } from './claims-desk.ts';
import type { Member } from './member.ts';
import type { Team } from './team.ts';

/** An identity that was asked to give something back is not asked again before this time, unless it answers. */
const ANSWER_WITHIN = millis(3000);
/** An identity that had nothing to give is not asked again for this long. */
const REFUSED_FOR = millis(1000);
/** An identity that was given pieces has this long to begin them, so that no piece goes round among idle identities. */
const BEGIN_WITHIN = millis(2000);

/** Gives idle identities what slow ones have not begun, and at the end copies of what others are fetching (A17). */
export class WorkSharing {
  readonly #download: { readonly key: TorrentKey; readonly pieceLength: number };
  readonly #clock: Clock;
  readonly #desk: ClaimsDesk;
  readonly #team: Team;
  /** Who was asked to give back, and for whom. */
  readonly #asked = new Map<IdentityIndex, { readonly to: IdentityIndex; readonly at: Millis }>();
  /** Until when each identity is not asked. */
  readonly #spared = new Map<IdentityIndex, Millis>();
  /** Pieces that went from one identity to another since the last `news`. */
  readonly #moved: { from: number; to: number; pieces: number }[] = [];
  /** The rate of each identity when it last had work. */
  readonly #rates = new Map<IdentityIndex, number>();

  constructor(
    download: { readonly key: TorrentKey; readonly pieceLength: number },
    clock: Clock,
    desk: ClaimsDesk,
    team: Team,
  ) {
    this.#download = download;
    this.#clock = clock;
    this.#desk = desk;
    this.#team = team;
  }

  /** An identity ran out of work. True where nothing can be found for it, now or later: its share is done. */
  idle(member: Member): boolean {
    const now = this.#clock.now();
    for (const [from, { at }] of this.#asked) if (now - at >= ANSWER_WITHIN) this.#asked.delete(from);
    for (const one of this.#team.active) if (one.down > 0) this.#rates.set(one.index, one.down);
    const pieceLength = this.#download.pieceLength;
    const plan = planIdle({
      idle: this.#workload(member, now),
      others: this.#team.active.filter((one) => one !== member).map((one) => this.#workload(one, now)),
      pieceLength,
      holders: (index) => 1 + this.#desk.copies(index).size,
      able: (index) => able(member, index),
    });
    if (plan === undefined) return this.#nothingLeft(member);
    if ('giveBack' in plan) {
      const from = this.#team.member(plan.giveBack.from);
      if (from === undefined) return false;
      this.#asked.set(from.index, { to: member.index, at: now });
      const { key } = this.#download;
      this.#team.post(from, { type: 'give-back', key, most: plan.giveBack.most });
    } else this.#desk.grantCopies(member.index, plan.grantEndGame.pieces);
    return false;
  }

  /** Pieces come back; they go to the identity for which they were asked, if it can fetch them. */
  released(from: IdentityIndex, pieces: Uint32Array): void {
    const ask = this.#asked.get(from);
    this.#asked.delete(from);
    const to = ask === undefined ? undefined : this.#team.member(ask.to);
    if (ask !== undefined && pieces.length === 0) this.#spare(from, REFUSED_FOR);
    if (to?.phase !== 'active') {
      this.#desk.release(from, pieces);
      return;
    }
    this.#spare(to.index, BEGIN_WITHIN);
    const taken = this.#desk.release(
      from,
      pieces.filter((p) => able(to, piece(p))),
      to.index,
    );
    if (taken.length > 0) this.#moved.push({ from: from + 1, to: to.index + 1, pieces: taken.length });
    this.#desk.release(
      from,
      pieces.filter((p) => !able(to, piece(p))),
    );
  }

  /** A sentence about what went to others since the last call; undefined: nothing did. */
  news(): string | undefined {
    const moved = this.#moved.splice(0);
    const [first, second] = moved;
    if (first === undefined) return undefined;
    const sum = moved.reduce((n, { pieces }) => n + pieces, 0);
    const what = counted(sum, 'piece');
    if (second === undefined) return `Identity ${first.to} takes ${what} that identity ${first.from} had not begun.`;
    return `Idle identities take ${what} that slower ones had not begun.`;
  }

  /** An identity no longer has the download: its answer is not awaited any more. */
  gone(identity: IdentityIndex): void {
    this.#asked.delete(identity);
    this.#spared.delete(identity);
  }

  #spare(identity: IdentityIndex, span: Millis): void {
    this.#spared.set(identity, millis(this.#clock.now() + span));
  }

  #workload(member: Member, now: Millis): Workload {
    const claimed = this.#desk.claimed(member.index);
    const { begun = new Uint32Array(0), begunFill = new Uint8Array(0) } = member.status ?? {};
    const own: Workload['begun'][number][] = [];
    begun.forEach((p, i) => {
      if (this.#desk.claimant(piece(p)) === member.index) own.push({ piece: piece(p), fill: begunFill[i] ?? 0 });
    });
    const asking = this.#asked.has(member.index) || now < (this.#spared.get(member.index) ?? now);
    return {
      identity: member.index,
      rate: this.#rates.get(member.index) ?? 0,
      unbegun: asking ? 0 : Math.max(0, claimed - own.length),
      begun: asking && own.length < claimed ? this.#allClaims(member, own) : own,
    };
  }

  /** All claims of an identity as begun, as its report may be out of date: what it does not give back it has begun. */
  #allClaims(member: Member, own: Workload['begun']): Workload['begun'] {
    const known = new Set(own.map((one) => one.piece));
    const rest = this.#desk.claimsOf(member.index).filter((index) => !known.has(index));
    return [...own, ...rest.map((index) => ({ piece: index, fill: 0 }))];
  }

  #nothingLeft(member: Member): boolean {
    const { index } = member;
    if (this.#desk.free > 0 || this.#desk.claimed(index) > 0 || this.#desk.hasCopies(index)) return false;
    for (const { to } of this.#asked.values()) if (to === index) return false;
    return true;
  }
}

/** Whether one of an identity's peers has the piece, as far as it reported. */
function able(member: Member, index: PieceIndex): boolean {
  return member.availability === undefined || (member.availability[index] ?? 0) > 0;
}
