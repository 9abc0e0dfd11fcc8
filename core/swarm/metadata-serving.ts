import { METADATA_PIECE_LENGTH } from '../wire/metadata-assembly.ts';
import {
  METADATA_EXTENSION,
  decodeMetadataMessage,
  encodeMetadataData,
  encodeMetadataReject,
} from '../wire/metadata-message.ts';
import type { Extension, ExtensionEars, ExtensionPeer } from './extension.ts';

/** How often one connection may fetch the whole metadata from us. */
const METADATA_COPIES = 3;
/** When more bytes than this wait in a peer's socket, requests for metadata are refused. */
const MOST_METADATA_QUEUED = 4 * 1024 * 1024;

/** Serves the info dictionary in pieces of 16 KiB (BEP 9). */
export class MetadataServing implements Extension {
  readonly name = METADATA_EXTENSION;
  /** Whoever knows the info-hash of a private torrent has its torrent file, or a link with its tracker. */
  readonly onPrivate = true;
  readonly #raw: Uint8Array;

  constructor(rawInfo: Uint8Array) {
    this.#raw = rawInfo;
  }

  announces(): { readonly metadataSize: number } {
    return { metadataSize: this.#raw.length };
  }

  join(peer: ExtensionPeer): ExtensionEars {
    const most = METADATA_COPIES * Math.ceil(this.#raw.length / METADATA_PIECE_LENGTH);
    let served = 0;
    return {
      message: (payload) => {
        const message = decodeMetadataMessage(payload);
        if (message.kind !== 'request') return;
        // No rate limit applies, as there are only a few copies, sent no faster than they are read (BEP 9, "reject").
        const allowed = served < most && peer.session.queued < MOST_METADATA_QUEUED;
        if (peer.send(allowed ? this.#answer(message.piece) : encodeMetadataReject(message.piece)) && allowed) served++;
      },
    };
  }

  #answer(piece: number): Uint8Array {
    const begin = piece * METADATA_PIECE_LENGTH;
    if (begin >= this.#raw.length) return encodeMetadataReject(piece);
    return encodeMetadataData(piece, this.#raw.length, this.#raw.subarray(begin, begin + METADATA_PIECE_LENGTH));
  }
}
