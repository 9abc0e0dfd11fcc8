import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import type { Millis } from '../base/ids.ts';
import { isWithin, scopeOf } from '../base/ip-scope.ts';
import type { NamedPeer } from '../base/peer-source.ts';
import { DistinctCount } from '../discovery/distinct-count.ts';
import type { SourceStatus } from '../engine/statuses.ts';
import type { Clock } from '../ports/clock.ts';
import {
  allowance,
  FULL_ALLOWANCE,
  judgeMessage,
  type LivePeer,
  planExchange,
  plausible,
} from '../strategy/peers/peer-exchange-plan.ts';
import { EnsembleError } from '../base/errors.ts';
import type { ExtensionHandshake } from '../wire/extension-handshake.ts';
import {
  decodePeerExchange,
  encodePeerExchange,
  PEER_EXCHANGE,
  type PeerExchangeMessage,
  PEX_FLAG,
} from '../wire/peer-exchange.ts';
import { HOLEPUNCH } from '../wire/holepunch-message.ts';
import type { Extension, ExtensionEars, ExtensionPeer } from './extension.ts';
import type { PeerLink } from './peer-link.ts';

/** When a peer is told of the others for the first time after it was greeted, and then again. */
const FIRST_AFTER = 2_000;
const AGAIN_AFTER = 60_000;
/** When there was nothing to tell, it is looked again after this. */
const LOOK_AGAIN = 10_000;

export interface PeerExchangeNeeds {
  readonly clock: Clock;
  /** Whether the user wants it. */
  wanted(): boolean;
  /** All connected peers. */
  links(): Iterable<PeerLink>;
  /** It has everything, or wants nothing. */
  isSeed(link: PeerLink): boolean;
  /** We want nothing ourselves. */
  seeding(): boolean;
  /** It is us, or a sibling. */
  isOurs(endpoint: Endpoint): boolean;
  found(peers: readonly NamedPeer[]): void;
  /** As `found`, with who named them, and those with whom that one is not connected any more. */
  named(by: PeerLink, message: PeerExchangeMessage): void;
}

/** Tells peers of the peers that we are connected with, and hears of theirs (BEP 11). */
export class PeerExchange implements Extension {
  readonly name = PEER_EXCHANGE;
  readonly onPrivate = false;
  readonly #needs: PeerExchangeNeeds;
  readonly #partners = new Set<Partner>();
  readonly #named = new DistinctCount();

  constructor(needs: PeerExchangeNeeds) {
    this.#needs = needs;
  }

  offered(): boolean {
    return this.#needs.wanted();
  }

