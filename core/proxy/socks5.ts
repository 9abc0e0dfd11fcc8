import { concatBytes } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { ProxyPlace } from '../base/proxy-url.ts';
import type { ProxyStep, ProxyTalk } from '../ports/net.ts';
import { decodePlace, encodePlace, placeLength } from './address.ts';

const VERSION = 5;
const NO_AUTH = 0;
const PASSWORD = 2;
const COMMANDS = { connect: 1, associate: 3 } as const;

/** What its replies mean (RFC 1928, 6). A refusal by its rules is about this target alone. */
const REPLIES: ReadonlyMap<number, string> = new Map([
  [1, 'EHOSTUNREACH'],
  [2, 'EACCES'],
  [3, 'ENETUNREACH'],
  [4, 'EHOSTUNREACH'],
  [5, 'ECONNREFUSED'],
  [6, 'ETIMEDOUT'],
  [7, 'EOPNOTSUPP'],
  [8, 'EAFNOSUPPORT'],
]);

const MORE: ProxyStep = { kind: 'more' };
const NONSENSE: ProxyStep = { kind: 'failed', code: 'EPROXY' };

type Stage = 'method' | 'password' | 'reply';

/**
 * Asks a SOCKS5 proxy (RFC 1928) to connect us with `target`, or, with `associate`, to carry datagrams; with `greet` it only asks to be
 * let in.
 */
export class Socks5Talk implements ProxyTalk {
  readonly #place: ProxyPlace;
  readonly #command: keyof typeof COMMANDS | 'greet';
  readonly #target: Endpoint;
  #stage: Stage = 'method';
  #come: Uint8Array = new Uint8Array();
  #bound: Endpoint | undefined;

  constructor(place: ProxyPlace, command: keyof typeof COMMANDS | 'greet', target: Endpoint) {
    this.#place = place;
    this.#command = command;
    this.#target = target;
  }

  get asked(): boolean {
    return this.#stage === 'reply';
  }

  /** After `open`: the place that the proxy names, for `associate` the one that takes the datagrams. */
  get bound(): Endpoint | undefined {
    return this.#bound;
  }

  begin(): Uint8Array {
    const methods = this.#place.user === undefined ? [NO_AUTH] : [NO_AUTH, PASSWORD];
    return Uint8Array.of(VERSION, methods.length, ...methods);
  }

  received(data: Uint8Array): ProxyStep {
    this.#come = concatBytes(this.#come, data);
    switch (this.#stage) {
      case 'method':
        return this.#method();
      case 'password':
        return this.#answered();
      case 'reply':
        return this.#reply();
    }
  }

  #method(): ProxyStep {
    const [version, method] = this.#come;
    if (version !== undefined && version !== VERSION) return NONSENSE;
    if (method === undefined) return MORE;
    // Nothing else has been asked for.
    if (this.#come.length > 2) return NONSENSE;
    this.#come = new Uint8Array();
    const { user, password } = this.#place;
    if (method === NO_AUTH) return this.#ask();
    if (method !== PASSWORD || user === undefined) return { kind: 'failed', code: 'EPROXYAUTH' };
    this.#stage = 'password';
    const parts = [user, password ?? ''].map((text) => new TextEncoder().encode(text));
    return {
      kind: 'more',
      send: concatBytes(Uint8Array.of(1), ...parts.flatMap((part) => [Uint8Array.of(part.length), part])),
    };
  }

  /** The answer to user name and password (RFC 1929). */
  #answered(): ProxyStep {
    const [version, status] = this.#come;
    // Some write the version of SOCKS here.
    if (version !== undefined && version !== 1 && version !== VERSION) return NONSENSE;
    if (status === undefined) return MORE;
    if (status !== 0) return { kind: 'failed', code: 'EPROXYAUTH' };
    if (this.#come.length > 2) return NONSENSE;
    this.#come = new Uint8Array();
    return this.#ask();
  }

  #ask(): ProxyStep {
    if (this.#command === 'greet') return { kind: 'open', rest: this.#come };
    this.#stage = 'reply';
    const command = Uint8Array.of(VERSION, COMMANDS[this.#command], 0);
    return { kind: 'more', send: concatBytes(command, encodePlace(this.#target)) };
  }

  #reply(): ProxyStep {
    const [version, reply] = this.#come;
    if (version !== undefined && version !== VERSION) return NONSENSE;
    // The reason counts, whatever follows: some close without the rest.
    if (reply !== undefined && reply !== 0) return { kind: 'failed', code: REPLIES.get(reply) ?? 'EHOSTUNREACH' };
    const length = placeLength(this.#come, 3);
    if (length === 0) return NONSENSE;
    if (length === undefined || this.#come.length < 3 + length) return MORE;
    this.#bound = decodePlace(this.#come, 3);
    return { kind: 'open', rest: this.#come.subarray(3 + length) };
  }
}
