import type { Millis } from '../base/ids.ts';
import { TurnedOut } from '../discovery/turned-out.ts';
import { machineOf } from '../peer/machine.ts';
import type { PeerSession } from '../peer/session.ts';
import type { Clock } from '../ports/clock.ts';
import { MAX_PER_MACHINE } from '../strategy/peers/few-of-a-machine.ts';

/** How often one leaves that brings little: as often as 4% of 80 peers in five minutes, as in libtorrent. */
const TURN = 100_000;
/** A machine that had to make room lately gets in only while more than this share of the places is free. */
const PLENTY = 1 / 8;

export interface PeerPlacesOptions {
  readonly clock: Clock;
  maxPeers(): number;
  /** All places are taken: which of the peers that `may` leave makes room for a newcomer of this machine (`strategy/turnover.ts`). */
  makeRoom(
    newcomer: string | undefined,
    may: (session: PeerSession) => boolean,
    turn: boolean,
  ): PeerSession | undefined;
}

interface Seated {
  readonly session: PeerSession;
  readonly machine: string;
  readonly since: Millis;
}

/** What came of asking for a place; `leaves`: who made room for that, and is to be turned out. */
export type Place = { readonly kind: 'refused' } | { readonly kind: 'taken'; readonly leaves: PeerSession | undefined };

/** The places that there are for peers: who has one, whose machine has enough of them, and who makes room for whom. */
export class PeerPlaces {
  readonly #options: PeerPlacesOptions;
  readonly #seated = new Map<string, Seated>();
  readonly #turnedOut = new TurnedOut();
  /** From when on one that brings little may leave. */
  #turnAt = 0;

  constructor(options: PeerPlacesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#seated.size;
  }

  get full(): boolean {
    return this.size >= this.#options.maxPeers();
  }

  *sessions(): Iterable<PeerSession> {
    for (const { session } of this.#seated.values()) yield session;
  }

  /** Another session of the same peer that has a place, and since when. */
  twinOf(session: PeerSession): Pick<Seated, 'session' | 'since'> | undefined {
    return this.#seated.get(keyOf(session));
  }

  /** Takes a place, or one of whoever has to leave for it. `crowded`: only one that dialled us may. */
  take(session: PeerSession, crowded: boolean, now: Millis): Place {
    const machine = machineOf(session.remote.host, session.peerId);
    let leaves: PeerSession | undefined;
    if (this.#hasEnough(machine)) {
      // A machine that has all its places has to give up one of its own.
      leaves = this.#makeRoom(machine, (other) => machineOf(other.remote.host, other.peerId) === machine);
      if (leaves === undefined) return { kind: 'refused' };
    } else if (this.mustWait(machine, crowded)) return { kind: 'refused' };
    else if (crowded || this.full) {
      leaves = this.#makeRoom(machine, crowded ? isIncoming : anyone);
      if (leaves === undefined) return { kind: 'refused' };
    }
    this.#seated.set(keyOf(session), { session, machine, since: now });
    return { kind: 'taken', leaves };
  }

  /** Gives its place back; returns its machine, undefined where it had none. */
  left(session: PeerSession): string | undefined {
    const key = keyOf(session);
    const seated = this.#seated.get(key);
    if (seated?.session !== session) return undefined;
    this.#seated.delete(key);
    return seated.machine;
  }

  /** While places are scarce its machine gets none for a while. */
  turnedOut({ remote, peerId }: PeerSession): void {
    this.#turnedOut.add(machineOf(remote.host, peerId), this.#options.clock.now());
  }

  /** Whether a machine gets no place now, as it had to make room lately. */
  mustWait(machine: string, crowded: boolean): boolean {
    const { maxPeers, clock } = this.#options;
    const scarce = crowded || this.size >= maxPeers() * (1 - PLENTY);
    return scarce && this.#turnedOut.has(machine, clock.now());
  }

  /** Whether somebody would leave for one of this machine. `crowded`: one that dialled us. */
  mayMakeRoom(machine: string | undefined, crowded: boolean): boolean {
    return this.#leaving(machine, crowded ? isIncoming : anyone) !== undefined;
  }

  #hasEnough(machine: string): boolean {
    let count = 0;
    for (const seated of this.#seated.values()) if (seated.machine === machine) count++;
    return count >= MAX_PER_MACHINE;
  }

  /** Who leaves for one of this machine: one that is of no use, or at most so often one that brings little. */
  #leaving(
    machine: string | undefined,
    may: (session: PeerSession) => boolean,
  ): { readonly session: PeerSession; readonly turn: boolean } | undefined {
    const { makeRoom, clock } = this.#options;
    for (const turn of clock.now() >= this.#turnAt ? [false, true] : [false]) {
      const session = makeRoom(machine, may, turn);
      if (session !== undefined) return { session, turn };
    }
    return undefined;
  }

  /** Takes the place of the least useful peer for one of this machine; undefined where all are worth more. */
  #makeRoom(machine: string, may: (session: PeerSession) => boolean): PeerSession | undefined {
    const leaving = this.#leaving(machine, may);
    if (leaving === undefined) return undefined;
    if (leaving.turn) this.#turnAt = this.#options.clock.now() + TURN;
    // Now, rather than when the connection has closed.
    this.left(leaving.session);
    return leaving.session;
  }
}

const anyone = (): boolean => true;
const isIncoming = ({ incoming }: PeerSession): boolean => incoming;

function keyOf({ peerId, remote }: PeerSession): string {
  return `${peerId} ${remote.host}`;
}
