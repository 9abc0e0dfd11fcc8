import { readU32 } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import type { Millis } from '../base/ids.ts';
import { canonicalIp } from '../base/ip.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import type { Ports } from '../ports/ports.ts';
import type { AnnounceLimits, AnnounceRequest, AnnounceResult, TrackerClient } from './announce.ts';
import { decodeUdp, encodeAnnounce, encodeConnect } from './udp-packets.ts';
import type { UdpAnswer } from './udp-packets.ts';
import type { UdpExchanges } from './udp-exchanges.ts';

/** How long a connection id may be used (BEP 15). */
const CONNECTION_LIFE = 60_000;
/** The n-th wait is 15 s * 2^n, up to n = 8 (BEP 15, "Time outs"). */
const FIRST_WAIT = 15_000;
/** The first wait where time is short, so that there is time for a retransmission. */
const FIRST_WAIT_HURRIED = 1_000;
const LAST_WAIT = 8;

export interface UdpTrackerOptions {
  readonly ports: Pick<Ports, 'net' | 'clock' | 'random'>;
  /** The socket through which it is asked. */
  readonly udp: UdpExchanges;
  readonly host: string;
  readonly port: number;
  /** Path and query of the URL (BEP 41). */
  readonly urlData: Uint8Array;
  /** The address that this socket is bound to. It decides which of the host's addresses are tried. */
  readonly address?: string;
}

/** The tracker's address in use, and the connection id for it. */
interface Session {
  readonly remote: Endpoint;
  readonly family: 4 | 6;
  connection: { readonly id: Uint8Array; readonly since: number } | undefined;
}

/** A tracker spoken to by UDP (BEP 15). */
export class UdpTracker implements TrackerClient {
  readonly #o: UdpTrackerOptions;
  #session: Session | undefined;
  /** Which of the host's addresses is used: the next one after a failure. */
  #turn = 0;

  constructor(options: UdpTrackerOptions) {
    this.#o = options;
  }

  async announce(request: AnnounceRequest, limits: AnnounceLimits): Promise<AnnounceResult> {
    const end = this.#o.ports.clock.now() + (limits.total ?? Infinity);
    // The host is looked up anew with each connection id: its addresses change.
    const passed = this.#passed;
    if (passed - (this.#session?.connection?.since ?? passed) >= CONNECTION_LIFE) this.close();
    try {
      this.#session ??= await this.#begin(limits.signal);
      const result = await this.#converse(this.#session, request, end, limits);
      if (result.kind === 'refusal') this.close();
      return result;
    } catch (error) {
      this.close();
      this.#turn++;
      throw error;
    }
  }

  close(): void {
    this.#session = undefined;
  }

  /** Time as the tracker counts it: also what we slept. */
  get #passed(): number {
    const { clock } = this.#o.ports;
    return clock.now() + clock.slept();
  }

  /** Connects where the connection id is missing or too old, announces; retransmits whichever is not answered. */
  async #converse(
    session: Session,
    request: AnnounceRequest,
    end: number,
    limits: AnnounceLimits,
  ): Promise<AnnounceResult> {
    const { clock, random } = this.#o.ports;
    const firstWait = limits.total === undefined || limits.total > 2 * FIRST_WAIT ? FIRST_WAIT : FIRST_WAIT_HURRIED;
    let asked: 'connect' | 'announce' | undefined;
    let transaction = 0;
    for (let n = 0; n <= LAST_WAIT;) {
      const now = clock.now();
      const wait = Math.min(firstWait * 2 ** n, end - now);
      if (wait <= 0) break;
      const connection = session.connection;
      const fresh = connection && this.#passed - connection.since < CONNECTION_LIFE ? connection.id : undefined;
      const next = fresh ? 'announce' : 'connect';
      // A retransmission keeps its transaction id, so that a late answer to the first still counts.
      if (next !== asked) transaction = readU32(random.bytes(4), 0);
      asked = next;
      const packet = fresh ? encodeAnnounce(fresh, transaction, request, this.#o.urlData) : encodeConnect(transaction);
      const read = (data: Uint8Array): UdpAnswer | undefined => decodeUdp(data, next, transaction, session.family);
      const answer = await this.#exchange(session, transaction, packet, read, millis(wait), limits.signal);
      if (!answer) n++;
      else if (answer.kind === 'connected') session.connection = { id: answer.connectionId, since: this.#passed };
      else if (answer.kind === 'error') return { kind: 'refusal', reason: answer.message };
      else return answer;
    }
    throw new EnsembleError('tracker', `${this.#o.host}:${this.#o.port} (udp) does not answer`);
  }

  /** Sends one packet and waits for an answer to it; undefined when none comes in time. */
  #exchange(
    { remote }: Session,
    transaction: number,
    packet: Uint8Array,
    read: (data: Uint8Array) => UdpAnswer | undefined,
    wait: Millis,
    signal: AbortSignal,
  ): Promise<UdpAnswer | undefined> {
    return new Promise((resolve, reject) => {
      let stopListening = (): void => {};
      const settle = (act: () => void): void => {
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
        stopListening();
        act();
      };
      const onAbort = (): void => settle(() => reject(interrupted()));
      const timer = this.#o.ports.clock.after(wait, () => settle(() => resolve(undefined)));
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort);
      stopListening = this.#o.udp.ask(transaction, packet, {
        remote,
        answered: (data) => {
          const answer = read(data);
          if (answer) settle(() => resolve(answer));
        },
        failed: (code) => settle(() => reject(networkError(`send to ${formatEndpoint(remote)}`, systemError(code)))),
      });
    });
  }

  async #begin(signal: AbortSignal): Promise<Session> {
    const { net } = this.#o.ports;
    const { host, port, address } = this.#o;
    const family = address === undefined ? undefined : address.includes(':') ? 6 : 4;
    const found = (await net.resolve(host)).filter((one) => family === undefined || one.family === family);
    const chosen = found[this.#turn % Math.max(1, found.length)];
    if (!chosen) throw new EnsembleError('network', `${host} has no IPv${family ?? '4 or 6'} address`);
    const remote = { host: canonicalIp(chosen.address) ?? chosen.address, port };
    if (signal.aborted) throw interrupted();
    return { remote, family: chosen.family, connection: undefined };
  }
}

const interrupted = (): EnsembleError => new EnsembleError('interrupted', 'The announce was stopped');
