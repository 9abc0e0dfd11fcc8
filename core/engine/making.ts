import * as v from 'valibot';
import { flag, type Frozen, text, whole } from './values.ts';

/** What becomes of a symbolic link: it is refused, what it leads to is taken, or it is kept as a link (BEP 47). */
export const LINK_CHOICES = ['refuse', 'follow', 'keep'] as const;

const MAX_URLS = 256;
const urls = v.pipe(v.array(text), v.maxLength(MAX_URLS));

/** What a torrent is to be like that is made of files; `planTorrent` says whether it can be. */
export const makeChoices = v.strictObject({
  /** Of the format: 1, 2 (BEP 52), or both in one. */
  version: v.picklist(['1', '2', 'hybrid']),
  /** Bytes; missing: by the size, or by `pieces`: the length that makes up to so many. */
  pieceLength: v.exactOptional(whole(1, 2 ** 30)),
  pieces: v.exactOptional(whole(1, 1_000_000)),
  /** Tiers (BEP 12). */
  trackers: v.pipe(v.array(urls), v.maxLength(MAX_URLS)),
  webSeeds: urls,
  private: flag,
  source: v.exactOptional(text),
  comment: v.exactOptional(text),
  links: v.picklist(LINK_CHOICES),
  /** Takes also what has a name that begins with a dot. */
  hidden: flag,
  /** Takes also names that not every system can hold. */
  anyNames: flag,
  /** Records which files are programs (BEP 47). */
  executable: flag,
});
export type MakeChoices = Frozen<v.InferOutput<typeof makeChoices>>;
