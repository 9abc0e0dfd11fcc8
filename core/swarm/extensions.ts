import type { PieceIndex } from '../base/ids.ts';
import { piece as pieceIndex } from '../base/ids.ts';
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../wire/extension-handshake.ts';
import { allowedFastSet } from '../wire/fast-set.ts';
import { METADATA_PIECE_LENGTH } from '../wire/metadata-assembly.ts';
import {
  METADATA_EXTENSION,
  decodeMetadataMessage,
  encodeMetadataData,
  encodeMetadataReject,
} from '../wire/metadata-message.ts';
import type { SwarmPeer } from './peer.ts';
import { REQUEST_QUEUE } from './peer.ts';
import type { SwarmState } from './state.ts';

/** Pieces that a new peer may have before it earned them (BEP 6 proposes 10). */
const ALLOWED_FAST = 10;

/** How often one connection may have the whole of the metadata from us. */
const METADATA_COPIES = 3;
/** Bytes that may wait in a peer's socket before requests for metadata are refused. */
const MOST_METADATA_QUEUED = 4 * 1024 * 1024;

/** A message of the extension protocol (BEP 10): its name, the id under which peers send it to us, and what answers it. */
interface ExtensionRow {
  readonly name: string;
  readonly id: number;
  handle(state: SwarmState, peer: SwarmPeer, payload: Uint8Array): void;
}

/** Further extensions are rows of this table. */
const EXTENSIONS: readonly ExtensionRow[] = [{ name: METADATA_EXTENSION, id: 1, handle: serveMetadata }];

/** Our names and ids, as the handshake tells them. */
export const EXTENSION_IDS: ReadonlyMap<string, number> = new Map(EXTENSIONS.map(({ name, id }) => [name, id]));

/** Says what we can, right after the connection stands (BEP 10, "handshake message"). */
export function greet(state: SwarmState, peer: SwarmPeer, client: string): void {
  if (!peer.session.extended) return;
  const port = state.self.announced()?.port;
  peer.session.sendExtended(
    0,
    encodeExtensionHandshake({
      messages: EXTENSION_IDS,
      client,
      requestQueue: REQUEST_QUEUE,
      yourIp: peer.session.remote.host,
      metadataSize: state.info.raw.length,
      ...(port === undefined ? {} : { port }),
    }),
  );
}

/** A message of the extension protocol came. */
export function extended(state: SwarmState, peer: SwarmPeer, id: number, payload: Uint8Array): void {
  if (id === 0) peer.extensions = decodeExtensionHandshake(payload);
  else EXTENSIONS.find((row) => row.id === id)?.handle(state, peer, payload);
}

/** Tells a new peer what it may have while choked (BEP 6, "allowed fast"); only where it has few pieces. */
export function grantFast(state: SwarmState, peer: SwarmPeer, serves: (piece: PieceIndex) => boolean): void {
  if (!peer.session.fast || peer.pieces.count >= ALLOWED_FAST || peer.grantedFast.size > 0) return;
  const set = allowedFastSet(state.info.infoHash, peer.session.remote.host, state.info.pieceCount, ALLOWED_FAST);
  for (const piece of set) {
    if (!serves(piece) || peer.pieces.has(piece)) continue;
    peer.grantedFast.add(piece);
    peer.fastBudget += state.geometry.pieceSize(piece);
    peer.session.batch.allowedFast(pieceIndex(piece));
  }
}

/** Serves the info dictionary in pieces of 16 KiB (BEP 9). */
function serveMetadata(state: SwarmState, peer: SwarmPeer, payload: Uint8Array): void {
  const id = peer.extensions?.messages.get(METADATA_EXTENSION);
  const message = decodeMetadataMessage(payload);
  if (id === undefined || message.kind !== 'request') return;
  const { raw } = state.info;
  const begin = message.piece * METADATA_PIECE_LENGTH;
  // It counts towards no limit of rate: a few copies, and never faster than they are read (BEP 9, "reject").
  const most = METADATA_COPIES * Math.ceil(raw.length / METADATA_PIECE_LENGTH);
  const allowed = peer.metadataServed < most && peer.session.queued < MOST_METADATA_QUEUED;
  if (allowed) peer.metadataServed++;
  peer.session.sendExtended(
    id,
    allowed && begin < raw.length
      ? encodeMetadataData(message.piece, raw.length, raw.subarray(begin, begin + METADATA_PIECE_LENGTH))
      : encodeMetadataReject(message.piece),
  );
}
