import { EnsembleError, messageOf } from '../../base/errors.ts';
import type { Scope } from '../../base/ip-scope.ts';
import { type Millis, millis } from '../../base/ids.ts';
import { Turns } from '../../base/turns.ts';
import type { FeedRule, Validators } from '../../engine/feeds.ts';
import type { Source } from '../../engine/engine.ts';
import { episodeOf } from '../../feeds/episode.ts';
import { type FeedItem, readFeed } from '../../feeds/read-feed.ts';
import { ruleTakes } from '../../feeds/rule.ts';
import type { CommandArgs, CommandResult, Notice } from '../contract.ts';
import type { FeedView } from '../views.ts';
import { type Adding, addUnasked, type Unasked } from './add-unasked.ts';
import { FeedMemory } from './feed-memory.ts';
import type { FeedService, HostServices } from './services.ts';
import { verdicts } from './feed-verdicts.ts';
import { usualWay } from './usual-way.ts';

/** Feeds that are fetched at a time. */
const AT_ONCE = 4;
/** Most items that are added in one go: others follow with the next second. */
const MOST_AT_ONCE = 20;
/** How often an item is tried that cannot be added, once after each look at its feed. */
const TRIES = 5;
/** The wait from one look to the next is longer or shorter by so much at most, by chance, so that not all ask in the same second. */
const SPREAD = 0.1;
const FIRST_WITHIN = 5_000;
/** A server that refuses is asked again after a day at the latest. */
const LONGEST = 24 * 60 * 60 * 1000;
const MINUTE = 60_000;

/** What is known of one feed. */
interface Known {
  readonly url: string;
  title: string;
  items: readonly FeedItem[];
  validators: Validators;
  /** How far in its server lies. */
  scope: Scope;
  error: string | null;
  /** When it was last read, by the clock on the wall. */
  read: Millis | null;
  /** When somebody last looked, and how much sooner or later than usual the next look is; undefined: nobody has. */
  looked: { readonly at: number; readonly factor: number } | undefined;
  notBefore: number;
  reading: Promise<void> | undefined;
  /** How often items could not be added. */
  readonly failures: Map<string, number>;
}

/**
 * Looks at the feeds of the settings now and then, and adds what their rules take. Each feed fares by itself; items are added one
 * after the other, so that nothing is taken twice.
 */
export class Feeds {
  readonly #services: HostServices;
  readonly #adding: Adding;
  readonly #notify: (notice: Notice) => void;
  readonly #changed: () => void;
  readonly #ending = new AbortController();
  readonly #known = new Map<string, Known>();
  #memory: FeedMemory | undefined;
  #rules: readonly FeedRule[] | undefined;
  /** One at a time adds items. */
  readonly #turns = new Turns(1);
  /** Feeds whose items have to be looked at. */
  readonly #toTake = new Set<string>();
  #busy = false;
  #views: readonly FeedView[] = [];
  #told: string | undefined;

  constructor(
    services: HostServices,
    adding: Adding,
    { notify, changed }: { readonly notify: (notice: Notice) => void; readonly changed: () => void },
  ) {
    this.#services = services;
    this.#adding = adding;
    this.#notify = notify;
    this.#changed = changed;
  }

  /** The same list until something changes, of the feeds or of what their items became. */
  get views(): readonly FeedView[] {
    return this.#views;
  }

