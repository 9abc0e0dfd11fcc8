import type { ErrorCode } from '../../base/errors.ts';
import type { NamedSources } from '../../metainfo/named-sources.ts';
import type { Info } from '../../metainfo/torrent.ts';
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
  /** It is about to be removed. */
  readonly closed: boolean;
  apply(event: DownloadEvent): void;
  /** Its metadata has come. `named`: see `KnownTorrent.learn`. */
  learn(info: Info, named?: NamedSources): void;
  /** Stops it until somebody resumes it. */
  fail(code: ErrorCode, message: string, type?: 'fail' | 'files-missing'): void;
  /** Runs a step after the current ones. */
  inTurn(flow: () => Promise<void>): void;
  /** Looks again at what is there, and continues from there. */
  anew(): Promise<void>;
}
