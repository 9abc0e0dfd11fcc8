import { MAX_TITLE, plain } from './title.ts';

// Each may be preceded by anything but a letter or digit. What is repeated in them is bounded.
const BEFORE = /(?<![a-z0-9])/.source;
const AFTER = /(?![0-9])/.source;
const MARKS: readonly { readonly pattern: RegExp; readonly name: (parts: readonly string[]) => string | undefined }[] =
  [
    // S01E02, s1.e2, S01E02E03, S01E02-E03, S01E02-03
    {
      pattern: new RegExp(`${BEFORE}s(\\d{1,4})[ ._-]?e(\\d{1,4})(?:-?e?(\\d{1,4})(?![0-9a-z]))?${AFTER}`),
      name: ([season = '', first = '', last]) => `s${+season}e${+first}${last === undefined ? '' : `-${+last}`}`,
    },
    // 1x02
    {
      pattern: new RegExp(`${BEFORE}(\\d{1,2})x(\\d{2,3})${AFTER}(?![a-z])`),
      name: ([season = '', first = '']) => `s${+season}e${+first}`,
    },
    // 2026.01.31
    {
      pattern: new RegExp(`${BEFORE}((?:19|20)\\d\\d)[ ._-](\\d{1,2})[ ._-](\\d{1,2})${AFTER}`),
      name: ([year = '', month = '', day = '']) => dateOf(year, month, day),
    },
    // 31.01.2026
    {
      pattern: new RegExp(`${BEFORE}(\\d{1,2})[ ._-](\\d{1,2})[ ._-]((?:19|20)\\d\\d)${AFTER}`),
      name: ([day = '', month = '', year = '']) => dateOf(year, month, day) ?? dateOf(year, day, month),
    },
  ];

/**
 * The episode that a title is about, the same for all who release it: the show, and `s1e2` or a date, and `again` where it repairs one.
 * Undefined where it is about none.
 */
export function episodeOf(title: string): string | undefined {
  const text = plain(title.slice(0, MAX_TITLE));
  for (const { pattern, name } of MARKS) {
    const found = pattern.exec(text);
    const mark = found && name(found.slice(1));
    if (!found || mark === undefined || mark === null) continue;
    const again = /(?<![a-z])(?:proper|repack|rerip)(?![a-z])/.test(text.slice(found.index)) ? ' again' : '';
    return `${showOf(text.slice(0, found.index))} ${mark}${again}`;
  }
  return undefined;
}

/** Who released it, in brackets before the name, and the year after it make no other show. */
function showOf(before: string): string {
  const words = before
    .replace(/^\s*(?:\[[^\]]{0,60}\]\s*)+/, '')
    .replace(/['\u2019]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  if (words.length > 1 && /^(?:19|20)\d\d$/.test(words.at(-1) ?? '')) words.pop();
  return words.join('.');
}

function dateOf(year: string, month: string, day: string): string | undefined {
  const fits = +month >= 1 && +month <= 12 && +day >= 1 && +day <= 31;
  return fits ? `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` : undefined;
}
