import * as v from 'valibot';

export const WATCHED_VERSION = 1;
/** `watched.json`: files in watched folders that were dealt with, each with its size and time. */
export const watchedFile = v.object({
  version: v.literal(WATCHED_VERSION),
  files: v.pipe(v.array(v.pipe(v.string(), v.maxLength(8192))), v.maxLength(500_000)),
});
