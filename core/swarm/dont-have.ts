import { piece as pieceIndex, type PieceIndex } from '../base/ids.ts';
import { decodeDontHave, DONT_HAVE_EXTENSION, encodeDontHave } from '../wire/dont-have.ts';
import type { Extension, ExtensionEars, ExtensionPeer } from './extension.ts';
import type { PeerLink } from './peer-link.ts';

/** Peers take back what they said they have, and are told what we do not have any more (BEP 54). */
export class DontHave implements Extension {
  readonly name = DONT_HAVE_EXTENSION;
  readonly onPrivate = true;
  readonly #pieceCount: number;
  readonly #lost: (link: PeerLink, piece: PieceIndex) => void;
  readonly #peers = new Set<ExtensionPeer>();

  /** `lost`: a peer does not have this piece, perhaps no longer. */
  constructor(pieceCount: number, lost: (link: PeerLink, piece: PieceIndex) => void) {
    this.#pieceCount = pieceCount;
    this.#lost = lost;
  }

  join(peer: ExtensionPeer): ExtensionEars {
    this.#peers.add(peer);
    return {
      message: (payload) => this.#lost(peer.link, pieceIndex(decodeDontHave(payload, this.#pieceCount))),
      left: () => this.#peers.delete(peer),
    };
  }

  /** Tells every peer that understands it, of those to which `may` holds. */
  tell(piece: PieceIndex, may: (link: PeerLink) => boolean): void {
    for (const peer of this.#peers) if (may(peer.link)) peer.send(encodeDontHave(piece));
  }
}
