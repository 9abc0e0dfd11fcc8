import { appendFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type Millis, millis, type TorrentKey } from '../base/ids.ts';
import type { KeptStory, StoryKeeper } from '../bridge/host/services.ts';
import { LOG_LINES } from '../bridge/patches.ts';
import type { LogLine } from '../bridge/views.ts';

/** A file with more lines, or bytes, than this is written anew with the lines that are shown: when it is read, and when it has grown. */
const MANY_LINES = 4 * LOG_LINES;
const MANY_BYTES = 4 * 1024 * 1024;
const NONE: KeptStory = { lines: [], assembledIn: null };
const MAX_MESSAGE = 4096;

/**
 * The logs of downloads in `stories/` of the state folder, a file of JSON Lines each, whose first line bears the version. Nothing is
 * written where the folder is not `held` any more.
 */
export function openStories(stateFolder: string, held: () => Promise<boolean>): StoryKeeper {
  const folder = `${stateFolder}/stories`;
  const pathOf = (key: TorrentKey): string => `${folder}/${key}.jsonl`;
  /** What is done with files is done in order. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    const next = turn.then(work).catch(() => otherwise);
    turn = next;
    return next;
  };
  const readShortened = async (key: TorrentKey): Promise<KeptStory> => {
    const text = await readFile(pathOf(key), 'utf8');
    const story = storyOf(text);
    const long = text.length > MANY_BYTES || text.split('\n').length > MANY_LINES;
    if (long && (await held())) await writeFile(pathOf(key), HEAD + textOf(story));
    return story;
  };
  return {
    read: (key) => inTurn(() => readShortened(key), NONE),
    append: (key, news) =>
      inTurn(async () => {
        if (!(await held())) return;
        await mkdir(folder, { mode: 0o700 }).catch(() => undefined);
        // It has its first line already unless it is new.
        await writeFile(pathOf(key), HEAD, { flag: 'wx', mode: 0o600 }).catch(() => undefined);
        await appendFile(pathOf(key), textOf(news));
        if ((await stat(pathOf(key))).size > MANY_BYTES) await readShortened(key);
      }, undefined),
    forget: (key) => inTurn(() => rm(pathOf(key), { force: true }), undefined),
  };
}

const HEAD = '{"version":1}\n';

function textOf({ lines, assembledIn }: KeptStory): string {
  const objects: object[] = lines.map(({ time, level, message }) => ({ t: time, level, message }));
  if (assembledIn !== null) objects.push({ assembledIn });
  return objects.map((one) => `${JSON.stringify(one)}\n`).join('');
}

/** The last lines; what cannot be read, such as one that a crash cut off, is passed over. */
function storyOf(text: string): KeptStory {
  const lines: LogLine[] = [];
  let assembledIn: Millis | null = null;
  for (const one of text.split('\n')) {
    const { t, level, message, assembledIn: took } = fieldsOf(one);
    if (isTime(t) && isLevel(level) && typeof message === 'string')
      lines.push({ time: t, level, message: message.slice(0, MAX_MESSAGE) });
    else if (isTime(took)) assembledIn = millis(took);
  }
  return { lines: lines.slice(-LOG_LINES), assembledIn };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** As a point in time it can be shown as a date. */
const isTime = (n: unknown): n is number => typeof n === 'number' && n >= 0 && n <= 8.64e15;
const isLevel = (word: unknown): word is LogLine['level'] => word === 'error' || word === 'warn' || word === 'info';
