import * as v from 'valibot';
import { MAX_IDENTITIES, MAX_UPLOADS } from '../../base/bounds.ts';
import { SELECTION_MODES } from '../../base/choices.ts';
import type { Frozen } from '../../engine/values.ts';
import { DEALING_NAMES, dealsPieces } from '../../strategy/dealings/dealings.ts';
import { STRATEGY_NAMES } from '../../strategy/orders/strategies.ts';
import { SEED_CHOKING } from '../model/choking.ts';
import { positiveSpan, rateOrNone, size, span } from './quantities.ts';
import type { Seconds } from '../seconds.ts';

/** Programs that may take part. Which of them a world has it says itself. */
export const CLIENTS = ['libtorrent', 'transmission', 'aria2', 'ensemble'] as const;
export type ClientName = (typeof CLIENTS)[number];

/** Most peers of all groups together. */
export const MOST_PEERS = 20_000;
/** Most pieces of the payload. */
export const MOST_PIECES = 65_536;

const whole = (least: number, most: number) =>
  v.custom<number>(
    (n) => typeof n === 'number' && Number.isInteger(n) && n >= least && n <= most,
    `is no whole number from ${least} to ${most}`,
  );
const yesOrNo = v.boolean('is neither true nor false');
const oneOf = <const T extends readonly string[]>(...words: T) =>
  v.picklist(words, `is none of ${words.slice(0, -1).join(', ')} and ${words.at(-1)}`);
const text = v.pipe(v.string('is no text'), v.maxLength(2000, 'is longer than 2000 characters'));

/**
 * When those of a group come, in seconds from the begin. `within`: each at a time of its own, evenly drawn; `every`: one after the
 * other, this far apart, and up to a second later; `poisson`: one after the other, this far apart on average, at random.
 */
export type Arrival =
  | { readonly kind: 'within'; readonly from: Seconds; readonly seconds: Seconds }
  | { readonly kind: 'every'; readonly from: Seconds; readonly seconds: Seconds }
  | { readonly kind: 'poisson'; readonly from: Seconds; readonly seconds: Seconds };

const from = v.optional(span, 0);
const arrivalOf = <K extends Arrival['kind']>(kind: K) =>
  v.pipe(
    v.strictObject({ [kind]: positiveSpan, from } as Record<K, typeof positiveSpan> & { from: typeof from }),
    v.transform((read): Arrival => {
      const given = read as unknown as Readonly<Record<K, Seconds>> & { readonly from: Seconds };
      return { kind, from: given.from, seconds: given[kind] };
    }),
  );

const ARRIVALS = {
  within: arrivalOf('within'),
  every: arrivalOf('every'),
  poisson: arrivalOf('poisson'),
} as const;

const ARRIVAL_REFUSAL =
  'is no arrival: write `there`, `at once`, a number of seconds, or one of {within: 60}, {every: 5} and {poisson: 5}, each with `from` where they begin later';

/** Programs do not start at the same instant, so "at once" is within this many seconds. */
const AT_ONCE = 1 as Seconds;

const arrive = v.lazy((input) => {
  if (typeof input === 'object' && input !== null) {
    const kind = Object.keys(ARRIVALS).find((one) => one in input) as keyof typeof ARRIVALS | undefined;
    if (kind !== undefined) return ARRIVALS[kind] as v.GenericSchema<unknown, Arrival>;
  }
  return v.pipe(
    v.union([v.picklist(['there', 'at once']), span], ARRIVAL_REFUSAL),
    v.transform((when): Arrival => ({
      kind: 'within',
      from: typeof when === 'string' ? (0 as Seconds) : when,
      seconds: when === 'there' ? (0 as Seconds) : AT_ONCE,
    })),
  ) as v.GenericSchema<unknown, Arrival>;
});

/** When those of a group leave: never, as soon as they have everything (`done`), or some seconds after that (`after`). */
export type Leave =
  { readonly kind: 'never' } | { readonly kind: 'done' } | { readonly kind: 'after'; readonly seconds: Seconds };

