const MAX_TEXT = 200;
const utf8 = new TextDecoder();

/** What a tracker says to people, made safe to show and to log: UTF-8, one line, at most 200 characters. */
export function trackerText(data: Uint8Array): string {
  const text = utf8.decode(data.subarray(0, MAX_TEXT * 4));
  return text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT);
}
