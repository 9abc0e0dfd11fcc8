import { EnsembleError, messageOf } from '../base/errors.ts';
import { type Millis, millis } from '../base/ids.ts';
import { canonicalIp, familyOf } from '../base/ip.ts';
import { parseProxyUrl, type ProxyPlace, shownProxy } from '../base/proxy-url.ts';
import { linkStandIn6 } from '../base/stand-in.ts';
import type { Timer } from '../ports/clock.ts';
import type { Interfaces, LocalAddress } from '../ports/interfaces.ts';
import type { CloseReason, Connection } from '../ports/net.ts';
import type { Ports } from '../ports/ports.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import { Socks5Talk } from './socks5.ts';

const CONNECT_TIMEOUT = millis(10_000);
/** How long a proxy that is gone is left alone, the n-th time. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
/** A wrong password stays wrong until somebody changes it. */
const AUTH_WAIT = millis(60_000);

export type LinkPorts = Pick<Ports, 'net' | 'http' | 'clock' | 'interfaces'>;

export interface ProxyLinkOptions {
  readonly ports: LinkPorts;
  /** See `parseProxyUrl`. */
  readonly url: string;
  /** A local address, or the name of an interface, from which alone the proxy is reached; undefined: the system chooses. */
  readonly from: string | undefined;
  /** The local address by which everybody knows this link (`base/stand-in`). */
  readonly address: string;
}

/**
 * The link to a proxy: whether it is there. Where it cannot be reached twice in a row it is gone, and tried again ever more seldom;
 * as long as it is gone the link has no address, and whoever is bound to that waits (invariant 8).
 */
export class ProxyLink implements Interfaces {
  readonly place: ProxyPlace;
  readonly address: string;
  readonly #ports: LinkPorts;
  readonly #from: string | undefined;
  readonly #listeners = new Set<(text: string) => void>();
  #gone = false;
  /** Its kind, or what it answered, says that it carries no datagrams. */
  #noUdp = false;
  #probe: Connection | undefined;
  #wait = FIRST_WAIT;
  #timer: Timer | undefined;
  #said = '';
  #closed = false;

  /** Throws EnsembleError('usage') where the URL is none of a proxy. */
  constructor({ ports, url, from, address }: ProxyLinkOptions) {
    const place = parseProxyUrl(url);
    if (place === undefined)
      throw new EnsembleError('usage', 'That is no URL of a proxy: socks5://HOST:PORT or http://HOST:PORT.');
    this.place = place;
    this.address = address;
    this.#ports = ports;
    this.#from = from;
  }

  /** For people. */
  get shown(): string {
    return shownProxy(this.place);
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Whether it is known that it carries no datagrams. */
  get noUdp(): boolean {
    return this.#noUdp || this.place.kind === 'http';
  }

  /** Calls `listener` with sentences for the user: the proxy is gone, is back, cannot do something. Returns what ends that. */
  onNews(listener: (text: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Its address of each family, while the proxy is there. Whether it reaches anybody by IPv6 nobody can ask it. */
  list(): readonly LocalAddress[] {
    if (this.#gone) return [];
    const all = [this.address, linkStandIn6(this.address)].filter((one) => one !== undefined);
    return all.map((address) => ({ interfaceName: this.shown, address, family: familyOf(address), internal: false }));
  }

  /** No router of ours lies behind it. */
  routes(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  /** The local address that the proxy is dialled from. One that is not there is not replaced by another. */
  get localAddress(): string | undefined {
    const from = this.#from;
    if (from === undefined || canonicalIp(from) !== undefined) return from;
    const wanted = canonicalIp(this.place.host);
    const own = this.#ports.interfaces.list().filter(({ interfaceName }) => interfaceName === from);
    const fit = own.find(({ family }) => family === (wanted === undefined ? 4 : familyOf(wanted))) ?? own[0];
    return fit?.address ?? from;
  }

  /** A connection by it stands. */
  works(): void {
    this.#wait = FIRST_WAIT;
    if (!this.#gone) return;
    this.#gone = false;
    this.#noUdp = false;
    this.#timer?.cancel();
    this.#said = '';
    this.#say(`The proxy ${this.shown} is back.`, false);
  }

  /** Nobody uses it any more: it is not looked for, whatever its last connections say. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    const probe = this.#probe;
    this.#probe = undefined;
    probe?.destroy();
  }

  /** A connection by it ended before it stood. */
  failed(reason: CloseReason): void {
    if (reason.kind !== 'error' || this.#closed) return;
    if (reason.code === 'EPROXYAUTH') this.#lost(reason, AUTH_WAIT);
    else if (reason.code === 'EPROXY' && !this.#gone) this.#look();
  }

  /** It does not carry datagrams. */
  refusedUdp(): void {
    this.#noUdp = true;
  }

  /** To be called when datagrams would be wanted and it carries none: says so once. */
  sayNoUdp(): void {
    this.#say(`The proxy ${this.shown} carries no UDP: the DHT and UDP trackers are not used through it.`);
  }

  /** Asks whether it is there. */
  #look(): void {
    if (this.#probe !== undefined) return;
    const { host, port } = this.place;
    const proxy = { host, port };
    const { localAddress } = this;
    const over = (): void => {
      this.#probe = undefined;
    };
    this.#probe = this.#ports.net.dial(
      {
        remote: proxy,
        // HTTP has no greeting.
        ...(this.place.kind === 'socks5' && { via: { proxy, talk: new Socks5Talk(this.place, 'greet', proxy) } }),
        ...(localAddress !== undefined && { localAddress }),
        connectTimeout: CONNECT_TIMEOUT,
        silenceTimeout: CONNECT_TIMEOUT,
        stuckTimeout: CONNECT_TIMEOUT,
      },
      {
        connected: (connection) => {
          over();
          connection.destroy();
          this.works();
        },
        data: () => {},
        closed: (_, reason) => {
          if (this.#probe === undefined) return;
          over();
          this.#lost(reason, millis(this.#wait));
          this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2);
        },
      },
    );
  }

  #lost(reason: CloseReason, wait: Millis): void {
    this.#gone = true;
    const code = reason.kind === 'error' ? reason.code : reason.kind === 'timeout' ? 'ETIMEDOUT' : 'EPROXY';
    const why = messageOf(networkError(`use the proxy ${this.shown}`, systemError(code)));
    this.#say(`Waiting for the proxy, nothing goes beside it: ${why}`);
    this.#timer?.cancel();
    this.#timer = this.#ports.clock.after(wait, () => {
      // Only what is asked for by it shows whether a password is right now.
      if (code === 'EPROXYAUTH' && this.place.kind === 'http') this.#gone = false;
      else this.#look();
    });
  }

  /** The same sentence is not said twice in a row. */
  #say(text: string, once = true): void {
    if (once && this.#said.includes(text)) return;
    if (once) this.#said += `${text}\n`;
    for (const listener of this.#listeners) listener(text);
  }
}
