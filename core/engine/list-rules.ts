import * as v from 'valibot';
import { AFTER_SEEDING } from '../base/choices.ts';
import { DOWNLOAD_OPTIONS } from './option-table.ts';
import { categoryName, type Frozen, path, seedGoals, whole } from './values.ts';

const { identities, links, bind, proxies, seed, down, up, whenDone } = DOWNLOAD_OPTIONS;

/** Most categories. */
const MAX_CATEGORIES = 200;
/** Most downloads that may be active; as good as no limit. */
const MAX_ACTIVE = 100_000;

/** A category: what a new download in it begins with (folder, links), and the rules of those that have none of their own. */
const category = v.object({
  name: categoryName,
  /** Absolute; missing: the folder of the settings. */
  folder: v.exactOptional(path),
  identities: v.exactOptional(identities.schema),
  links: v.exactOptional(links.schema),
  bind: v.exactOptional(bind.schema),
  proxies: v.exactOptional(proxies.schema),
  /** Missing: the goals of all downloads. */
  seed: v.exactOptional(seed.schema),
  /** Limits of each of its downloads that has none of its own; 0: none. */
  down: v.exactOptional(down.schema),
  up: v.exactOptional(up.schema),
  /** Missing: what is run for all downloads. */
  whenDone: v.exactOptional(whenDone.schema),
});

export type Category = Frozen<v.InferOutput<typeof category>>;

/** Settings that concern the list of downloads as a whole. */
export const LIST_RULES = {
  /** How many downloads may be active at a time; 0: any number. */
  activeDownloads: whole(0, MAX_ACTIVE),
  activeSeeds: whole(0, MAX_ACTIVE),
  /** A download that got nothing for so many minutes, or a seed that gave nothing, leaves its place to the next one; 0: never. */
  stalledAfter: whole(0, 10_080),
  /** When seeds have done enough whose rule says no more, and what becomes of them. */
  seedGoals: v.object({ ...seedGoals, after: v.picklist(AFTER_SEEDING) }),
  /** A program to run when a download is done that says nothing else. */
  whenDone: whenDone.schema,
  categories: v.pipe(
    v.array(category),
    v.maxLength(MAX_CATEGORIES),
    v.check((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two of the same name'),
  ),
};
export type ListRules = Frozen<v.InferOutput<v.ObjectSchema<typeof LIST_RULES, undefined>>>;

/** An ordinary client's, which has one download: all run, and seed forever unless their own rule says otherwise. */
export const NO_RULES: ListRules = {
  activeDownloads: 0,
  activeSeeds: 0,
  stalledAfter: 0,
  seedGoals: { ratio: 'none', time: 'none', idle: 'none', after: 'stop' },
  whenDone: [],
  categories: [],
};
