/** Characters of a title that are kept and looked at. */
export const MAX_TITLE = 300;

/** A text without what makes no difference: capitals, accents, and how its characters are composed. */
export function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mn}+/gu, '')
    .toLowerCase();
}
