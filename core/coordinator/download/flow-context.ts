import type { ErrorCode } from '../../base/errors.ts';
import type { Crew, Employer } from './crew.ts';
import type { DownloadEvent } from './states.ts';
import type { Work } from './work.ts';

/**
 * A download as the flows see it that lead it from state to state: each owner of a part of it, and what they may ask of
 * it. Nothing here can be written to.
 */
export interface FlowContext extends Employer {
  readonly crew: Crew;
  readonly work: Work;
  /** It is about to be gone. */
  readonly closed: boolean;
  /** Paused, or about to be gone: nothing new is begun. */
  readonly halted: boolean;
  apply(event: DownloadEvent): void;
  /** It stops until somebody resumes it. */
  fail(code: ErrorCode, message: string, type?: 'fail' | 'files-missing'): void;
  /** Runs it when what goes on now is through. */
  inTurn(flow: () => Promise<void>): void;
  /** Looks again at what is there, and goes on from that. */
  anew(): Promise<void>;
}
