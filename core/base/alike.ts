/** Whether two values of plain data (objects, arrays, and what has no parts) say the same; `but`: a field of theirs that is left out. */
export function alike(a: unknown, b: unknown, but?: string): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b)) return false;
  const [names, others] = [Object.keys(a), Object.keys(b)];
  if (names.length !== others.length || Array.isArray(a) !== Array.isArray(b)) return false;
  for (const name of names) {
    if (!Object.hasOwn(b, name) || (name !== but && !alike(a[name], b[name]))) return false;
  }
  return true;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
}
