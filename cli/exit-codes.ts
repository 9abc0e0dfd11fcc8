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

/** The same for people. */
export const EXIT_MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  done: 'done',
  fault: 'an unexpected fault, or nothing that could be asked',
  usage: 'wrong usage; also several identities on a private torrent without --allow-private',
  invalid: 'the torrent, magnet link or file is invalid',
  output: 'the output cannot be written: full, forbidden, exists and differs',
  interrupted: 'interrupted, state kept',
  timedOut: 'timed out, state kept',
  verification: 'verification failed',
  inUse: 'in use by another process',
};

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** How a command ends that fails so. */
export const EXIT_OF: Readonly<Record<ErrorCode, ExitCode>> = {
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
  return error instanceof EnsembleError ? EXIT_OF[error.code] : EXIT.fault;
}
