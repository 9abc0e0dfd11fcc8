const UNITS: readonly string[] = ['', 'k', 'm', 'g', 't'];

/** A size as indexers write it, in bytes: `1234567`, `1.4 GiB`, `700 MB`. Undefined where it is none. */
export function sizeIn(text: string): number | undefined {
  const found = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*(?:([kmgt]?)(i?)b(?:ytes?)?)?\s*$/i.exec(text);
  if (found === null) return undefined;
  const [, number = '', unit = '', binary = ''] = found;
  const size = Number(number) * (binary === '' ? 1000 : 1024) ** UNITS.indexOf(unit.toLowerCase());
  return size <= Number.MAX_SAFE_INTEGER ? Math.round(size) : undefined;
}
