/** A number or string that carries its meaning in its type. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };

/** Index of a piece in its torrent, from 0 (BEP 3). */
export type PieceIndex = Brand<number, 'PieceIndex'>;
/** Index of an identity within its download, from 0; people see it from 1. */
export type IdentityIndex = Brand<number, 'IdentityIndex'>;
/** A count of bytes. */
export type Bytes = Brand<number, 'Bytes'>;
/** Bytes a second. */
export type BytesPerSecond = Brand<number, 'BytesPerSecond'>;
/** A span or a point of time in milliseconds. */
export type Millis = Brand<number, 'Millis'>;

/** SHA-1 of the info dictionary's raw bytes, 40 lower-case hex digits (BEP 3). */
export type InfoHashV1 = Brand<string, 'InfoHashV1'>;
/** SHA-256 of the info dictionary's raw bytes, 64 lower-case hex digits (BEP 52). */
export type InfoHashV2 = Brand<string, 'InfoHashV2'>;
/** Names a torrent to others: on the wire, at trackers, in links. A hybrid torrent has two. */
export type InfoHash = InfoHashV1 | InfoHashV2;

/** Identifies a torrent in our own tables, messages and commands, whatever hashes it has. It is not parsed, and never sent to others. */
export type TorrentKey = Brand<string, 'TorrentKey'>;

/** The only place that makes keys. Nothing on disk or on the wire depends on their form. */
export const torrentKey = (infoHash: InfoHash): TorrentKey => infoHash as string as TorrentKey;

/** 20 bytes as 40 lower-case hex digits (BEP 3, BEP 20). */
export type PeerId = Brand<string, 'PeerId'>;

/** These give a plain number its meaning. They check nothing: callers validate. */
export const piece = (n: number): PieceIndex => n as PieceIndex;
export const identityIndex = (n: number): IdentityIndex => n as IdentityIndex;
export const bytes = (n: number): Bytes => n as Bytes;
export const bytesPerSecond = (n: number): BytesPerSecond => n as BytesPerSecond;
export const millis = (n: number): Millis => n as Millis;

/** Rounded down, so that what is shown changes no more often than once a second. */
export const wholeSeconds = (span: Millis): Millis => millis(Math.floor(span / 1000) * 1000);

/** In a table that holds for each piece the identity that fetched it: not known. */
export const UNKNOWN_OWNER = 255;

/** A table of owners for `pieceCount` pieces, none of them known. */
export const unknownOwners = (pieceCount: number): Uint8Array => new Uint8Array(pieceCount).fill(UNKNOWN_OWNER);

/** A source of uniform numbers in [0, 1), injected wherever chance decides. */
export type Rng = () => number;
