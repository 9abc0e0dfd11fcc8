import { sameBytes } from '../base/bytes.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { type EpochSeen, forgotMappings } from './epoch.ts';
import { type LinkSocket, TRIES } from './link-socket.ts';
import {
  type Grant,
  LEASE,
  LONGEST_LEASE,
  type MapOutcome,
  type MappingAsk,
  type MappingWay,
  type Wanted,
} from './mapping.ts';
import { decodeNatPmp, encodeAddressRequest, encodeNatPmpMap, NAT_PMP_RESULTS } from './nat-pmp.ts';
import { decodePcp, encodePcpAnnounce, encodePcpMap, NONCE_LENGTH, PCP_RESULTS } from './pcp.ts';
import type { Transport } from './transport.ts';

/** From this try on a router of which we know nothing is asked by NAT-PMP too: some that speak it alone ignore what is newer. */
const BOTH_FROM = 3;
/** A check, and giving back, are not repeated for minutes. */
const FEW_TRIES = 3;
const TRIES_AGAIN = 5;
const NOT_AUTHORIZED = 2;

type PmpProtocol = 'pcp' | 'nat-pmp';

export interface PmpOptions {
  readonly tries?: number;
  /** Ask by this one alone. */
  readonly only?: PmpProtocol;
}

interface Answered {
  readonly by: PmpProtocol;
  readonly result: number;
  readonly outer: number;
  readonly host?: string;
  readonly lifetime: number;
}

/** Mappings by PCP, or by NAT-PMP where the router does not speak PCP (RFC 6887, appendix A). */
export class PmpMapping implements MappingWay {
  /** The router's time shows whether it was restarted: routers that do not announce that are noticed within this time. */
  readonly checkEvery = 45_000;
  readonly #ports: { readonly clock: Clock; readonly random: Random };
  readonly #link: LinkSocket;
  readonly #nonce: Uint8Array;
  readonly #tries: number;
  readonly #only: PmpProtocol | undefined;
  /** What the router speaks, once that is known. */
  #speaks: PmpProtocol | undefined;
  #seen: EpochSeen | undefined;
  #forgot = false;
  #host: string | undefined;

  constructor(ports: { readonly clock: Clock; readonly random: Random }, link: LinkSocket, options: PmpOptions = {}) {
    this.#ports = ports;
    this.#link = link;
    this.#tries = options.tries ?? TRIES;
    this.#only = options.only;
    this.#speaks = options.only;
    this.#nonce = ports.random.bytes(NONCE_LENGTH);
  }

  async map(ask: MappingAsk, signal: AbortSignal): Promise<MapOutcome> {
    // A router that has answered before is there again soon, or announces itself.
    const tries = this.#seen === undefined ? this.#tries : Math.min(this.#tries, TRIES_AGAIN);
    const tcp = await this.#ask('tcp', ask.tcp, ask.outer, LEASE, signal, tries);
    if (tcp === undefined) return { kind: 'silent' };
    if (tcp.result === NOT_AUTHORIZED && tcp.by === 'pcp' && this.#only === undefined && this.#link.own.family === 4) {
      // A mapping of ours from before we were killed bears a nonce that nobody knows any more. NAT-PMP has none.
      this.#speaks = 'nat-pmp';
      const older = await this.map(ask, signal);
      if (older.kind === 'granted') return older;
      this.#speaks = undefined;
    }
    if (tcp.result !== 0) return this.#refused(tcp);
    if (tcp.outer === 0 || tcp.lifetime === 0) return { kind: 'refused', by: tcp.by, why: 'it maps no port' };
    const udp = ask.udp === undefined ? undefined : await this.#ask('udp', ask.udp, tcp.outer, LEASE, signal, tries);
    this.#host = tcp.host ?? (await this.#outerAddress(signal));
    this.#forgot = false;
    const mapped = udp?.result === 0 && udp.outer !== 0;
    return {
      kind: 'granted',
      grant: {
        by: tcp.by,
        host: this.#host,
        tcp: tcp.outer,
        udp: mapped ? udp.outer : undefined,
        lifetime: Math.min(tcp.lifetime, mapped ? Math.max(1, udp.lifetime) : Infinity, LONGEST_LEASE),
      },
    };
  }

  async check(grant: Grant, signal: AbortSignal): Promise<'there' | 'gone' | 'unknown'> {
    const pcp = grant.by === 'pcp';
    const data = pcp ? encodePcpAnnounce(this.#link.own.address) : encodeAddressRequest();
    const heard = await this.#link.ask(
      () => [data.slice()],
      (answer) => {
        const reply = pcp ? decodePcp(answer) : decodeNatPmp(answer);
        if (reply === undefined || reply.kind === 'map') return undefined;
        this.#note(reply.epoch);
        return reply;
      },
      signal,
      FEW_TRIES,
    );
    if (heard === undefined) return 'unknown';
    const moved = heard.kind === 'address' && heard.result === 0 && heard.host !== grant.host;
    return this.#forgot || moved ? 'gone' : 'there';
  }

