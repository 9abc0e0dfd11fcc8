// Control characters, line and paragraph separators, invisible and direction-changing ones, halves of pairs: what could
// move a terminal's cursor, forge lines, or make a name read as another one.
const UNSAFE =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text from outside (names, messages of trackers) made safe to show: each unsafe character becomes U+FFFD. */
export function printable(text: string): string {
  return text.replace(UNSAFE, '\ufffd');
}

/** JSON on one line in which each unsafe character is escaped: the same value, harmless on a terminal. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const COMBINING = /\p{Mn}|\p{Me}/u;

/** Columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const c of text) width += COMBINING.test(c) ? 0 : WIDE.test(c) ? 2 : 1;
  return width;
}

/** At most `width` columns of a text; an ellipsis says that something was cut. */
export function fit(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let out = '';
  let used = 0;
  for (const c of text) {
    const w = textWidth(c);
    if (used + w > width - 1) break;
    out += c;
    used += w;
  }
  return width > 0 ? `${out}…` : '';
}
