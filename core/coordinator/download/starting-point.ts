import type { Target } from '../folder/target.ts';

/** What is known of a download before any of its pieces was read. */
export interface StartFacts {
  readonly target: Target['kind'];
  /** Something that is never replaced is where a file or a folder of the torrent belongs. */
  readonly blocked: boolean;
  /** There is a working folder of an earlier run. */
  readonly begun: boolean;
  /** Files of this download got their final names before. */
  readonly placed: boolean;
  /** The user wants what is right at the target to be used, and the rest to be replaced. */
  readonly reuse: boolean;
  /** No file is wanted. */
  readonly nothingWanted: boolean;
}

/**
 * What to do first. `finished`: nothing is left to do; `blocked`, `occupied`: refuse, as something of somebody else is at the target;
 * `read-target`: read all files at the target; `read-arrived`: read those that have arrived there, as the others are still to be
 * fetched; `go-on`: go on with the working folder; `go-on-then-read-arrived`: read afterwards, of the files that have arrived, the pieces
 * that the folder lacks.
 */
export type FirstStep =
  'finished' | 'blocked' | 'occupied' | 'read-target' | 'read-arrived' | 'go-on' | 'go-on-then-read-arrived';

export function firstStep({ target, blocked, begun, placed, reuse, nothingWanted }: StartFacts): FirstStep {
  if (placed && !begun && nothingWanted) return 'finished';
  if (target === 'whole') return 'read-target';
  if (blocked) return 'blocked';
  if (target === 'none') return 'go-on';
  if (reuse) return begun ? 'go-on' : 'read-target';
  if (target === 'partly') return begun ? 'go-on-then-read-arrived' : placed ? 'read-arrived' : 'occupied';
  // Beside a working folder of ours they came from an assembly that was cut short, unless that had ended.
  return begun && !placed ? 'go-on' : 'occupied';
}

/**
 * What reading the files at the target told of the wanted pieces. `right`: all are right; `unclear`: all that can be read there are, but
 * some reach into other files; `wrong`: some are wrong.
 */
export type Verdict = 'right' | 'unclear' | 'wrong';

/**
 * What to do with files at the target that were read. `finished`: nothing is left to do; `resize`: only their lengths may be wrong, so
 * mend these, or else `import`; `import`: copy right pieces into the working folder; `leave-there`: fetch only the rest, and leave these
 * pieces where they are; `occupied`: refuse.
 */
export type UseOfTarget = 'finished' | 'resize' | 'import' | 'leave-there' | 'occupied';

export function useOfTarget({ target, begun, reuse }: StartFacts, verdict: Verdict): UseOfTarget {
  if (verdict === 'right' && target === 'whole') return 'finished';
  if (reuse) return verdict === 'right' ? 'resize' : 'import';
  return verdict === 'wrong' && !begun ? 'occupied' : 'leave-there';
}