  async release(grant: Grant, wanted: Wanted, signal: AbortSignal): Promise<void> {
    const all: Promise<unknown>[] = [this.#ask('tcp', wanted.tcp, grant.tcp, 0, signal, FEW_TRIES)];
    if (wanted.udp !== undefined && grant.udp !== undefined) {
      all.push(this.#ask('udp', wanted.udp, grant.udp, 0, signal, FEW_TRIES));
    }
    await Promise.all(all);
  }

  #ask(
    transport: Transport,
    inner: number,
    outer: number,
    lifetime: number,
    signal: AbortSignal,
    tries: number,
  ): Promise<Answered | undefined> {
    const client = this.#link.own.address;
    const pcp = (): Uint8Array => encodePcpMap({ client, nonce: this.#nonce, transport, inner, outer, lifetime });
    // A mapping ends by an outer port of 0 (RFC 6886, section 3.4).
    const older = (): Uint8Array => encodeNatPmpMap(transport, inner, lifetime === 0 ? 0 : outer, lifetime);
    const v6 = this.#link.own.family === 6;
    const request = (attempt: number): Uint8Array[] => {
      if (this.#speaks === 'nat-pmp') return [older()];
      return this.#speaks === undefined && attempt >= BOTH_FROM && !v6 ? [pcp(), older()] : [pcp()];
    };
    const fits = (data: Uint8Array): Answered | 'older' | undefined => {
      const answer =
        this.#fromPcp(data, transport, inner) ?? (v6 ? undefined : this.#fromNatPmp(data, transport, inner));
      if (answer !== undefined && answer !== 'older') this.#speaks = answer.by;
      return answer;
    };
    return this.#link.ask(request, fits, signal, tries).then((answer) => {
      if (answer !== 'older') return answer;
      if (this.#speaks === 'nat-pmp') return undefined;
      this.#speaks = 'nat-pmp';
      return this.#ask(transport, inner, outer, lifetime, signal, tries);
    });
  }

  #fromPcp(data: Uint8Array, transport: Transport, inner: number): Answered | undefined {
    const reply = decodePcp(data);
    if (reply?.kind !== 'map') return undefined;
    const { mapping, result, lifetime } = reply;
    // A refusal need not repeat the request; what it repeats has to be ours.
    if (mapping === undefined && this.#speaks === 'nat-pmp') return undefined;
    if (mapping !== undefined) {
      const ours = sameBytes(mapping.nonce, this.#nonce) && mapping.transport === transport && mapping.inner === inner;
      if (!ours) return undefined;
    }
    this.#note(reply.epoch);
    const host = mapping?.outerHost;
    return { by: 'pcp', result, outer: mapping?.outer ?? 0, lifetime, ...(usable(host) ? { host } : {}) };
  }

  #fromNatPmp(data: Uint8Array, transport: Transport, inner: number): Answered | 'older' | undefined {
    const reply = decodeNatPmp(data);
    if (reply?.kind === 'version') {
      if (this.#only === 'pcp') return { by: 'pcp', result: 1, outer: 0, lifetime: 0 };
      return this.#speaks === undefined ? 'older' : undefined;
    }
    if (reply?.kind !== 'map' || reply.transport !== transport || reply.inner !== inner) return undefined;
    this.#note(reply.epoch);
    return { by: 'nat-pmp', result: reply.result, outer: reply.outer, lifetime: reply.lifetime };
  }

  async #outerAddress(signal: AbortSignal): Promise<string | undefined> {
    if (this.#speaks !== 'nat-pmp') return undefined;
    const reply = await this.#link.ask(
      () => [encodeAddressRequest()],
      (data) => {
        const one = decodeNatPmp(data);
        return one?.kind === 'address' ? one : undefined;
      },
      signal,
      FEW_TRIES,
    );
    return reply?.result === 0 && usable(reply.host) ? reply.host : undefined;
  }

  #note(epoch: number): void {
    const { clock } = this.#ports;
    // While we slept, its time went on.
    const now = { epoch, at: clock.now() + clock.slept() };
    if (this.#seen !== undefined && forgotMappings(this.#seen, now)) this.#forgot = true;
    this.#seen = now;
  }

  #refused({ by, result }: Answered): MapOutcome {
    const why = (by === 'pcp' ? PCP_RESULTS : NAT_PMP_RESULTS)[result] ?? `it answers with code ${result}`;
    return { kind: 'refused', by, why };
  }
}

function usable(host: string | undefined): host is string {
  return host !== undefined && host !== '0.0.0.0' && host !== '::';
}
