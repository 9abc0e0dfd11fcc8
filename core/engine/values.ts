import * as v from 'valibot';
import { MAX_FILES, MAX_IDENTITIES, MAX_PIECES } from '../base/bounds.ts';
import { parseProxyUrl } from '../base/proxy-url.ts';
import { isPlace } from '../base/store-place.ts';
import { isWholePath } from '../base/whole-path.ts';
import type {
  Bytes,
  BytesPerSecond,
  IdentityIndex,
  InfoHash,
  InfoHashV1,
  InfoHashV2,
  Millis,
  TorrentKey,
} from '../base/ids.ts';
import { variantBy } from './variant-by.ts';

// The values that options, settings, statuses and messages are made of, each with its bounds.
// What makes schemas is marked as free of side effects: so a bundle leaves out those by which nothing in it checks anything.

const MAX_TEXT = 4096;
/** Most entries of lists of endpoints, addresses, trackers and the like. */
const MAX_LIST = 10_000;

/** The output of a schema as a read-only type. */
export type Frozen<T> = T extends
  string | number | boolean | bigint | null | undefined | Uint8Array | Uint16Array | Uint32Array | Float64Array
  ? T
  : T extends readonly (infer One)[]
    ? readonly Frozen<One>[]
    : { readonly [K in keyof T]: Frozen<T[K]> };

export const isWhole = (n: unknown, most: number): n is number =>
  typeof n === 'number' && Number.isInteger(n) && n >= 0 && n <= most;
const isAmount = (n: unknown): n is number =>
  typeof n === 'number' && Number.isFinite(n) && n >= 0 && n <= Number.MAX_SAFE_INTEGER;

export const flag = v.boolean();
export const text = v.pipe(v.string(), v.maxLength(MAX_TEXT));
export const infoHash = v.custom<InfoHash>(
  (x) => typeof x === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(x),
  'not an info-hash',
);
/** What a torrent is called by others: by its info-hash of version 1, of version 2, or by both (`TorrentId` without its key). */
export const hashes = v.pipe(
  v.object({
    v1: v.exactOptional(
      v.custom<InfoHashV1>((x) => typeof x === 'string' && /^[0-9a-f]{40}$/.test(x), 'not of version 1'),
    ),
    v2: v.exactOptional(
      v.custom<InfoHashV2>((x) => typeof x === 'string' && /^[0-9a-f]{64}$/.test(x), 'not of version 2'),
    ),
  }),
  v.check(({ v1, v2 }) => v1 !== undefined || v2 !== undefined, 'no info-hash'),
);
export const torrentKey = v.custom<TorrentKey>(
  (x) => typeof x === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(x),
  'not a key of a torrent',
);
export const identity = v.custom<IdentityIndex>((n) => isWhole(n, MAX_IDENTITIES - 1), 'not an identity');
export const count = v.custom<number>((n) => isWhole(n, Number.MAX_SAFE_INTEGER), 'not a whole number');
export const rate = v.custom<BytesPerSecond>(isAmount, 'not a rate');
export const byteCount = v.custom<Bytes>(isAmount, 'not a count of bytes');
export const span = v.custom<Millis>(isAmount, 'not a time');
export const amount = v.custom<number>(isAmount, 'not an amount');
export const fraction = v.custom<number>((n) => isAmount(n) && n <= 1, 'not a fraction');

