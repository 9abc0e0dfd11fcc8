import { expect, test } from 'vitest';
import { type InfoHashV1, millis, type TorrentKey, torrentKey } from '../../base/ids.ts';
import { LOG_LINES } from '../patches.ts';
import type { LogLine } from '../views.ts';
import type { KeptStory, StoryKeeper } from './services.ts';
import { Story } from './story.ts';

const key: TorrentKey = torrentKey('ab'.repeat(20) as InfoHashV1);
const line = (n: number): LogLine => ({ time: n, level: 'info', message: `line ${n}` });

function keeper(kept: KeptStory = { lines: [], assembledIn: null }): StoryKeeper & { readonly all: LogLine[] } {
  const all = [...kept.lines];
  let { assembledIn } = kept;
  return {
    all,
    read: () => Promise.resolve({ lines: [...all], assembledIn }),
    append: (_, news) => {
      all.push(...news.lines);
      assembledIn = news.assembledIn ?? assembledIn;
      return Promise.resolve();
    },
    forget: () => Promise.resolve(),
  };
}
const opened = (story: Story): Promise<void> => new Promise((resolve) => story.open(resolve));

test('without a keeper it begins with the program', () => {
  const story = new Story(key, undefined);
  story.add(line(1));
  expect(story.log?.since(0)).toEqual([line(1)]);
});

test('what came before stands before what came since, each line once, whether it was kept already or not', async () => {
  const kept = keeper({ lines: [line(1), line(2)], assembledIn: millis(9) });
  const story = new Story(key, kept);
  story.add(line(3));
  await story.keep();
  story.add(line(4));
  expect(story.log).toBeUndefined();
  await opened(story);
  story.add(line(5));
  expect(story.log?.since(0)).toEqual([1, 2, 3, 4, 5].map(line));
  expect(story.assembledIn).toBe(9);
  await story.keep();
  await story.keep();
  expect(kept.all).toEqual([1, 2, 3, 4, 5].map(line));
});

test('what this run knows counts more than what an earlier one kept, and lines are bounded', async () => {
  const lines = Array.from({ length: LOG_LINES }, (_, n) => line(n));
  const story = new Story(key, keeper({ lines, assembledIn: millis(9) }));
  story.assembled(millis(5));
  story.add(line(LOG_LINES));
  await opened(story);
  expect(story.assembledIn).toBe(5);
  expect(story.log?.since(0)).toEqual([...lines.slice(1), line(LOG_LINES)]);
});
