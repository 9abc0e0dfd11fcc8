/** Parts are separated by `&`, which text that was taken out of a web page still has as an entity. */
const SEPARATOR = /&(?:amp;|#0*38;|#x0*26;)*/i;
const SCHEME = /^magnet:\/*\??(?=(.*)$)/is;
/** How often a whole link may have been encoded. */
const MOST_ENCODINGS = 3;

/**
 * The values of each key of a magnet link, decoded; undefined where it is none. Keys may be numbered: `tr.1` is another `tr`. The
 * link, or what follows `magnet:?`, may have been percent-encoded as a whole.
 */
export function readMagnetQuery(link: string): Map<string, string[]> | undefined {
  const query = SCHEME.exec(plain(link))?.[1];
  if (query === undefined || query === '') return undefined;
  const out = new Map<string, string[]>();
  for (const part of query.split(SEPARATOR)) {
    const equals = part.indexOf('=');
    if (equals < 1) continue;
    const key = part
      .slice(0, equals)
      .trim()
      .toLowerCase()
      .replace(/\.\d+$/, '');
    // As in a form: a plus sign is a space.
    const value = percentDecode(part.slice(equals + 1).replaceAll('+', ' ')).trim();
    if (value === '') continue;
    const values = out.get(key);
    if (values === undefined) out.set(key, [value]);
    else values.push(value);
  }
  return out;
}

/** The same link with a further part. */
export function withPart(link: string, key: string, value: string): string {
  return `${plain(link)}&${key}=${encodeURIComponent(value)}`;
}

/** A link whose parts stand there as such. */
function plain(link: string): string {
  let text = link.trim();
  for (let i = 0; i < MOST_ENCODINGS && !isPlain(text); i++) text = percentDecode(text);
  return text;
}

/** Whether the parts of a link stand there as such. */
function isPlain(text: string): boolean {
  return /^magnet:/i.test(text) && text.includes('=');
}

/** Text with its percent-encodings decoded. Those that are no UTF-8 stay as they are. */
function percentDecode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent);
    }
  });
}
