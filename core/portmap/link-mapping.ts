import type { MappingProtocol } from '../base/choices.ts';
import { messageOf } from '../base/errors.ts';
import { scopeOf } from '../base/ip-scope.ts';
import type { Millis } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import type { LocalAddress } from '../ports/interfaces.ts';
import { gatewayOf } from './gateways.ts';
import { LinkSocket } from './link-socket.ts';
import type { Grant, MapOutcome, MappingWay, MapPorts, Wanted } from './mapping.ts';
import { cannotAsk, doubt, noRouter, notMapped } from './sentences.ts';
import { waysOf } from './ways.ts';
import { firstGrant } from './first-grant.ts';
import { wait } from '../ports/wait.ts';

/** After all ways have failed. A router that starts announces itself, which ends the wait. */
const RETRY_FIRST = 5 * 60_000;
const RETRY_LAST = 60 * 60_000;
/** After a router that had made the mapping did not answer. */
const RETRY_SILENT = 10_000;
/** Giving back is best effort: the mapping ends by itself. */
const RELEASE_TIME = 1_500;
/** No mapping is renewed oftener, whatever lifetime the router names. */
const LEAST_RENEWAL = 10_000;

/** How a local address fares with its router. */
export type MappingState =
  /** Not asked yet, or there is nothing to ask for: the address is public, or this machine's own. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'mapped';
      readonly by: MappingProtocol;
      /** The outer address, where the router tells one. */
      readonly host?: string;
      readonly port: number;
      /** Until when, unless it is renewed: time of day, Unix milliseconds. */
      readonly until: Millis;
      /** Why it may not suffice, and what to do. */
      readonly note?: string;
    }
  /** It could not be had: a sentence for people, with what to do. */
  | { readonly kind: 'unmapped'; readonly message: string };

export interface LinkMappingOptions {
  readonly address: string;
  /** Routers for links of which the routing tables name none. */
  readonly gateways: readonly string[];
  /** The state is another one. */
  changed(): void;
}

const UNKNOWN: MappingState = { kind: 'unknown' };

/**
 * Keeps one mapping of one local address: finds its link's router, asks it by all protocols, renews, notices that the router forgot, and
 * gives the mapping back.
 */
