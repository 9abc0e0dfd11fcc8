import { EnsembleError } from '../../core/base/errors.ts';

/** The one name that was given. Throws EnsembleError('usage') with `sentence` where there are more or none. */
export function oneName([name, ...more]: readonly string[], sentence: string): string {
  if (name === undefined || more.length > 0) throw new EnsembleError('usage', sentence);
  return name;
}
