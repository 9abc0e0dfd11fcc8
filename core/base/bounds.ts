/** Largest torrent file that is accepted, wherever it comes from: 10 MiB must work, and nobody makes any larger than 32. */
export const MAX_TORRENT_BYTES = 32 * 1024 * 1024;

/** Most incoming connections that one listener keeps open at a time. */
export const MAX_ACCEPTED = 1024;

/** Most pieces that a torrent may have. It bounds every table with an entry for each piece. */
export const MAX_PIECES = 500_000;

/** Most hosts of a download's trackers that a list of downloads tells. */
export const MAX_TRACKER_HOSTS = 8;

/** Most identities of one download (K). */
export const MAX_IDENTITIES = 32;

/** The most that may be chosen of upload slots and of connections of one identity. */
export const MAX_UPLOADS = 1000;
export const MAX_PEERS = 10_000;

/** Most files that a torrent may have, padding included. */
export const MAX_FILES = 250_000;
