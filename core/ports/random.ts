import type { Rng } from '../base/ids.ts';

/** Chance, injected so that a test can repeat it. */
export interface Random {
  /** Uniform in [0, 1); not for secrets. */
  readonly uniform: Rng;
  /** `count` unpredictable bytes: peer ids, keys, tokens. */
  bytes(count: number): Uint8Array;
}
