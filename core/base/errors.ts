/**
 * Every way in which Ensemble can fail: for a reason outside of its own code, or by a fault in it.
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
  /** Something that should never happen: an error of our own code, or a process of ours that ended without a word. */
  'fault',
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

/** Why something failed, as it is stored, sent and shown. */
export interface Failure {
  readonly code: ErrorCode;
  /** A sentence for people. */
  readonly message: string;
}

/** What any thrown value means. What is no EnsembleError is a fault, whose message was not written for people. */
export function failureOf(error: unknown): Failure {
  if (error instanceof EnsembleError) return { code: error.code, message: error.message };
  return { code: 'fault', message: `Something went wrong in the program: ${messageOf(error)}` };
}

/** What any thrown value says, for a log or a wrapping message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
