import { describe, expect, test } from 'vitest';
import { EnsembleError, type ErrorCode } from '../base/errors.ts';
import { figure, times } from './acceptance.ts';
import { mutate } from './mutate.ts';
import type { SeededRandom } from './random.ts';

const ROUNDS = times(1_500, 100_000);

/** A parser, what is right for it, and the codes of the errors that it may throw for what is not. */
export interface ParserRow {
  readonly name: string;
  readonly corpus: readonly Uint8Array[];
  readonly code: readonly ErrorCode[];
  parse(data: Uint8Array): unknown;
}

/** Tests that parsers take right input with any changes, and fail by name alone. */
export function fuzzParsers(rows: readonly ParserRow[], random: SeededRandom): void {
  describe('parsers take any bytes, and fail by name alone', () => {
    test.for(rows)('$name', { timeout: 600_000 }, ({ corpus, code, parse }, it) => {
      let taken = 0;
      for (let round = 0; round < ROUNDS; round++) {
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
      // Else the mutations would reach nothing but the first check.
      expect(taken).toBeGreaterThan(0);
      figure(it, 'inputs of a parser', ROUNDS);
    });
  });
}
