/** What a program that is run when a download is done may be told of it, by name. */
export const PROGRAM_FACTS = ['name', 'path', 'folder', 'hash', 'category', 'tags', 'size'] as const;
export type ProgramFacts = { readonly [K in (typeof PROGRAM_FACTS)[number]]: string };

/**
 * The words of a line as it is typed: separated by spaces, with quotes around what has spaces. There is no other syntax, and no escapes, as
 * paths of Windows have backslashes. Undefined: a quote is left open.
 */
export function wordsIn(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (const char of line) {
    if (quote !== undefined) {
      if (char === quote) quote = undefined;
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + char;
  }
  if (word !== undefined) words.push(word);
  return quote === undefined ? words : undefined;
}

/** A line that `wordsIn` reads as these words. */
export function lineOf(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

function quoted(word: string): string {
  if (word !== '' && !/[\s"']/.test(word)) return word;
  if (!word.includes('"')) return `"${word}"`;
  // A word with both kinds of quotes: each stands between the other kind.
  return word
    .split(/("+)/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith('"') ? `'${part}'` : `"${part}"`))
    .join('');
}

/**
 * A program and its arguments, in which `{name}` and the like stand for what is known of the download; braces around anything else stay. The
 * program itself is taken as it is, so that no torrent has a say in it. Undefined: an argument that is whatever the torrent is called would
 * begin with a dash, and so be an option; after `--` it is none.
 */
export function filledIn(words: readonly string[], facts: ProgramFacts): readonly string[] | undefined {
  const [program, ...args] = words;
  if (program === undefined) return undefined;
  const last = args.indexOf('--');
  const filled = args.map((arg) =>
    arg.replace(/\{(\w+)\}/g, (whole, name: string) =>
      Object.hasOwn(facts, name) ? facts[name as keyof ProgramFacts] : whole,
    ),
  );
  const wrong = filled.some((arg, i) => arg.startsWith('-') && args[i]?.startsWith('{') && (last < 0 || i < last));
  return wrong ? undefined : [program, ...filled];
}
