import { messageOf } from '../../core/base/errors.ts';

/** Longer than what is waited for takes on a quiet machine, for busy ones: only a failure takes that long. */
const SECONDS = 90;

/** Looks again and again; resolves to the first answer that is neither undefined nor false. A look that fails is no answer. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const end = performance.now() + 1000 * SECONDS;
  let failed = '';
  while (performance.now() < end) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      failed = `: ${messageOf(error)}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${SECONDS} s are over while waiting for ${what}${failed}`);
}
