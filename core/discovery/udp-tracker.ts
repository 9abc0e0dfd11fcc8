import { readU32 } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import type { InfoHash, Millis } from '../base/ids.ts';
import { canonicalIp, familyOf } from '../base/ip.ts';
import type { StopSignal } from '../base/stopper.ts';
import { firstInTurn } from '../ports/first-in-turn.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import type { Ports } from '../ports/ports.ts';
import type { AnnounceLimits, AnnounceRequest, AnnounceResult, ScrapeAnswer, TrackerClient } from './announce.ts';
import { decodeUdp, encodeAnnounce, encodeConnect, encodeScrape, MAX_SCRAPED } from './udp-packets.ts';
import type { UdpAnswer, UdpQuestion } from './udp-packets.ts';
import type { UdpExchanges } from './udp-exchanges.ts';

/** How long a connection id may be used (BEP 15). */
const CONNECTION_LIFE = 60_000;
/**
 * The n-th wait is 15 s * 2^n (BEP 15, "Time outs"). There n goes up to 8, which is two hours: for that long nobody would hear that
 * the tracker does not answer. Ours ends after the third, and the tracker's back-off follows.
 */
const FIRST_WAIT = 15_000;
const LAST_WAIT = 2;
/** The first wait where time is short, so that there is time for a retransmission. */
const FIRST_WAIT_HURRIED = 1_000;
/** After this part of the first wait the next address of the host is tried too. */
const HEAD_START = 0.2;
/** Most addresses of a host that are tried. */
const MAX_TRIED = 8;

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

/** The tracker's address that answered, and the connection id that it gave. */
interface Session {
  readonly remote: Endpoint;
  readonly id: Uint8Array;
  readonly since: number;
}

/** How long is waited for whatever is sent next. */
interface Patience {
  /** Waits so far that brought nothing. */
  n: number;
  readonly firstWait: number;
  readonly end: number;
  readonly signal: StopSignal;
}

interface Connected {
  readonly session: Session;
  readonly patience: Patience;
}

/** Makes the packet of a question. */
type Encode = (transaction: number) => Uint8Array;

/** A tracker spoken to by UDP (BEP 15). */
export class UdpTracker implements TrackerClient {
  readonly maxScraped = MAX_SCRAPED;
  readonly #o: UdpTrackerOptions;
  #session: Session | undefined;
  /** Which of the host's addresses answered last: the first to be tried. */
  #worked: string | undefined;

  constructor(options: UdpTrackerOptions) {
    this.#o = options;
  }

  async announce(request: AnnounceRequest, limits: AnnounceLimits): Promise<AnnounceResult> {
    const { urlData } = this.#o;
    const encode =
      (id: Uint8Array): Encode =>
      (transaction) =>
        encodeAnnounce(id, transaction, request, urlData);
    const answer = await this.#converse('announce', encode, limits);
    if (answer.kind === 'answer') return answer;
    return { kind: 'refusal', reason: answer.kind === 'error' ? answer.message : 'no reason given' };
  }

  async scrape(hashes: readonly InfoHash[], limits: AnnounceLimits): Promise<ScrapeAnswer> {
    const encode =
      (id: Uint8Array): Encode =>
      (transaction) =>
        encodeScrape(id, transaction, hashes);
    const answer = await this.#converse('scrape', encode, limits);
    if (answer.kind === 'scraped') return { counts: hashes.map((_, i) => answer.counts[i]) };
    throw new EnsembleError('tracker', answer.kind === 'error' ? answer.message : 'no reason given');
  }

  close(): void {
    this.#session = undefined;
  }

