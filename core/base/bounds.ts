/** Bytes of a torrent file that are taken at most, wherever it comes from: 10 MiB must work, and nobody makes larger ones than 32. */
export const MAX_TORRENT_BYTES = 32 * 1024 * 1024;
