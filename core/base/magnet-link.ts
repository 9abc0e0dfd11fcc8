/**
 * Whether a text, however incomplete, is meant as a magnet link (BEP 9); schemes are not case-sensitive, and the whole may be
 * percent-encoded.
 */
export function isMagnetLink(text: string): boolean {
  return /^\s*magnet(?::|%(?:25)*3a)(?:\/|%(?:25)*2f)*(?:\?|%(?:25)*3f|xt[.=])/i.test(text);
}
