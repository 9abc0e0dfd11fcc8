/** Bytes of UTF-8 that a name may have on the common file systems. */
export const MAX_COMPONENT_BYTES = 255;

/** Names that need no closer look, unless they are those of devices (see `DEVICE`). */
const PLAIN = /^[\w(['+&,@-][\w ()[\]'+&,@.-]{0,126}[\w)\]'+&,@-]$|^\w$/;
/** Names that Windows gives to devices, whatever extension follows. */
const DEVICE = /^(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$) *(\.|:|$)/i;
/** Control characters, and those that make text read backwards. */
// oxlint-disable-next-line no-control-regex -- they are what must go
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd\ud800-\udfff]/gu;
const SEPARATORS = /[/\\]/g;
/** A drive of Windows, alone or with a path. */
const DRIVE = /^([a-z]):(?=[/\\]|$)/i;
/** Characters whose folded form may differ from their lower case. */
// oxlint-disable-next-line no-control-regex -- not ASCII
const UNUSUAL = /[^\x00-\x7f]|[<>:"|?*]/;
const encoder = new TextEncoder();
/** Room for more than any name that fits. */
const scratch = new Uint8Array(MAX_COMPONENT_BYTES + 5);
/** Of a longer name only the beginning and the end can matter. */
const MAX_LOOKED_AT = 2048;

/**
 * One component of a path from a torrent, changed to fit every common file system and to stay in its folder: never empty, `.` or
 * `..`, a drive or a device, and without separators or NUL (docs/decisions/0003). Any text has such a name, the same everywhere.
 */
export function safeComponent(name: string): string {
  if (isPlain(name)) return name;
  if (name.length > MAX_LOOKED_AT)
    return safeComponent(name.slice(0, MAX_LOOKED_AT / 2) + name.slice(-MAX_LOOKED_AT / 2));
  if (name === '' || name === '.' || name === '..') return '_';
  let safe = name.replace(DRIVE, '$1_').replace(UNPRINTABLE, '_').replace(SEPARATORS, '_');
  const end = withoutEnd(safe);
  safe = end + '_'.repeat(safe.length - end.length);
  if (DEVICE.test(safe)) {
    const dot = safe.search(/[.:]/);
    safe = dot < 0 ? `${safe}_` : `${safe.slice(0, dot).trimEnd()}_${safe.slice(dot)}`;
  }
  return shorten(safe, MAX_COMPONENT_BYTES);
}

/** Whether a name is safe at first sight, as most are. */
export function isPlain(name: string): boolean {
  return PLAIN.test(name) && !DEVICE.test(name);
}

/** At most `max` bytes of UTF-8, up to 255, with `mark` before the extension: cut between characters. */
export function shorten(name: string, max: number, mark = ''): string {
  // At most three bytes for what counts as one here.
  const fits = (name.length + mark.length) * 3 <= max;
  if (mark === '' && (fits || encoder.encodeInto(name, scratch).written <= max)) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  const whole = name.slice(0, name.length - extension.length);
  let stem = whole;
  if (!fits) {
    const room = max - encoder.encodeInto(mark + extension, scratch).written;
    // Writes whole characters alone.
    stem = whole.slice(0, encoder.encodeInto(whole, scratch.subarray(0, room)).read);
  }
  const end = withoutEnd(stem);
  return (end.length < stem.length ? `${end}_` : stem) + mark + extension;
}

/** A name without the dots and spaces at its end. A regular expression would begin anew at each of those within it. */
function withoutEnd(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end--;
  return name.slice(0, end);
}

/**
 * Paths with the same result are one path to file systems that ignore case or Unicode form, or that write `_` for what Windows
 * forbids in names.
 */
export function foldPath(path: string): string {
  // Enough for most paths, and looking first costs less than a second copy of each.
  if (!UNUSUAL.test(path)) return path.toLowerCase();
  return path
    .normalize('NFC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFC')
    .replace(/[<>:"|?*]/g, '_');
}
