import { keepNewest } from './keep-newest.ts';

/** What a pure function makes of a text, kept for so many texts that it was asked for last: of thousands of torrents most name the same few. */
export function remembered<T>(most: number, make: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly made: T }>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before.made;
    const made = make(text);
    known.set(text, { made });
    keepNewest(known, most);
    return made;
  };
}
