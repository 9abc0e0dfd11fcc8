/** Whether a text, however incomplete, is meant as a magnet link (BEP 9); schemes are not case-sensitive. */
export function isMagnetLink(text: string): boolean {
  return /^\s*magnet:\/*\?/i.test(text);
}
