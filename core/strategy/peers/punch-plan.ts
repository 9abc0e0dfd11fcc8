import type { Endpoint } from '../../base/endpoint.ts';
import type { Millis } from '../../base/ids.ts';
import { familyOf, isUnicast, parseIp } from '../../base/ip.ts';
import { isWithin, scopeOf } from '../../base/ip-scope.ts';

/** How long a peer that was dialled has to answer before it is tried by way of a common peer: much more than a round trip. */
export const UNANSWERED_AFTER = 5_000;
/** A peer is asked for once in this time, by whichever way. */
const ASK_AGAIN = 20_000;
/** One common peer is asked for the same peer once in this time: a NAT that let nobody through will not do so soon. */
const ASK_SAME_AGAIN = 600_000;

/** A common peer that says that it is connected with the one that does not answer, and that this one knows hole punching. */
export interface Relay<Id> {
  readonly id: Id;
  /** Over uTP: then it knows from where our datagrams come, and can tell that. */
  readonly overUtp: boolean;
  /** When it was asked for this peer last. */
  readonly askedAt: Millis | undefined;
  /** It may be asked: it was not asked often lately. */
  readonly free: boolean;
}

/** Whom to ask for a peer that does not answer; undefined: nobody now. `askedAt`: when anybody was asked for it last. */
export function chooseRelay<Id>(
  relays: readonly Relay<Id>[],
  askedAt: Millis | undefined,
  now: Millis,
): Relay<Id> | undefined {
  if (askedAt !== undefined && now - askedAt < ASK_AGAIN) return undefined;
  const may = relays.filter(
    (relay) => relay.free && (relay.askedAt === undefined || now - relay.askedAt >= ASK_SAME_AGAIN),
  );
  const rank = (relay: Relay<Id>): number => (relay.askedAt === undefined ? 0 : 2) + (relay.overUtp ? 0 : 1);
  return may.sort((a, b) => rank(a) - rank(b))[0];
}

/** With so many peers outside over uTP, we are known there by our UDP port well enough. */
const ENOUGH_OVER_UTP = 4;
/** Where so many in a row came to stand over TCP all the same, uTP hardly gets through. */
const MOST_IN_VAIN = 24;

/**
 * Whether the peer dialled somebody over uTP; whether somebody reaches us unasked; whether routers lie between us and the peer; how
 * many we are connected with over uTP, or are about to be; how many dials over uTP first have led to a connection over TCP since the
 * last one over uTP.
 */
export interface Seclusion {
  readonly cameByUtp: boolean;
  readonly reached: boolean;
  readonly isOutside: boolean;
  readonly overUtp: number;
  readonly inVain: number;
}

/**
 * Whether a peer is dialled over uTP first, else over TCP: where that may be all that leads to it, and where we want to be known by our
 * UDP port. A common peer helps only those of whom it knows from where their datagrams
 * come; over TCP others' clients tell the port that a connection came from, at which nobody is reached.
 */
export function wantsUtpFirst({ cameByUtp, reached, isOutside, overUtp, inVain }: Seclusion): boolean {
  if (inVain >= MOST_IN_VAIN) return false;
  return cameByUtp || (isOutside && !reached && overUtp < ENOUGH_OVER_UTP);
}

/** A peer of ours that has asked for another one, or was asked for. */
export interface PunchPeer {
  /** From where its datagrams come, as far as that is known. */
  readonly endpoint: Endpoint | undefined;
  /** It knows hole punching. */
  readonly speaks: boolean;
}

export interface Rendezvous {
  readonly asker: PunchPeer;
  /** Where the asker is, whatever its port. */
  readonly askerHost: string;
  readonly wanted: Endpoint;
  /** The connected peer that is known by that endpoint; undefined: none is. */
  readonly target: PunchPeer | undefined;
  /** It is the asker itself, or we. */
  readonly self: boolean;
}

/** Why two peers are not brought together (BEP 55, "error codes"). */
export type PunchRefusal = 'noSuchPeer' | 'notConnected' | 'noSupport' | 'noSelf';

/** What a common peer does: both hear of each other, the asker hears why not, or nobody hears anything. */
export type RelayVerdict =
  | { readonly kind: 'relay'; readonly toAsker: Endpoint; readonly toTarget: Endpoint }
  | { readonly kind: 'refuse'; readonly why: PunchRefusal }
  | { readonly kind: 'ignore' };

/**
 * Brings together two peers that are connected with us and both know hole punching, of one address family, and of which neither
 * lies further inside than the other, such as in a private network.
 */
export function judgeRendezvous({ asker, askerHost, wanted, target, self }: Rendezvous): RelayVerdict {
  if (!asker.speaks) return { kind: 'ignore' };
  const refuse = (why: PunchRefusal): RelayVerdict => ({ kind: 'refuse', why });
  if (!isPlace(wanted)) return refuse('noSuchPeer');
  if (self) return refuse('noSelf');
  // Whoever is outside does not hear who is inside.
  if (!reaches(askerHost, wanted.host)) return refuse('notConnected');
  if (target === undefined) return refuse('notConnected');
  if (!target.speaks) return refuse('noSupport');
  if (target.endpoint === undefined || asker.endpoint === undefined) return refuse('notConnected');
  if (!reaches(asker.endpoint.host, target.endpoint.host)) return refuse('notConnected');
  return { kind: 'relay', toAsker: target.endpoint, toTarget: asker.endpoint };
}

/** Whether to dial whom the common peer at `relayHost` names: nobody further inside than itself. */
export function mayPunch(peer: Endpoint, relayHost: string): boolean {
  const [scope, outermost] = [scopeOf(peer.host), scopeOf(relayHost)];
  return isPlace(peer) && scope !== undefined && outermost !== undefined && isWithin(scope, outermost);
}

/** How often a peer may ask us for others: a client asks for each that it cannot reach, most of them when it has just come. */
export const RENDEZVOUS_OF_ONE = { rate: 0.5, most: 20 };
/** How often one peer is told of others that ask for it. */
export const CONNECTS_TO_ONE = { rate: 1, most: 20 };
/** How often we dial because one peer says so, and to one machine whoever says so. */
export const CONNECTS_OF_ONE = { rate: 0.5, most: 20 };
export const CONNECTS_TO_MACHINE = { rate: 0.05, most: 4 };
/** How often we ask one peer. */
export const ASKS_OF_ONE = { rate: 0.2, most: 10 };

function isPlace({ host, port }: Endpoint): boolean {
  const ip = parseIp(host);
  return port > 0 && ip !== undefined && isUnicast(ip);
}

function reaches(a: string, b: string): boolean {
  return familyOf(a) === familyOf(b) && scopeOf(a) === scopeOf(b);
}
