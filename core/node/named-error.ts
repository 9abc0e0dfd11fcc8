import { constants } from 'node:os';

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** The same error with the system's name of it, where Node has none: a quota that is used up is "Unknown system error -122" to it. */
export function named(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('errno' in error)) return error;
  const { code, errno } = error;
  if (typeof code !== 'string' || !code.startsWith('Unknown system error') || typeof errno !== 'number') return error;
  const name = NAMES.get(-errno);
  return name === undefined ? error : Object.assign(error, { code: name });
}
