import { MAX_TITLE, plain } from './title.ts';

/**
 * What is asked for, as `readWords` has it: alternatives, each of words of which all are needed; each word is what has to follow each
 * other, with gaps of any length. Empty: nothing.
 */
export type Words = readonly (readonly (readonly string[])[])[];

/**
 * Whether a title has what is asked for: `the show 1080p|2160p show` is either all of the first three words, in any order, or both of
 * the others. Capitals and accents make no difference; within a word `*` stands for any characters and `?` for one, and words in
 * quotes follow each other, whatever stands between them for a space. Nothing asked for is had by every title.
 */
export function wordsMatch(asked: Words, title: string): boolean {
  if (asked.length === 0) return true;
  const text = plain(title).slice(0, MAX_TITLE);
  return asked.some((words) => words.every((word) => contains(text, word)));
}

export function readWords(asked: string): Words {
  const ways: string[][][] = [[]];
  for (const [part = ''] of plain(asked).matchAll(/"[^"]*"?|\||[^\s|"]+/g)) {
    if (part === '|') ways.push([]);
    else {
      const word = part.startsWith('"') ? part.replaceAll('"', '').trim().replace(/\s+/g, SPACE) : part;
      const pieces = word.split('*').filter((piece) => piece !== '');
      if (pieces.length > 0) ways.at(-1)?.push(pieces);
    }
  }
  return ways.filter((words) => words.length > 0);
}

/** Stands in a word for what separates two in a title. */
const SPACE = '\u0001';

/** The first place of each piece after the one before is as good as any other, so nothing is tried twice. */
function contains(text: string, pieces: readonly string[]): boolean {
  let at = 0;
  for (const piece of pieces) {
    while (at + piece.length <= text.length && !isAt(text, at, piece)) at++;
    if (at + piece.length > text.length) return false;
    at += piece.length;
  }
  return true;
}

function isAt(text: string, at: number, piece: string): boolean {
  for (let i = 0; i < piece.length; i++) {
    const want = piece[i];
    const has = text[at + i] ?? '';
    if (want === '?' ? false : want === SPACE ? !/[\s._-]/.test(has) : want !== has) return false;
  }
  return true;
}
