import type { Millis } from '../base/ids.ts';
import { decodeExtensionHandshake, type ExtensionHandshake } from '../wire/extension-handshake.ts';
import type { Extension, ExtensionEars, ExtensionPeer } from './extension.ts';
import type { PeerLink } from './peer-link.ts';

/** What ends connections for an extension. */
export interface ExtensionNeeds {
  useless(link: PeerLink): void;
  ban(link: PeerLink): void;
}

/** The extensions (BEP 10) of one swarm: which of them it offers, and which one each message is for. */
export class Extensions {
  readonly #offered: readonly Extension[];
  readonly #needs: ExtensionNeeds;
  /** The number under which peers send each extension's messages to us: its place, from 1 on. */
  readonly #numbers: ReadonlyMap<string, number>;
  /** The handlers of each peer, in the order of `#offered`. */
  readonly #ears = new Map<PeerLink, readonly ExtensionEars[]>();

  /** `isPrivate`: extensions that a private torrent may not have are left out, and no peer is told of them. */
  constructor(all: readonly Extension[], isPrivate: boolean, needs: ExtensionNeeds) {
    this.#offered = all.filter(({ onPrivate }) => onPrivate || !isPrivate);
    this.#numbers = new Map(this.#offered.map(({ name }, place) => [name, place + 1]));
    this.#needs = needs;
  }

  /** Their part of our handshake. */
  handshake(): ExtensionHandshake {
    const announced = this.#offered.map((extension) => extension.announces?.() ?? {});
    return Object.assign({ messages: this.#numbers }, ...announced) as ExtensionHandshake;
  }

  join(link: PeerLink): void {
    this.#ears.set(
      link,
      this.#offered.map((extension) => extension.join(this.#peer(link, extension.name))),
    );
  }

  /** An extended message came; 0 is the handshake. Throws EnsembleError('protocol'). What we did not offer is ignored. */
  received(link: PeerLink, id: number, payload: Uint8Array): void {
    const ears = this.#ears.get(link) ?? [];
    if (id !== 0) return ears[id - 1]?.message(payload);
    const handshake = decodeExtensionHandshake(payload);
    link.handshake = handshake;
    for (const each of ears) each.greeted?.(handshake);
  }

  left(link: PeerLink): void {
    for (const each of this.#ears.get(link) ?? []) each.left?.();
    this.#ears.delete(link);
  }

  /** Once a second. */
  tick(now: Millis): void {
    for (const extension of this.#offered) extension.tick?.(now);
  }

  #peer(link: PeerLink, name: string): ExtensionPeer {
    const { session } = link;
    return {
      session,
      send: (payload) => {
        const number = link.handshake?.messages.get(name) ?? 0;
        if (number === 0) return false;
        session.sendExtended(number, payload);
        return true;
      },
      useless: () => this.#needs.useless(link),
      ban: () => this.#needs.ban(link),
      close: () => session.close(),
    };
  }
}
