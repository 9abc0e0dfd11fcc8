import type { MappingProtocol } from '../base/choices.ts';
import type { Ports } from '../ports/ports.ts';

/** What mapping needs of the outside world. */
export type MapPorts = Pick<Ports, 'clock' | 'random' | 'net' | 'http' | 'interfaces'>;

/** What is to be reached from outside. */
export interface Wanted {
  /** The port of our TCP listener. */
  readonly tcp: number;
  /** Of our UDP socket; undefined: there is none. */
  readonly udp: number | undefined;
}

/** What a router is asked for. */
export interface MappingAsk extends Wanted {
  /** The outer port that we would like: the one that we had, or our own. */
  readonly outer: number;
}

/** A mapping that a router made. */
export interface Grant {
  readonly by: MappingProtocol;
  /** The router's outer address; undefined where it does not tell one. */
  readonly host: string | undefined;
  /** The outer port of TCP, and of UDP where it could be had. */
  readonly tcp: number;
  readonly udp: number | undefined;
  /** Seconds until it ends if it is not renewed. */
  readonly lifetime: number;
}

export type MapOutcome =
  | { readonly kind: 'granted'; readonly grant: Grant }
  /** `why`: half a sentence about the router ("it does not allow that"). */
  | { readonly kind: 'refused'; readonly by: MappingProtocol; readonly why: string }
  | { readonly kind: 'silent' };

/** One way to ask a router. */
export interface MappingWay {
  /** Makes the mapping, or renews it. Never rejects; aborted: `silent`. */
  map(ask: MappingAsk, signal: AbortSignal): Promise<MapOutcome>;
  /** Whether the mapping is still there, as far as that can be seen at little cost. */
  check(grant: Grant, signal: AbortSignal): Promise<'there' | 'gone' | 'unknown'>;
  /** Milliseconds between two checks. */
  readonly checkEvery: number;
  /** Gives the mapping back; resolves when the router was told, or does not answer. */
  release(grant: Grant, wanted: Wanted, signal: AbortSignal): Promise<void>;
}

/** How long a mapping is asked for, in seconds (RFC 6886: two hours; libtorrent and most others: one). */
export const LEASE = 3_600;
/** A router's lifetime beyond this is not believed: everything is asked again by then. */
export const LONGEST_LEASE = 86_400;
