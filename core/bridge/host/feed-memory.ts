import type { TorrentKey } from '../../base/ids.ts';
import { keepNewest } from '../../base/keep-newest.ts';
import { type KeptFeeds, MAX_ADDED, MAX_EPISODES, MAX_TAKEN } from '../../engine/feeds.ts';
import type { Settings } from '../../engine/settings.ts';

/** What was dealt with, over runs of the program: items of feeds, episodes of rules, torrents. In each set the newest stand last. */
export class FeedMemory {
  readonly #taken: Map<string, Set<string>>;
  readonly #episodes: Map<string, Set<string>>;
  readonly #added: Set<TorrentKey>;

  constructor({ taken, episodes, added }: KeptFeeds) {
    const sets = (of: Readonly<Record<string, readonly string[]>>): Map<string, Set<string>> =>
      new Map(Object.entries(of).map(([name, all]) => [name, new Set(all)]));
    this.#taken = sets(taken);
    this.#episodes = sets(episodes);
    this.#added = new Set(added);
  }

  /** Torrents that came from feeds. */
  get added(): ReadonlySet<TorrentKey> {
    return this.#added;
  }

  taken(url: string): ReadonlySet<string> {
    return this.#taken.get(url) ?? NONE;
  }

  episodes(rule: string): ReadonlySet<string> {
    return this.#episodes.get(rule) ?? NONE;
  }

  /** `by`: the rule that took it, and the episode that it is about. */
  note(
    url: string,
    id: string,
    key: TorrentKey,
    by?: { readonly rule: string; readonly episode: string | undefined },
  ): void {
    put(this.#taken, url, id, MAX_TAKEN);
    if (by?.episode !== undefined) put(this.#episodes, by.rule, by.episode, MAX_EPISODES);
    this.#added.delete(key);
    this.#added.add(key);
    keepNewest(this.#added, MAX_ADDED);
  }

  /** What a feed has now is forgotten last. */
  seen(url: string, ids: readonly string[]): void {
    const taken = this.taken(url);
    for (const id of ids) if (taken.has(id)) put(this.#taken, url, id, MAX_TAKEN);
  }

  /** What is to be kept of it: nothing of feeds and rules that are gone. */
  kept({ feeds, feedRules }: Pick<Settings, 'feeds' | 'feedRules'>): KeptFeeds {
    const only = (all: ReadonlyMap<string, Set<string>>, names: readonly string[]): Record<string, string[]> =>
      Object.fromEntries(names.flatMap((name) => (all.has(name) ? [[name, [...(all.get(name) ?? [])]]] : [])));
    return {
      taken: only(
        this.#taken,
        feeds.map(({ url }) => url),
      ),
      episodes: only(
        this.#episodes,
        feedRules.map(({ name }) => name),
      ),
      added: [...this.#added],
    };
  }
}

const NONE: ReadonlySet<string> = new Set();

function put(all: Map<string, Set<string>>, name: string, entry: string, most: number): void {
  const set = all.get(name) ?? new Set();
  all.set(name, set);
  set.delete(entry);
  set.add(entry);
  keepNewest(set, most);
}
