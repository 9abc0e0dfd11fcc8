import { Allowance, Allowances } from '../base/allowance.ts';
import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import type { Millis } from '../base/ids.ts';
import { networkOf } from '../base/ip.ts';
import { keepNewest } from '../base/keep-newest.ts';
import type { Clock } from '../ports/clock.ts';
import {
  ASKS_OF_ONE,
  chooseRelay,
  CONNECTS_OF_ONE,
  CONNECTS_TO_MACHINE,
  CONNECTS_TO_ONE,
  judgeRendezvous,
  mayPunch,
  RENDEZVOUS_OF_ONE,
} from '../strategy/peers/punch-plan.ts';
import type { ExtensionHandshake } from '../wire/extension-handshake.ts';
import {
  decodeHolepunch,
  encodeHolepunch,
  encodeHolepunchError,
  HOLEPUNCH,
  PUNCH_ERROR,
} from '../wire/holepunch-message.ts';
import type { ExchangedPeer, PeerExchangeMessage } from '../wire/peer-exchange.ts';
import { PEX_FLAG } from '../wire/peer-exchange.ts';
import type { Extension, ExtensionEars, ExtensionPeer } from './extension.ts';
import type { PeerLink } from './peer-link.ts';

/** Of so many peers that one names we remember that it is connected with them; and when we asked it for which. */
const MOST_NAMED = 200;
/** Machines for which we count how often we were told to dial them. */
const MOST_MACHINES = 1000;

export interface HolepunchNeeds {
  readonly clock: Clock;
  /** Whether uTP leaves from the port that others are told of. */
  offered(): boolean;
  /** It is us; it is us or a sibling. */
  isSelf(endpoint: Endpoint): boolean;
  isOurs(endpoint: Endpoint): boolean;
  /** Dials over uTP, unless that peer is connected or not wanted. */
  punch(endpoint: Endpoint): void;
}

/** Reaches peers through NATs with the help of a peer that both sides are connected with, and helps others so (BEP 55). */
export class Holepunch implements Extension {
  readonly name = HOLEPUNCH;
  readonly onPrivate = false;
  readonly #needs: HolepunchNeeds;
  readonly #partners = new Map<PeerLink, Partner>();
  /** When we asked for a peer last, by endpoint. */
  readonly #askedAt = new Map<string, Millis>();
  /** How often we dialled each machine because we were told to. */
  readonly #machines = new Allowances(CONNECTS_TO_MACHINE, MOST_MACHINES);

  constructor(needs: HolepunchNeeds) {
    this.#needs = needs;
  }

  offered(): boolean {
    return this.#needs.offered();
  }

