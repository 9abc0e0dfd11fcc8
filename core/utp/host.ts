import type { Endpoint } from '../base/endpoint.ts';
import type { Sizes } from './path-sizes.ts';
import type { SlotPool } from './slots.ts';
import type { Waiting, Wheel } from './wheel.ts';

/** A connection as its socket knows it. */
export interface UtpMember extends Waiting {
  /** It is among those that have something to do. */
  dirty: boolean;
  /** It is among those that wait for more to come. */
  gathering: boolean;
  act(): void;
}

/** What a connection needs of the socket that it belongs to. */
export interface UtpHost {
  readonly local: Endpoint;
  /** Monotonic time in milliseconds, with fractions. */
  readonly now: number;
  readonly pool: SlotPool;
  readonly wheel: Wheel;
  /** Bytes of datagrams to this place that pass, or are likely to, and those to try. */
  sizes(remote: Endpoint): Sizes;
  /** Datagrams of this size do not reach this place, though shorter ones do. */
  tooLong(remote: Endpoint, size: number): void;
  /** Sends a datagram; false where its memory is held for a while, until the system takes it. `quietly`: nobody asks why it is refused. */
  send(data: Uint8Array, to: Endpoint, quietly: boolean): boolean;
  /** Memory for a packet without payload of this length, to be sent at once. */
  small(length: number): Uint8Array;
  /** It has something to do: it may act once what came is heard. */
  mark(connection: UtpMember): void;
  /** It has something to do that may wait for more of it to come: it acts within `GATHER`. */
  gather(connection: UtpMember): void;
  /** It is over. */
  forget(connection: UtpMember): void;
  soon(task: () => void): void;
}
