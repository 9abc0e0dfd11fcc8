import { EnsembleError } from '../../base/errors.ts';

/** An object from a JSON file, nothing of which has been checked yet. */
export interface JsonFields {
  readonly [name: string]: unknown;
}

/** The object that a file's bytes hold; undefined where they hold none. */
export function parseJsonObject(data: Uint8Array): JsonFields | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonFields) : undefined;
  } catch {
    return undefined;
  }
}

/** Throws EnsembleError('newer-version') where the object has a version above `known`. */
export function refuseNewer(fields: JsonFields, known: number, what: string, path: string): void {
  const { version } = fields;
  if (typeof version === 'number' && version > known) {
    throw new EnsembleError(
      'newer-version',
      `The ${what} "${path}" has version ${version}; this program knows versions up to ${known}. Use a newer Ensemble.`,
    );
  }
}

/** A string of at most `maxLength` characters; undefined for anything else. */
export function stringField(fields: JsonFields, name: string, maxLength: number): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value.length <= maxLength ? value : undefined;
}

/** A whole number from `min` to `max`; undefined for anything else. */
export function integerField(fields: JsonFields, name: string, min: number, max: number): number | undefined {
  const value = fields[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined;
}

/** The bytes of a small JSON file, in a form that people can read. */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`);
}
