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
  #offered: readonly Extension[];
  readonly #needs: ExtensionNeeds;
  /** The number under which peers send each extension's messages to us: its place, from 1 on. */
  readonly #numbers: ReadonlyMap<Extension, number>;
  /** The handlers of each peer, by those numbers. */
  readonly #ears = new Map<PeerLink, ReadonlyMap<number, ExtensionEars>>();

  /** `isPrivate`: extensions that a private torrent may not have are left out, and no peer is told of them. */
  constructor(all: readonly Extension[], isPrivate: boolean, needs: ExtensionNeeds) {
    this.#offered = all.filter(({ onPrivate }) => onPrivate || !isPrivate);
    this.#numbers = new Map(this.#offered.map((extension, place) => [extension, place + 1]));
    this.#needs = needs;
  }

  /** Their part of our handshake. `again`: not the first one to this peer, so that what is not offered any more is switched off. */
  handshake(again = false): ExtensionHandshake {
    const messages = new Map<string, number>();
    const announced: Partial<ExtensionHandshake>[] = [];
    for (const [extension, number] of this.#numbers) {
      const offered = this.#offered.includes(extension) && extension.offered?.() !== false;
      if (offered) announced.push(extension.announces?.() ?? {});
      if (offered || again) messages.set(extension.name, offered ? number : 0);
    }
    return Object.assign({ messages }, ...announced) as ExtensionHandshake;
  }

  join(link: PeerLink): void {
    const ears = new Map<number, ExtensionEars>();
    for (const extension of this.#offered) {
      ears.set(this.#numbers.get(extension) ?? 0, extension.join(this.#peer(link, extension)));
    }
    this.#ears.set(link, ears);
  }

  /** It became known that the torrent is private: extensions that it may not have say and hear nothing any more. */
  becomePrivate(): void {
    for (const [extension, number] of this.#numbers) {
      if (extension.onPrivate) continue;
      for (const ears of this.#ears.values()) ears.get(number)?.left?.();
      for (const [link, ears] of this.#ears) this.#ears.set(link, without(ears, number));
    }
    this.#offered = this.#offered.filter(({ onPrivate }) => onPrivate);
  }

  /** An extended message came; 0 is the handshake. Throws EnsembleError('protocol'). What we did not offer is ignored. */
  received(link: PeerLink, id: number, payload: Uint8Array): void {
    const ears = this.#ears.get(link);
    if (id !== 0) return ears?.get(id)?.message(payload);
    const handshake = decodeExtensionHandshake(payload);
    link.handshake = handshake;
    for (const each of ears?.values() ?? []) each.greeted?.(handshake);
  }

  left(link: PeerLink): void {
    for (const each of this.#ears.get(link)?.values() ?? []) each.left?.();
    this.#ears.delete(link);
  }

  /** Once a second. */
  tick(now: Millis): void {
    for (const extension of this.#offered) extension.tick?.(now);
  }

  #peer(link: PeerLink, extension: Extension): ExtensionPeer {
    const { session } = link;
    const { name } = extension;
    return {
      link,
      session,
      send: (payload) => {
        if (!this.#offered.includes(extension)) return false;
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

function without(ears: ReadonlyMap<number, ExtensionEars>, number: number): ReadonlyMap<number, ExtensionEars> {
  return new Map([...ears].filter(([own]) => own !== number));
}