export class LinkMapping {
  readonly #ports: MapPorts;
  readonly #o: LinkMappingOptions;
  #state: MappingState = UNKNOWN;
  #wanted: Wanted | undefined;
  #abort = new AbortController();
  /** Ends the current wait. */
  #nap = new AbortController();
  /** Ends asking for a first grant. */
  #asking = new AbortController();
  #giveBack = true;
  /** The outer port that it had last. */
  #outer: number | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(ports: MapPorts, options: LinkMappingOptions) {
    this.#ports = ports;
    this.#o = options;
  }

  get state(): MappingState {
    return this.#state;
  }

  /** Maps these ports from now on. */
  open(wanted: Wanted): void {
    const now = this.#wanted;
    if (now?.tcp === wanted.tcp && now.udp === wanted.udp) return;
    this.#end(true);
    this.#wanted = wanted;
    const abort = (this.#abort = new AbortController());
    this.#turn = this.#turn.then(() => (abort.signal.aborted ? undefined : this.#run(wanted, abort.signal)));
  }

  /** Ends it. `giveBack`: the router is told, in `RELEASE_TIME` at most; without, as where the address is gone, nothing is sent. */
  close(giveBack: boolean): Promise<void> {
    this.#end(giveBack);
    this.#wanted = undefined;
    return this.#turn;
  }

  /** Something may have changed: look now instead of at the end of the wait. */
  nudge(): void {
    this.#nap.abort();
  }

  /** There is a way to the router again: asks at once, also where it asks already, in vain and ever more seldom. */
  again(): void {
    this.#asking.abort();
    this.nudge();
  }

  #end(giveBack: boolean): void {
    this.#giveBack = giveBack;
    this.#abort.abort();
    this.#nap.abort();
  }

  async #run(wanted: Wanted, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      const own = this.#own();
      if (own === undefined || !isMappable(own)) {
        this.#set(UNKNOWN);
        await this.#pause(RETRY_LAST, signal);
        continue;
      }
      const routes = await this.#ports.interfaces.routes(own.family).catch(() => []);
      const gateway = gatewayOf(own, routes, this.#o.gateways);
      if (gateway === undefined) {
        this.#set({ kind: 'unmapped', message: noRouter(own.address, wanted) });
        await this.#pause(Math.min(RETRY_FIRST * 2 ** failures, RETRY_LAST), signal);
      } else if (await this.#at(own, gateway, wanted, failures, signal)) failures = -1;
    }
    this.#set(UNKNOWN);
  }

  /** Undefined where the address is gone, or the system does not tell its addresses. */
  #own(): LocalAddress | undefined {
    try {
      return this.#ports.interfaces.list().find(({ address }) => address === this.#o.address);
    } catch {
      return undefined;
    }
  }

  /** Asks this router until the mapping is lost, or the next try is due. Whether that counts as the first. */
  async #at(
    own: LocalAddress,
    gateway: string,
    wanted: Wanted,
    failures: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const retry = Math.min(RETRY_FIRST * 2 ** failures, RETRY_LAST);
    let link: LinkSocket;
    try {
      link = await LinkSocket.open(this.#ports, own, gateway, { announced: () => this.nudge() });
    } catch (error) {
      this.#set({ kind: 'unmapped', message: cannotAsk(own.address, gateway, messageOf(error)) });
      await this.#pause(retry, signal);
      return false;
    }
    try {
      const ask = { ...wanted, outer: this.#outer ?? wanted.tcp };
      const failed = (outcomes: readonly MapOutcome[]): void => {
        if (!signal.aborted)
          this.#set({ kind: 'unmapped', message: notMapped(own.address, gateway, wanted, outcomes) });
      };
      const asking = (this.#asking = new AbortController());
      const both = AbortSignal.any([signal, asking.signal]);
      const won = await firstGrant(this.#ports, waysOf(this.#ports, link), ask, both, failed);
      if (won === undefined && asking.signal.aborted) return true;
      if (won === undefined) {
        await this.#pause(retry, signal);
        return false;
      }
      await this.#keep(won.way, won.grant, gateway, wanted, signal);
      return true;
    } finally {
      link.close();
    }
  }

  /** Renews a mapping until it is lost, or nobody wants it: then it is given back. */
  async #keep(way: MappingWay, granted: Grant, gateway: string, wanted: Wanted, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#ports;
    const now = (): number => clock.now() + clock.slept();
    let grant = granted;
    let ends = now() + 1000 * grant.lifetime;
    const renewal = (): number => now() + Math.max(LEAST_RENEWAL, 1000 * grant.lifetime * (0.5 + random.uniform() / 4));
    let renewAt = renewal();
    this.#mapped(grant, gateway);
    while (!signal.aborted) {
      const nudged = await this.#pause(Math.min(renewAt - now(), way.checkEvery), signal);
      if (signal.aborted) break;
      if (!nudged && now() < renewAt && (await way.check(grant, signal)) !== 'gone') continue;
      if (signal.aborted) break;
      const outcome = await way.map({ ...wanted, outer: grant.tcp }, signal);
      if (outcome.kind === 'granted') {
        grant = outcome.grant;
        ends = now() + 1000 * grant.lifetime;
        renewAt = renewal();
        this.#mapped(grant, gateway);
      } else if (outcome.kind === 'refused' || now() >= ends) return;
      else if (!signal.aborted) renewAt = now() + RETRY_SILENT;
    }
    if (this.#giveBack) await this.#release(way, grant, wanted);
  }

  async #release(way: MappingWay, grant: Grant, wanted: Wanted): Promise<void> {
    const limit = new AbortController();
    const timer = this.#ports.clock.after(millis(RELEASE_TIME), () => limit.abort());
    await way.release(grant, wanted, limit.signal);
    timer.cancel();
  }

  /** Whether it was ended by a nudge. */
  async #pause(time: number, signal: AbortSignal): Promise<boolean> {
    const nap = (this.#nap = new AbortController());
    if (signal.aborted) return false;
    await wait(this.#ports.clock, time, nap.signal);
    return nap.signal.aborted;
  }

  #mapped(grant: Grant, gateway: string): void {
    this.#outer = grant.tcp;
    const note = doubt(gateway, grant);
    this.#set({
      kind: 'mapped',
      by: grant.by,
      ...(grant.host === undefined ? {} : { host: grant.host }),
      port: grant.tcp,
      until: millis(this.#ports.clock.wall() + 1000 * grant.lifetime),
      ...(note === undefined ? {} : { note }),
    });
  }

  #set(state: MappingState): void {
    if (this.#state.kind === 'unknown' && state.kind === 'unknown') return;
    this.#state = state;
    this.#o.changed();
  }
}

/** Whether a router could do anything for it: a public IPv4 address is behind none, and to loopback nobody comes. */
function isMappable(own: LocalAddress): boolean {
  const scope = scopeOf(own.address);
  return !own.internal && scope !== 'loopback' && (own.family === 6 ? scope === 'global' : scope !== 'global');
}