  join(peer: ExtensionPeer): ExtensionEars {
    const partner = new Partner(peer, this.#needs, this.#named, () => this.#partners.delete(partner));
    this.#partners.add(partner);
    return partner;
  }

  tick(now: Millis): void {
    if (!this.#needs.wanted()) return;
    let live: readonly LivePeer[] | undefined;
    for (const partner of this.#partners) if (partner.isDue(now)) partner.tell((live ??= this.#live()), now);
  }

  status(): SourceStatus {
    return { kind: 'pex', found: this.#named.count };
  }

  /** Siblings are never connected, but one may be about to be closed. */
  #live(): LivePeer[] {
    const live: LivePeer[] = [];
    for (const link of this.#needs.links()) {
      const { endpoint, session, handshake } = link;
      const scope = scopeOf(endpoint.host);
      if (session.over || !link.listens || scope === undefined || this.#needs.isOurs(endpoint)) continue;
      const seed = this.#needs.isSeed(link);
      const flags =
        (session.incoming ? 0 : PEX_FLAG.reachable) |
        (seed ? PEX_FLAG.seed : 0) |
        (session.transport === 'utp' ? PEX_FLAG.utp : 0) |
        (handshake?.prefersEncryption === true || session.encryption !== 'plain' ? PEX_FLAG.encryption : 0) |
        ((handshake?.messages.get(HOLEPUNCH) ?? 0) > 0 ? PEX_FLAG.holepunch : 0);
      live.push({ ...endpoint, flags, seed, key: formatEndpoint(endpoint), scope });
    }
    return live;
  }
}

/** What passes between us and one peer. */
class Partner implements ExtensionEars {
  readonly #peer: ExtensionPeer;
  readonly #needs: PeerExchangeNeeds;
  readonly #named: DistinctCount;
  readonly #gone: () => void;
  /** What it was told of and not told to be gone. */
  readonly #told = new Map<string, Endpoint>();
  /** Undefined while it does not accept them. */
  #nextAt: number | undefined;
  /** When its last messages came. */
  #heardAt: readonly number[] = [];
  #allowance = FULL_ALLOWANCE;
  #allowedAt: number;

  constructor(peer: ExtensionPeer, needs: PeerExchangeNeeds, named: DistinctCount, gone: () => void) {
    this.#peer = peer;
    this.#needs = needs;
    this.#named = named;
    this.#gone = gone;
    this.#allowedAt = needs.clock.now();
  }

  greeted(handshake: ExtensionHandshake): void {
    const accepts = (handshake.messages.get(PEER_EXCHANGE) ?? 0) > 0;
    this.#nextAt = accepts ? (this.#nextAt ?? this.#needs.clock.now() + FIRST_AFTER) : undefined;
  }

  isDue(now: Millis): boolean {
    return this.#nextAt !== undefined && now >= this.#nextAt;
  }

  tell(live: readonly LivePeer[], now: Millis): void {
    const { link } = this.#peer;
    const receiver = { ...link.endpoint, seed: this.#needs.isSeed(link) };
    const plan = planExchange({ live, receiver, told: this.#told });
    this.#nextAt = now + LOOK_AGAIN;
    if (plan.added.length === 0 && plan.dropped.length === 0) return;
    this.#peer.send(encodePeerExchange(plan));
    this.#nextAt = now + AGAIN_AFTER;
    for (const peer of plan.dropped) this.#told.delete(formatEndpoint(peer));
    for (const { key, host, port } of plan.added) this.#told.set(key, { host, port });
  }

  /** Who is gone at another peer may be there for us, so that only what was added counts. */
  message(payload: Uint8Array): void {
    if (!this.#needs.wanted()) return;
    const now = this.#needs.clock.now();
    const verdict = judgeMessage(this.#heardAt, now);
    this.#heardAt = [...this.#heardAt, now].slice(-10);
    if (verdict === 'close') throw new EnsembleError('protocol', 'The peer sends lists of peers far too often.');
    if (verdict === 'ignore') return;
    const scope = scopeOf(this.#peer.link.host) ?? 'global';
    const seeding = this.#needs.seeding();
    const { added, dropped } = decodePeerExchange(payload);
    const wanted = plausible(added).filter((entry) => {
      const itsScope = scopeOf(entry.host);
      // Two seeds have nothing to give each other, and whoever is outside has no business naming what is inside.
      if ((seeding && entry.flags & PEX_FLAG.seed) || itsScope === undefined || !isWithin(itsScope, scope))
        return false;
      return !this.#needs.isOurs(entry);
    });
    this.#allowance = allowance(this.#allowance, now - this.#allowedAt);
    this.#allowedAt = now;
    const taken = wanted.slice(0, Math.floor(this.#allowance));
    this.#allowance -= taken.length;
    this.#needs.named(this.#peer.link, { added: taken, dropped });
    if (taken.length === 0) return;
    for (const peer of taken) this.#named.add(formatEndpoint(peer));
    this.#needs.found(taken.map(({ host, port, flags }) => ({ host, port, ...reachOf(flags) })));
  }

  left(): void {
    this.#gone();
  }
}

/** Transmission also names the ports from which others dialled it; but over uTP all dial from where they listen. */
function reachOf(flags: number): Pick<NamedPeer, 'unsure' | 'overUtp'> {
  if (flags & PEX_FLAG.reachable) return {};
  return flags & PEX_FLAG.utp ? { overUtp: true } : { unsure: true };
}