/** A whole number between two bounds, which can be read from the schema. */
export const whole = /* @__NO_SIDE_EFFECTS__ */ (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

/** A path that is absolute on some system, without zero bytes, which would end it early. */
export const path = v.custom<string>(
  (x) => typeof x === 'string' && x.length <= MAX_TEXT && isWholePath(x) && !x.includes('\0'),
  'not an absolute path',
);
export const host = v.pipe(v.string(), v.minLength(1), v.maxLength(255));
export const port = whole(0, 65_535);
export const endpoint = v.object({ host, port });

/** Where files are served by HTTP, and the secret path below which: one that is kept over runs, else a new one each time. */
export const serveAt = v.object({
  host,
  port,
  secret: v.exactOptional(v.pipe(v.string(), v.regex(/^[\w-]{16,128}$/))),
});

/** A list of bounded length. */
export const listOf = /* @__NO_SIDE_EFFECTS__ */ <S extends v.GenericSchema>(schema: S) => {
  const usual = v.pipe(v.array(schema), v.maxLength(MAX_LIST));
  const run: typeof usual extends { readonly '~run': infer Run extends (...args: never[]) => unknown } ? Run : never = (
    dataset,
    config,
  ) => {
    const { value } = dataset;
    if (!Array.isArray(value) || value.length > MAX_LIST) return usual['~run'](dataset, config);
    // As long as it is: what valibot puts together has room for 17, and lists of thousands of torrents are kept.
    const out = (value as readonly unknown[]).slice();
    for (let i = 0; i < out.length; i++) {
      const one = schema['~run']({ value: out[i] }, config);
      if (!one.typed || one.issues !== undefined) return usual['~run'](dataset, config);
      out[i] = one.value;
    }
    return { typed: true, value: out as v.InferOutput<S>[] };
  };
  return { ...usual, '~run': run };
};
/** A name of which whoever has what it stands for knows the meaning; one that is not known is as if none was named. */
const nameOfOne = /* @__NO_SIDE_EFFECTS__ */ () => v.pipe(v.string(), v.regex(/^[a-z][a-z-]{0,39}$/));
/** The name of a strategy (`core/strategy/orders`). */
export const strategyName = nameOfOne();
/** The name of a dealing (`core/strategy/dealings`). */
export const dealingName = nameOfOne();
/** Addresses or names of interfaces. */
export const bindList = listOf(host);
/** A URL of a proxy, perhaps with a user name and a password. */
export const proxyUrl = v.pipe(
  v.string(),
  v.check((url) => parseProxyUrl(url) !== undefined, 'not a URL of a proxy'),
);
export const proxyList = listOf(proxyUrl);
/** A server where machines meet (`StoreChoice`). */
export const meetingPlace = v.strictObject({
  url: v.pipe(text, v.check(isPlace, 'not nats://HOST[:PORT]/NAME')),
  creds: v.exactOptional(v.pipe(v.string(), v.maxLength(16_384))),
  ca: v.exactOptional(v.pipe(v.string(), v.maxLength(262_144))),
});
/** Peers that can be dialled. */
export const peerList = v.pipe(v.array(v.object({ host, port: whole(1, 65_535) })), v.maxLength(MAX_LIST));
/** URLs of trackers. Whether each can be asked is decided where they are used. */
export const trackerList = v.pipe(
  v.array(v.pipe(v.string(), v.maxLength(2048), v.regex(/^(?:https?|udp):\/\/./i))),
  v.maxLength(256),
);
/** Priority of a file or a piece: from 0 (not wanted) to 7. */
export const priority = whole(0, 7);
/** The priority of what nobody said anything of. */
export const NORMAL = 4;
export const priorities = v.pipe(v.array(priority), v.maxLength(MAX_FILES));
const ratio = v.pipe(v.number(), v.minValue(0), v.maxValue(1e6));
const noGoal = v.literal('none');
/** When a seed has done enough; times in milliseconds. */
export const seedGoals = {
  ratio: v.union([noGoal, ratio]),
  time: v.union([noGoal, count]),
  idle: v.union([noGoal, count]),
};
export const seedRule = variantBy('kind', [
  v.object({ kind: v.literal('never') }),
  v.object({ kind: v.literal('forever') }),
  v.object({ kind: v.literal('ratio'), ratio }),
  v.object({
    kind: v.literal('goals'),
    ratio: v.exactOptional(seedGoals.ratio),
    time: v.exactOptional(seedGoals.time),
    idle: v.exactOptional(seedGoals.idle),
  }),
]);

/** A name that people give: one line, without spaces around it. */
export const label = v.pipe(
  v.string(),
  v.maxLength(100),
  v.check((name) => name === name.trim() && !/\p{Cc}/u.test(name), 'not a name on one line'),
);
const named = v.pipe(label, v.minLength(1));
/** Labels of a download, each once. They are typed with commas between them. */
export const tagList = v.pipe(
  v.array(v.pipe(named, v.excludes(',', 'a comma in a tag'))),
  v.maxLength(100),
  v.check((tags) => new Set(tags).size === tags.length, 'one of them twice'),
);
export { named as categoryName };
/** Most links that have names. */
export const MAX_LINKS = 64;
/** Links are typed with commas between them. */
export const linkName = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(40),
  v.check((name) => name === name.trim() && !/[\p{Cc},/]/u.test(name), 'not a name without commas and slashes'),
);
/** Names of links. */
export const linkList = v.pipe(v.array(linkName), v.maxLength(MAX_LINKS));

const nameWithin = v.pipe(v.string(), v.minLength(1), v.maxLength(1024), v.excludes('/', 'a path for a name'));
/** Files and folders of a torrent that bear other names than it says: each by its path there, with slashes, and its name. */
export const chosenNames = v.pipe(
  v.array(v.object({ path: v.pipe(v.string(), v.minLength(1), v.maxLength(8192)), name: nameWithin })),
  v.maxLength(MAX_FILES),
);

/** A program and its arguments, which no shell reads (`base/program-line`); empty: none. */
export const programWords = v.pipe(
  v.array(v.pipe(v.string(), v.maxLength(MAX_TEXT), v.excludes('\0', 'a zero byte in an argument'))),
  v.maxLength(100),
  v.check(([program]) => program !== '', 'no name of a program'),
);

/** One byte for each piece. */
export const bytePerPiece = v.custom<Uint8Array>(
  (x) => x instanceof Uint8Array && x.length <= MAX_PIECES,
  'not one byte a piece',
);
export const pieces = v.custom<Uint32Array>(
  (x) => x instanceof Uint32Array && x.length <= MAX_PIECES && x.every((piece) => piece < MAX_PIECES),
  'not a list of pieces',
);

/** The same fields, each of which may be missing, but not undefined. */
/* @__NO_SIDE_EFFECTS__ */
export function mayLack<E extends v.ObjectEntries>(
  entries: E,
): { readonly [K in keyof E]: v.ExactOptionalSchema<E[K], undefined> } {
  return Object.fromEntries(
    Object.entries(entries).map(([name, schema]) => [name, v.exactOptional(schema as v.GenericSchema)]),
  ) as never;
}