  /** To be called once a second. */
  everySecond(): void {
    const { feeds, settings, clock } = this.#services;
    const { feeds: wanted, feedRules, feedMinutes } = settings.current;
    if (feeds === undefined || (wanted.length === 0 && this.#known.size === 0)) return;
    this.#follow(wanted.map(({ url }) => url));
    const now = clock.now();
    const running = [...this.#known.values()].filter(({ reading }) => reading !== undefined).length;
    const due = [...this.#known.values()].filter(
      (one) => one.reading === undefined && now >= Math.max(dueAt(one, feedMinutes), one.notBefore),
    );
    for (const one of due.slice(0, Math.max(0, AT_ONCE - running))) void this.#look(one);
    if (feedRules !== this.#rules) {
      this.#rules = feedRules;
      for (const { url } of this.#known.values()) this.#toTake.add(url);
    }
    if (this.#toTake.size > 0 && !this.#busy) void this.#take();
  }

  /** Looks at a feed now. What is wrong with it is in its view. */
  async read(url: string): Promise<void> {
    this.#follow(this.#services.settings.current.feeds.map((one) => one.url));
    const known = this.#of(url);
    await (known.reading ?? this.#look(known));
  }

  /** Items of one feed or of all, the newest first, with what the rules, or one that is being made, would do with them. */
  async items({ feed, rule }: CommandArgs<'feedItems'>): Promise<CommandResult<'feedItems'>> {
    const { feeds, feedRules } = this.#services.settings.current;
    const known = feeds.flatMap(({ url }) => this.#known.get(url) ?? []);
    const memory = await this.#remembered();
    const all = verdicts(known, rule === null ? feedRules.filter(({ on }) => on) : [rule], memory);
    return all.filter((item) => feed === null || item.feed === feed);
  }

  /** Adds an item that the user chose, also one that was there before. */
  async choose(url: string, id: string): Promise<'added' | 'present'> {
    const known = this.#of(url);
    const item = known.items.find((one) => one.id === id);
    if (item === undefined) throw new EnsembleError('usage', 'The feed has this item no more.');
    const memory = await this.#remembered();
    const was = await this.#turns.run(async () => {
      const { key, added } = await this.#add(known, item, { category: '', paused: false });
      memory.note(url, id, key);
      return added ? 'added' : 'present';
    });
    this.#show();
    await this.#keep(memory);
    return was;
  }

  async close(): Promise<void> {
    this.#ending.abort();
    const added = this.#turns.run(() => Promise.resolve());
    await Promise.all([added, ...[...this.#known.values()].map(({ reading }) => reading)]);
  }

  #of(url: string): Known {
    const known = this.#known.get(url);
    if (known !== undefined) return known;
    throw new EnsembleError('usage', 'There is no such feed any more.');
  }

  /** Knows exactly the feeds of the settings. */
  #follow(urls: readonly string[]): void {
    const wanted = new Set(urls);
    let changed = false;
    for (const url of this.#known.keys()) {
      if (wanted.has(url)) continue;
      this.#known.delete(url);
      changed = true;
    }
    for (const url of urls) {
      if (this.#known.has(url)) continue;
      const within = (this.#services.feeds?.uniform() ?? 0) * FIRST_WITHIN;
      this.#known.set(url, { ...NOTHING, url, notBefore: this.#services.clock.now() + within, failures: new Map() });
      changed = true;
    }
    if (changed) this.#show();
  }

  #look(known: Known): Promise<void> {
    const { feeds } = this.#services;
    if (feeds === undefined) return Promise.resolve();
    known.reading = this.#fetch(known, feeds)
      .catch((error: unknown) => void (known.error = messageOf(error)))
      .then(() => {
        known.reading = undefined;
        known.looked = { at: this.#services.clock.now(), factor: 1 + SPREAD * (2 * feeds.uniform() - 1) };
        this.#toTake.add(known.url);
        this.#show();
      });
    this.#show();
    return known.reading;
  }

  async #fetch(known: Known, feeds: FeedService): Promise<void> {
    const { clock } = this.#services;
    const { signal } = this.#ending;
    const answer = await feeds.fetch(known.url, known.validators, usualWay(this.#services), signal);
    if ('refused' in answer) {
      known.notBefore = clock.now() + Math.min(answer.retryAfter ?? 0, LONGEST);
      throw new EnsembleError('network', answer.refused);
    }
    if (answer.body !== undefined) {
      const { title, items } = readFeed(answer.body, known.url);
      known.title = title;
      known.items = items;
      (await this.#remembered()).seen(
        known.url,
        items.map(({ id }) => id),
      );
    }
    known.validators = answer.validators;
    known.scope = answer.scope ?? 'global';
    known.read = clock.wall();
    known.error = null;
  }

  /** Adds what the rules take of the feeds that were looked at. */
  async #take(): Promise<void> {
    this.#busy = true;
    const urls = [...this.#toTake];
    this.#toTake.clear();
    await this.#turns
      .run(() => this.#takeOf(urls))
      .catch((error: unknown) => {
        // Without knowing what was added before, nothing is.
        if (this.#told !== messageOf(error)) this.#say(messageOf(error));
        this.#told = messageOf(error);
      });
    this.#busy = false;
  }

  async #takeOf(urls: readonly string[]): Promise<void> {
    const memory = await this.#remembered();
    let left = MOST_AT_ONCE;
    for (const url of urls) {
      if (left > 0) left -= await this.#takeFrom(url, memory, left);
      if (left <= 0) this.#toTake.add(url);
    }
    if (left === MOST_AT_ONCE) return;
    this.#show();
    await this.#keep(memory);
  }

  /** Resolves to how many were tried. */
  async #takeFrom(url: string, memory: FeedMemory, most: number): Promise<number> {
    let tried = 0;
    const known = this.#known.get(url);
    // The oldest first: they come into the list in their order.
    for (const item of known?.items.toReversed() ?? []) {
      if (known === undefined || tried >= most || this.#ending.signal.aborted) break;
      if (memory.taken(url).has(item.id) || (known.failures.get(item.id) ?? 0) >= TRIES) continue;
      const rule = this.#services.settings.current.feedRules.find(
        (one) => one.on && ruleTakes(one, { url, item, had: memory.episodes(one.name) }) === 'takes',
      );
      if (rule === undefined || this.#known.get(url) !== known) continue;
      tried++;
      try {
        const { key } = await this.#add(known, item, rule, memory);
        memory.note(url, item.id, key, { rule: rule.name, episode: episodeOf(item.title) });
        known.failures.delete(item.id);
      } catch (error) {
        const failures = (known.failures.get(item.id) ?? 0) + 1;
        known.failures.set(item.id, failures);
        if (failures === 1) this.#say(`${item.title} was not added: ${messageOf(error)}`);
      }
    }
    return tried;
  }

  async #add(known: Known, item: FeedItem, how: Unasked, memory?: FeedMemory): ReturnType<typeof addUnasked> {
    const { link } = item;
    if (link === null) throw new EnsembleError('usage', 'The feed names no torrent here, only a page.');
    const source: Source =
      link.kind === 'magnet'
        ? link
        : await this.#services.fetchTorrent(
            link.url,
            usualWay(this.#services),
            innermost(known, link.url),
            this.#ending.signal,
          );
    return addUnasked(this.#services, this.#adding, source, how, memory?.added);
  }

  async #remembered(): Promise<FeedMemory> {
    const { feeds } = this.#services;
    if (this.#memory === undefined && feeds !== undefined) {
      const kept = await feeds.remembered();
      this.#memory ??= new FeedMemory(kept);
    }
    return (this.#memory ??= new FeedMemory({ taken: {}, episodes: {}, added: [] }));
  }

  async #keep(memory: FeedMemory): Promise<void> {
    await this.#services.feeds?.remember(memory.kept(this.#services.settings.current));
  }

  #show(): void {
    this.#views = this.#services.settings.current.feeds.flatMap(({ url }) => {
      const one = this.#known.get(url);
      if (one === undefined) return [];
      const { title, error, read, items, reading } = one;
      return [{ url, title, error, read, items: items.length, reading: reading !== undefined }];
    });
    this.#changed();
  }

  #say(message: string): void {
    this.#notify({ kind: 'error', key: null, name: null, message });
  }
}

const NOTHING = {
  title: '',
  items: [],
  validators: {},
  scope: 'global',
  error: null,
  read: null,
  looked: undefined,
  reading: undefined,
} as const;

function dueAt({ looked }: Known, minutes: number): number {
  return looked === undefined ? 0 : millis(looked.at + minutes * MINUTE * looked.factor);
}

/** A feed may name what is on its own server, however far in that lies, and else only what is in the internet. */
function innermost({ url, scope }: Known, link: string): Scope {
  return new URL(url).origin === new URL(link).origin ? scope : 'global';
}