  /** Time as the tracker counts it: also what we slept. */
  get #passed(): number {
    const { clock } = this.#o.ports;
    return clock.now() + clock.slept();
  }

  /** Connects where the connection id is missing or too old, then asks; retransmits whichever is not answered. */
  async #converse(asked: UdpQuestion, encode: (id: Uint8Array) => Encode, limits: AnnounceLimits): Promise<UdpAnswer> {
    const { total, signal } = limits;
    const firstWait = total === undefined || total > 2 * FIRST_WAIT ? FIRST_WAIT : FIRST_WAIT_HURRIED;
    let patience: Patience = { n: 0, firstWait, end: this.#o.ports.clock.now() + (total ?? Infinity), signal };
    if (this.#passed - (this.#session?.since ?? 0) >= CONNECTION_LIFE) this.close();
    let known = this.#session;
    try {
      for (;;) {
        if (!known) ({ session: known, patience } = await this.#connect(patience));
        const fresh = this.#session !== known;
        this.#session = known;
        const answer = await this.#transmit(known.remote, asked, encode(known.id), patience);
        if (answer.kind !== 'error') return answer;
        this.close();
        // A tracker that was started anew does not know the ids that it gave before.
        if (fresh) return answer;
        known = undefined;
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Asks the host's addresses for a connection id, each a moment after the one before, and takes the first that comes. */
  async #connect(patience: Patience): Promise<Connected> {
    const { clock } = this.#o.ports;
    const remotes = await this.#lookUp();
    const connect = async (remote: Endpoint, signal: StopSignal): Promise<Connected> => {
      const own = { ...patience, signal };
      const answer = await this.#transmit(remote, 'connect', encodeConnect, own);
      if (answer.kind !== 'connected') throw refusalOf(answer);
      const session = { remote, id: answer.connectionId, since: this.#passed };
      return { session, patience: { ...own, signal: patience.signal } };
    };
    const headStart = millis(patience.firstWait * HEAD_START);
    const first = await firstInTurn(remotes, connect, { clock, headStart, signal: patience.signal });
    this.#worked = first.session.remote.host;
    return first;
  }

  /** Sends a packet until it is answered, with one transaction id, so that a late answer to the first still counts. */
  async #transmit(remote: Endpoint, asked: UdpQuestion, encode: Encode, patience: Patience): Promise<UdpAnswer> {
    const { clock, random } = this.#o.ports;
    const transaction = readU32(random.bytes(4), 0);
    const family = familyOf(remote.host);
    const read = (data: Uint8Array): UdpAnswer | undefined => decodeUdp(data, asked, transaction, family);
    for (; patience.n <= LAST_WAIT; patience.n++) {
      const wait = Math.min(patience.firstWait * 2 ** patience.n, patience.end - clock.now());
      if (wait <= 0) break;
      const answer = await this.#exchange(
        remote,
        transaction,
        encode(transaction),
        read,
        millis(wait),
        patience.signal,
      );
      if (answer) return answer;
    }
    throw new EnsembleError('tracker', `${this.#o.host}:${this.#o.port} (udp) does not answer`);
  }

  /** Sends one packet and waits for an answer to it; undefined when none comes in time. */
  #exchange(
    remote: Endpoint,
    transaction: number,
    packet: Uint8Array,
    read: (data: Uint8Array) => UdpAnswer | undefined,
    wait: Millis,
    signal: StopSignal,
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

  /** The host's addresses of our family; looked up anew with each connection id, as they change. */
  async #lookUp(): Promise<readonly Endpoint[]> {
    const { host, port, address, ports } = this.#o;
    const family = address && familyOf(address);
    const found = (await ports.net.resolve(host, address)).filter(
      (one) => family === undefined || one.family === family,
    );
    if (found.length === 0) throw new EnsembleError('network', `${host} has no IPv${family ?? '4 or 6'} address`);
    const hosts = new Set(found.map((one) => canonicalIp(one.address) ?? one.address));
    const worked = this.#worked;
    const order = worked !== undefined && hosts.has(worked) ? new Set([worked, ...hosts]) : hosts;
    return [...order].slice(0, MAX_TRIED).map((one) => ({ host: one, port }));
  }
}

function refusalOf(answer: UdpAnswer): EnsembleError {
  return new EnsembleError('tracker', answer.kind === 'error' ? answer.message : 'no reason given');
}

const interrupted = (): EnsembleError => new EnsembleError('interrupted', 'The announce was stopped');
