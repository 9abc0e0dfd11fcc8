/** A value that a field may be set to from outside. */
export type FieldValue = string | number | boolean;

/** Fields with the values that they have in one arm of an experiment, such as `{'user.K': 4}`. */
export type ArmValues = Readonly<Record<string, FieldValue>>;

/**
 * What a scenario says, with these fields set. A field of a list, such as `seeds.up`, is set in each of its entries; `seeds.0.up` in one.
 * Nothing is checked here: the schema says what may stand where.
 */
export function withValues(written: unknown, values: ArmValues): unknown {
  const out: unknown = structuredClone(written);
  for (const [path, value] of Object.entries(values)) set(out, path.split('.'), value);
  return out;
}

function set(place: unknown, [key, ...rest]: readonly string[], value: FieldValue): void {
  if (key === undefined || typeof place !== 'object' || place === null) return;
  if (Array.isArray(place) && !/^\d+$/.test(key)) {
    for (const one of place as readonly unknown[]) set(one, [key, ...rest], value);
    return;
  }
  // A list of one group may be written as that group.
  if (!Array.isArray(place) && key === '0' && !(key in place)) return set(place, rest, value);
  const fields = place as Record<string, unknown>;
  if (rest.length === 0) define(fields, key, value);
  else {
    if (!Object.hasOwn(fields, key) || fields[key] === null) define(fields, key, {});
    set(fields[key], rest, value);
  }
}

/** Also where the key is `__proto__`, which the schema then refuses. */
function define(fields: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(fields, key, { value, enumerable: true, writable: true, configurable: true });
}
