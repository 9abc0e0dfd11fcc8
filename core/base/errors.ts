/**
 * Every way in which Ensemble can fail for a reason outside of its own code.
 * The command line maps each to an exit code (`docs/cli.md`), the UI to a sentence.
 */
export const ERROR_CODES = [
  /** The caller asked for something that makes no sense. */
  'usage',
  /** A torrent file, magnet link or info dictionary is not valid. */
  'invalid-torrent',
  /** A bencoded text is not valid. */
  'invalid-bencode',
  /** A peer broke the protocol. */
  'protocol',
  /** A tracker refused, or its answer is not valid. */
  'tracker',
  /** A network operation failed. */
  'network',
  /** The output cannot be written or read: full, forbidden, gone. */
  'disk',
  /** Something else is where the output should go. */
  'exists',
  /** Stored bytes do not match their hash. */
  'verification',
  /** Another process holds the lock. */
  'in-use',
  /** A file or message of a newer version than this program knows. */
  'newer-version',
  /** A message from another process or over the bridge is malformed. */
  'invalid-message',
  /** The time that was given has run out. */
  'timed-out',
  /** Stopped on request. */
  'interrupted',
  /** A private torrent needs a confirmed choice for several identities. */
  'private',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error that names the thing, the value and what to do. Its message is a sentence for people. */
export class EnsembleError extends Error {
  override readonly name = 'EnsembleError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** What any thrown value says, for a log or a wrapping message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
