import type { FeedRule } from '../feeds.ts';

/** Takes each episode of what is a show by its title, once, of all feeds. */
export const SHOWS: FeedRule = {
  name: 'shows',
  on: true,
  feeds: [],
  must: 'show',
  mustNot: '',
  episodes: true,
  category: '',
  paused: false,
};
