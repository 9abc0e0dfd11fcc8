import type { Millis } from '../base/ids.ts';
import type { ChokerPeer } from '../strategy/upload/choker.ts';
import { chooseUnchoked } from '../strategy/upload/choker.ts';
import type { SwarmPeer } from './peer.ts';
import type { SwarmState } from './state.ts';
import type { UploadSide } from './upload-side.ts';

const ROUND = 10_000 as Millis;
/** A peer that takes nothing for this long while it is unchoked counts as declining. */
const OFFER = 30_000;
/** Every third round the optimistic unchoke moves on (B11: 30 s). */
const OPTIMISTIC_ROUNDS = 3;

/** Applies the choker's decisions: every 10 s, and when peers come, go or change interest (B11). */
export class Choking {
  readonly #state: SwarmState;
  readonly #uploads: UploadSide;
  #optimistic: SwarmPeer | undefined;
  #round = 0;
  #nextRound: Millis;
  #due = false;

  constructor(state: SwarmState, uploads: UploadSide) {
    this.#state = state;
    this.#uploads = uploads;
    this.#nextRound = (state.ports.clock.now() + ROUND) as Millis;
  }

  /** Peers came, went or changed their interest: chooses again once the current events have been handled. */
  changed(): void {
    if (this.#due) return;
    this.#due = true;
    this.#state.ports.clock.soon(() => {
      this.#due = false;
      this.#choose(false);
    });
  }

  tick(now: Millis): void {
    if (now < this.#nextRound) return;
    this.#nextRound = (now + ROUND) as Millis;
    this.#round = (this.#round + 1) % OPTIMISTIC_ROUNDS;
    this.#choose(this.#round === 0);
  }

  gone(peer: SwarmPeer): void {
    if (this.#optimistic === peer) this.#optimistic = undefined;
    this.changed();
  }

  #choose(rotateOptimistic: boolean): void {
    const { peers, ports, tuning, seeding } = this.#state;
    const now = ports.clock.now();
    const candidates: ChokerPeer<SwarmPeer>[] = [];
    for (const peer of peers) {
      peer.declines ||= declines(peer, now);
      candidates.push({
        id: peer,
        interested: peer.peerInterested,
        downRate: peer.down.rate(now),
        upRate: peer.up.rate(now),
        snubbed: peer.snubbed,
        connectedFor: (now - peer.connectedAt) as Millis,
        unchokedFor: (peer.unchokedAt === undefined ? 0 : Math.max(1, now - peer.unchokedAt)) as Millis,
        declines: peer.declines,
      });
    }
    const { unchoked, optimistic } = chooseUnchoked({
      peers: candidates,
      slots: tuning.maxUploads,
      seeding,
      optimistic: this.#optimistic,
      rotateOptimistic,
      rng: ports.random.uniform,
    });
    this.#optimistic = optimistic;
    for (const peer of peers) {
      peer.optimistic = peer === optimistic;
      this.#set(peer, !unchoked.has(peer), now);
    }
  }

  #set(peer: SwarmPeer, choke: boolean, now: Millis): void {
    if (peer.amChoking === choke) return;
    peer.amChoking = choke;
    peer.unchokedAt = choke ? undefined : now;
    if (choke) {
      peer.session.batch.choke();
      this.#uploads.clear(peer);
    } else peer.session.batch.unchoke();
    peer.session.flush();
  }
}

function declines({ unchokedAt, tradedAt, uploads }: SwarmPeer, now: Millis): boolean {
  if (unchokedAt === undefined || now - unchokedAt < OFFER || uploads.size > 0) return false;
  return tradedAt === undefined || tradedAt < unchokedAt;
}