const leave = v.pipe(
  v.union(
    [v.picklist(['never', 'at completion']), span],
    'is no time to leave: write never, at completion, or a number of seconds after completion',
  ),
  v.transform((when): Leave => {
    if (when === 'never') return { kind: 'never' };
    return when === 'at completion' || when === 0 ? { kind: 'done' } : { kind: 'after', seconds: when };
  }),
);

const groupFields = {
  /** How many of them there are. */
  count: whole(0, MOST_PEERS),
  /** What each can send, on its own line. */
  up: rateOrNone,
  /** What each can receive. */
  down: v.optional(rateOrNone, 'none'),
  /** Upload slots: to how many each sends at a time. 0: it sends nothing to anybody. */
  slots: v.optional(whole(0, MAX_UPLOADS), 8),
  client: v.optional(oneOf(...CLIENTS), 'libtorrent'),
  arrive: v.optional(arrive, 'at once'),
  leave: v.optional(leave, 'never'),
  /** Whether one of them takes several connections from one address, which stock clients do not. */
  severalPerAddress: v.optional(yesOrNo, false),
  /** Whom seeds prefer, as libtorrent's `seed_choking_algorithm`. */
  choking: v.optional(oneOf(...SEED_CHOKING), 'round-robin'),
};
const leecherGroup = v.strictObject(groupFields);
/** Seeds are there from the begin, unless it is said when they come. */
const seedGroup = v.strictObject({ ...groupFields, arrive: v.optional(arrive, 'there') });
type GroupOutput = v.InferOutput<typeof leecherGroup>;

/** A list of groups, or one group alone. */
const groupsOf = (group: v.GenericSchema<unknown, GroupOutput>) =>
  v.lazy((input): v.GenericSchema<unknown, GroupOutput[]> =>
    Array.isArray(input)
      ? v.array(group)
      : v.pipe(
          group,
          v.transform((one) => [one]),
        ),
  );

const link = v.strictObject({ up: rateOrNone, down: v.optional(rateOrNone, 'none') });

const user = v.strictObject({
  /** Identities. */
  K: v.optional(whole(1, MAX_IDENTITIES), 1),
  /**
   * `own`: an address for each identity behind one line; `one`: one address for all; `links`: a line with an address of its own for
   * each entry of `links`, to which the identities are dealt in turn.
   */
  addresses: v.optional(oneOf('own', 'one', 'links'), 'own'),
  /** The line that all identities share, unless there are `links`. */
  up: v.optional(rateOrNone, 'none'),
  down: v.optional(rateOrNone, 'none'),
  links: v.optional(v.pipe(v.array(link), v.maxLength(MAX_IDENTITIES, `has more than ${MAX_IDENTITIES} links`)), []),
  client: v.optional(oneOf(...CLIENTS), 'ensemble'),
  /** How pieces are shared out. */
  selection: v.optional(oneOf(...SELECTION_MODES), 'rarest'),
  /** In which order they take pieces, in place of that of `selection`: the name of a strategy (`core/strategy/orders`). */
  strategy: v.exactOptional(oneOf(...STRATEGY_NAMES)),
  /** How peers, and with `fixed` pieces, are dealt among them, in place of the usual way: the name of a dealing (`core/strategy/dealings`). */
  dealing: v.exactOptional(oneOf(...DEALING_NAMES)),
  /** Whether identities upload what their siblings fetched. */
  share: v.optional(yesOrNo, true),
  /** With `fixed`: whether identities that are done take over what slow ones have not begun. */
  moving: v.optional(yesOrNo, false),
  /** Whether identities whose share is done stay until the whole is. */
  stay: v.optional(yesOrNo, false),
  /** The upload limit that the user sets in the program, for all identities together. */
  limit: v.optional(rateOrNone, 'none'),
  /** Upload slots of each identity. */
  slots: v.optional(whole(1, MAX_UPLOADS), 4),
  arrive: v.optional(arrive, 'at once'),
});

