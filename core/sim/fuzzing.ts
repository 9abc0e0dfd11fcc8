import { EnsembleError, type ErrorCode } from '../base/errors.ts';
import { times } from './acceptance.ts';
import { mutate } from './mutate.ts';
import type { SeededRandom } from './random.ts';

/** How many mutated inputs a parser gets. */
export const FUZZ_ROUNDS = times(1_500, 100_000);

/** A parser with valid inputs, and the codes by which it refuses others. */
export interface FuzzedParser {
  readonly name: string;
  readonly corpus: readonly Uint8Array[];
  readonly code: readonly ErrorCode[];
  parse(data: Uint8Array): unknown;
}

/** Gives a parser mutated inputs; throws where it fails in another way than by its codes. How many it took. */
export function fuzz(random: SeededRandom, { corpus, code, parse }: Omit<FuzzedParser, 'name'>): number {
  let taken = 0;
  for (let round = 0; round < FUZZ_ROUNDS; round++) {
    const data = mutate(random, corpus);
    try {
      parse(data);
      taken++;
    } catch (error) {
      const fine = error instanceof EnsembleError && code.includes(error.code);
      if (!fine) throw new Error(`round ${round}: ${Buffer.from(data).toString('hex')}`, { cause: error });
      if (error.message.length > 1_000) throw new Error(`a message of ${error.message.length} characters`);
    }
  }
  return taken;
}
