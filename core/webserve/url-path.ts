const UNRESERVED = /[A-Za-z0-9._~-]/;
const SLASH = 0x2f;

/** Longer paths are nobody's. */
const MAX_LENGTH = 16 * 1024;

/**
 * The names in the path of a request, decoded to bytes. Undefined for what is no path of ours: a broken code, an empty name, `.` or
 * `..`, a slash or a zero in a name.
 */
export function readPath(path: string): readonly Uint8Array[] | undefined {
  if (!path.startsWith('/') || path.length > MAX_LENGTH) return undefined;
  const out: Uint8Array[] = [];
  for (const text of path.slice(1).split('/')) {
    const name = decode(text);
    if (name === undefined || name.length === 0 || name.includes(SLASH) || name.includes(0)) return undefined;
    if (name.every((byte) => byte === 0x2e) && name.length <= 2) return undefined;
    out.push(name);
  }
  return out;
}

/** Names as the path of a URL, relative to what stands before: all but what is never reserved (RFC 3986) is encoded. */
export function formatPath(names: readonly Uint8Array[]): string {
  return names.map((name) => Array.from(name, encodeByte).join('')).join('/');
}

function encodeByte(byte: number): string {
  const char = String.fromCharCode(byte);
  return UNRESERVED.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function decode(text: string): Uint8Array | undefined {
  const out = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let byte = text.charCodeAt(i);
    if (byte > 0xff) return undefined;
    if (text[i] === '%') {
      const hex = text.slice(i + 1, i + 3);
      if (!/^[0-9a-f]{2}$/i.test(hex)) return undefined;
      byte = Number.parseInt(hex, 16);
      i += 2;
    }
    out[length++] = byte;
  }
  return out.subarray(0, length);
}
