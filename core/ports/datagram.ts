import type { Endpoint } from '../base/endpoint.ts';

export interface DatagramOptions {
  readonly family: 4 | 6;
  /** Datagrams are sent from this address and received on it alone; undefined: the system chooses for each datagram. */
  readonly localAddress?: string;
  /** 0 or undefined: any free one. */
  readonly port?: number;
  readonly multicast?: Multicast;
}

/** Multicast needs a `localAddress`: it goes out on the interface that has it, and groups are joined there. */
export interface Multicast {
  /**
   * Groups to listen to, each on a port that several programs of this machine may share. Where another socket joined the same group
   * on another interface, datagrams from there may arrive too: check the sender's address.
   */
  readonly groups: readonly Endpoint[];
  /** Time to live of what is sent to groups: how many routers it may pass, plus one. */
  readonly ttl: number;
}

/** Hears what comes to a UDP socket. */
export interface DatagramHandler {
  /** A datagram came, perhaps one to a group. The handler may keep the bytes. */
  received(data: Uint8Array, host: string, port: number): void;
  /**
   * The system refused to send to this endpoint; `code` is its name for the reason, such as ENETUNREACH or EMSGSIZE.
   * Without it such a datagram counts as lost, which is what most protocols make of it.
   */
  failed?(code: string, host: string, port: number): void;
}

/** A UDP socket. Neither sending nor receiving costs a promise, a closure or an object of ours for each datagram. */
export interface DatagramSocket {
  readonly local: Endpoint;
  /** Bytes that go along with each datagram, off what the path bears: 0 unless a proxy carries them. */
  readonly overhead?: number;
  /**
   * Sends one datagram to an address literal, or loses it. Never throws; after `close` it does nothing. True: it has left or is
   * lost, and the memory is the caller's again. False: it waits, and the memory belongs to the socket from then on: do not change it.
   * `quietly`: `failed` need not hear of it, which costs less.
   */
  send(data: Uint8Array, host: string, port: number, quietly?: boolean): boolean;
  /** Nothing comes any more. */
  close(): void;
}
