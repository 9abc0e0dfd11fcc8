/** Bytes of a torrent file that are taken at most, wherever it comes from: 10 MiB must work, and nobody makes larger ones than 32. */
export const MAX_TORRENT_BYTES = 32 * 1024 * 1024;

/** Connections that are accepted of one listener and stand at a time. */
export const MAX_ACCEPTED = 1024;

/** Pieces of the largest torrent that is taken: what holds a number or a byte for each is bounded by it everywhere. */
export const MAX_PIECES = 500_000;

/** Identities of a download at most: K. */
export const MAX_IDENTITIES = 32;

/** Files of the largest torrent that is taken, padding included. */
export const MAX_FILES = 250_000;