  join(peer: ExtensionPeer): ExtensionEars {
    const partner = new Partner(peer, this.#needs.clock.now());
    this.#partners.set(peer.link, partner);
    return {
      greeted: (handshake) => partner.greeted(handshake),
      message: (payload) => this.#heard(partner, payload),
      left: () => this.#partners.delete(peer.link),
    };
  }

  /** A peer told with whom it is connected (BEP 11). */
  named(link: PeerLink, { added, dropped }: PeerExchangeMessage): void {
    this.#partners.get(link)?.named(added, dropped);
  }

  /** A peer does not answer, whichever way it is dialled. */
  unreachable(endpoint: Endpoint): void {
    if (!this.#needs.offered()) return;
    const now = this.#needs.clock.now();
    const key = formatEndpoint(endpoint);
    const relays = [...this.#partners.values()].filter((one) => one.knows(key)).map((one) => one.asRelay(key, now));
    const relay = chooseRelay(relays, this.#askedAt.get(key), now);
    if (relay === undefined) return;
    remember(this.#askedAt, key, now);
    relay.id.ask(endpoint, now);
  }

  #heard(from: Partner, payload: Uint8Array): void {
    const message = decodeHolepunch(payload);
    if (message === undefined || !this.#needs.offered()) return;
    const now = this.#needs.clock.now();
    const { kind, peer } = message;
    if (kind === 'rendezvous') this.#relay(from, peer, payload, now);
    else if (kind === 'connect') this.#dial(from, peer, now);
    else this.#refused(from, peer);
  }

  #relay(asker: Partner, wanted: Endpoint, payload: Uint8Array, now: Millis): void {
    if (!asker.rendezvous.take(now)) return;
    const target = this.#find(wanted);
    const verdict = judgeRendezvous({
      asker,
      askerHost: asker.peer.link.host,
      wanted,
      target,
      self: target === asker || this.#needs.isSelf(wanted),
    });
    if (verdict.kind === 'refuse') asker.peer.send(encodeHolepunchError(payload, PUNCH_ERROR[verdict.why]));
    if (verdict.kind !== 'relay' || target?.connects.take(now) !== true) return;
    asker.peer.send(encodeHolepunch('connect', verdict.toAsker));
    target.peer.send(encodeHolepunch('connect', verdict.toTarget));
  }

  #dial(from: Partner, peer: Endpoint, now: Millis): void {
    if (!from.speaks || this.#needs.isOurs(peer) || !mayPunch(peer, from.peer.link.host)) return;
    if (from.told.take(now) && this.#machines.take(networkOf(peer.host), now)) this.#needs.punch(peer);
  }

  /** It does not have that peer: another one may. */
  #refused(from: Partner, peer: Endpoint): void {
    const key = formatEndpoint(peer);
    if (!from.wasAsked(key)) return;
    from.forget(key);
    this.#askedAt.delete(key);
    this.unreachable(peer);
  }

  #find(wanted: Endpoint): Partner | undefined {
    const key = formatEndpoint(wanted);
    for (const partner of this.#partners.values()) if (partner.is(key)) return partner;
    return undefined;
  }
}

/** What passes between us and one peer. */
class Partner {
  readonly peer: ExtensionPeer;
  /** How often it may ask us, we ask it, it is told of others, and it may tell us of others. */
  readonly rendezvous: Allowance;
  readonly connects: Allowance;
  readonly told: Allowance;
  readonly #asks: Allowance;
  speaks = false;
  /** With whom it is connected that knows hole punching, by endpoint. */
  readonly #named = new Set<string>();
  /** When it was asked for whom. */
  readonly #asked = new Map<string, Millis>();

  constructor(peer: ExtensionPeer, now: Millis) {
    this.peer = peer;
    this.rendezvous = new Allowance(RENDEZVOUS_OF_ONE, now);
    this.connects = new Allowance(CONNECTS_TO_ONE, now);
    this.told = new Allowance(CONNECTS_OF_ONE, now);
    this.#asks = new Allowance(ASKS_OF_ONE, now);
  }

  /** From where its datagrams come, as far as that is known: a port that it dials from over TCP says nothing of it. */
  get endpoint(): Endpoint | undefined {
    const { link, session } = this.peer;
    if (session.transport === 'utp') return session.remote;
    return link.listens ? link.endpoint : undefined;
  }

  greeted(handshake: ExtensionHandshake): void {
    this.speaks = (handshake.messages.get(HOLEPUNCH) ?? 0) > 0;
  }

  named(added: readonly ExchangedPeer[], dropped: readonly Endpoint[]): void {
    for (const peer of dropped) this.#named.delete(formatEndpoint(peer));
    for (const peer of added) {
      if ((peer.flags & PEX_FLAG.holepunch) === 0) continue;
      this.#named.add(formatEndpoint(peer));
      keepNewest(this.#named, MOST_NAMED);
    }
  }

  knows(key: string): boolean {
    return this.speaks && this.#named.has(key);
  }

  forget(key: string): void {
    this.#named.delete(key);
  }

  wasAsked(key: string): boolean {
    return this.#asked.has(key);
  }

  asRelay(key: string, now: Millis) {
    const overUtp = this.peer.session.transport === 'utp';
    return { id: this, overUtp, askedAt: this.#asked.get(key), free: this.#asks.has(now) };
  }

  ask(endpoint: Endpoint, now: Millis): void {
    this.#asks.take(now);
    remember(this.#asked, formatEndpoint(endpoint), now);
    this.peer.send(encodeHolepunch('rendezvous', endpoint));
  }

  /** Whether it is known by this endpoint: where it listens, or where it comes from. */
  is(key: string): boolean {
    const { link, session } = this.peer;
    if (session.over) return false;
    return formatEndpoint(session.remote) === key || (link.listens && formatEndpoint(link.endpoint) === key);
  }
}

function remember(times: Map<string, Millis>, key: string, now: Millis): void {
  times.delete(key);
  times.set(key, now);
  keepNewest(times, MOST_NAMED);
}
