import type { ErrorCode } from '../core/base/errors.ts';
import { EnsembleError } from '../core/base/errors.ts';

/** What the process ends with (`docs/cli.md`, "Exit codes"). */
export const EXIT = {
  done: 0,
  fault: 1,
  usage: 2,
  invalid: 3,
  output: 4,
  interrupted: 5,
  timedOut: 6,
  verification: 7,
  inUse: 8,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const codes: Readonly<Record<ErrorCode, ExitCode>> = {
  usage: EXIT.usage,
  private: EXIT.usage,
  'invalid-torrent': EXIT.invalid,
  'invalid-bencode': EXIT.invalid,
  disk: EXIT.output,
  exists: EXIT.output,
  interrupted: EXIT.interrupted,
  'timed-out': EXIT.timedOut,
  verification: EXIT.verification,
  'in-use': EXIT.inUse,
  protocol: EXIT.fault,
  tracker: EXIT.fault,
  network: EXIT.fault,
  'newer-version': EXIT.fault,
  'invalid-message': EXIT.fault,
  fault: EXIT.fault,
};

/** The exit code of whatever was thrown. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof EnsembleError ? codes[error.code] : EXIT.fault;
}