/** What a run measures besides times and bytes. */
const measure = v.strictObject({
  /** When each piece came to which identity. */
  pieces: v.optional(yesOrNo, true),
});

export const SCENARIO_NAME = /^[A-Za-z0-9][\w.-]{0,59}$/;
const name = v.pipe(
  v.string('is no text'),
  v.regex(SCENARIO_NAME, 'is no name: up to 60 letters, digits, points, - and _'),
);

/** A swarm and what is to be seen in it: one experiment, as a YAML file says it. Fields and units: docs/lab.md. */
export const scenarioSchema = v.pipe(
  v.strictObject({
    name,
    /** What it shows, for people. */
    about: v.optional(text, ''),
    payload: v.strictObject({
      size,
      /** Length of a piece. */
      piece: v.optional(size, '256 KiB'),
    }),
    seeds: v.optional(groupsOf(seedGroup), []),
    leechers: v.optional(groupsOf(leecherGroup), []),
    user: v.optional(user, {}),
    /** Of every host, one way; those of both ends add up. */
    latency: v.optional(span, 0),
    /** A run that takes longer is cut off. */
    limit: v.optional(positiveSpan, 600),
    repeats: v.optional(whole(1, 10_000), 3),
    seed: v.optional(whole(0, 2 ** 31 - 1), 1),
    measure: v.optional(measure, {}),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { payload, seeds, leechers, user: who, limit } = dataset.value;
    const refuse = (path: readonly string[], message: string): void => {
      let input: unknown = dataset.value;
      const items = path.map((key) => {
        const item = {
          type: 'object',
          origin: 'value',
          input: input as Record<string, unknown>,
          key,
          value: undefined,
        };
        input = (input as Record<string, unknown>)[key];
        return { ...item, value: input } as v.IssuePathItem;
      });
      addIssue({ message, path: items as [v.IssuePathItem, ...v.IssuePathItem[]] });
    };
    const { piece } = payload;
    if (Math.log2(piece) % 1 !== 0 || piece < 16_384 || piece > 64 * 1024 ** 2)
      refuse(['payload', 'piece'], 'is no length of pieces: give a power of two from 16 KiB to 64 MiB');
    else if (payload.size / piece > MOST_PIECES)
      refuse(['payload', 'piece'], `makes more than ${MOST_PIECES} pieces: give longer ones`);
    const peers = [...seeds, ...leechers].reduce((sum, { count }) => sum + count, 0);
    if (peers > MOST_PEERS) refuse(['leechers'], `are, with the seeds, more than ${MOST_PEERS} peers`);
    if (!seeds.some(({ count }) => count > 0)) refuse(['seeds'], 'are none: nobody would have the payload');
    if (who.arrive.from >= limit)
      refuse(
        ['user', 'arrive'],
        `is when all is over already: come before the limit of ${limit} s, or set a later one`,
      );
    if (who.addresses === 'links' && who.links.length === 0)
      refuse(['user', 'links'], 'are none: `addresses: links` needs at least one, such as {up: 20, down: 20}');
    if (who.addresses !== 'links' && who.links.length > 0)
      refuse(['user', 'links'], 'are for `addresses: links` alone');
    if (who.moving && who.selection !== 'fixed') refuse(['user', 'moving'], 'is for `selection: fixed` alone');
    if (dealsPieces(who.dealing) && who.selection !== 'fixed')
      refuse(['user', 'dealing'], 'is one that deals out pieces: it is for `selection: fixed` alone');
    if (who.client !== 'ensemble' && who.K > 1 && who.selection !== 'fixed')
      refuse(['user', 'client'], 'can have several identities by fixed ranges alone: set `selection: fixed`');
  }),
);

export type Scenario = Frozen<v.InferOutput<typeof scenarioSchema>>;
export type Group = Scenario['seeds'][number];
export type User = Scenario['user'];
