import { readU32 } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { canonicalIp } from '../base/ip.ts';
import type { DatagramHandler, DatagramSocket } from '../ports/datagram.ts';

/** Who waits for a tracker's answer. */
export interface Waiter {
  /** Host in canonical form. */
  readonly remote: Endpoint;
  answered(data: Uint8Array): void;
  /** The system cannot send to it. */
  failed(code: string): void;
}

/** What is being asked of UDP trackers through one socket, for all torrents: answers are told apart by transaction id (BEP 15). */
export class UdpExchanges implements DatagramHandler {
  readonly #send: (...datagram: Parameters<DatagramSocket['send']>) => void;
  readonly #waiting = new Map<number, Waiter>();

  /** `send`: of the socket whose datagrams come to `received`. */
  constructor(send: (...datagram: Parameters<DatagramSocket['send']>) => void) {
    this.#send = send;
  }

  /** Sends a request; what comes back under its transaction id goes to `waiter` until the result is called. */
  ask(transaction: number, packet: Uint8Array, waiter: Waiter): () => void {
    this.#waiting.set(transaction, waiter);
    this.#send(packet, waiter.remote.host, waiter.remote.port);
    return () => {
      if (this.#waiting.get(transaction) === waiter) this.#waiting.delete(transaction);
    };
  }

  received(data: Uint8Array, host: string, port: number): void {
    if (data.length < 8) return;
    const waiter = this.#waiting.get(readU32(data, 4));
    if (waiter !== undefined && isFrom(waiter, host, port)) waiter.answered(data);
  }

  failed(code: string, host: string, port: number): void {
    for (const waiter of this.#waiting.values()) if (isFrom(waiter, host, port)) waiter.failed(code);
  }
}

function isFrom({ remote }: Waiter, host: string, port: number): boolean {
  return remote.port === port && remote.host === (canonicalIp(host) ?? host);
}
