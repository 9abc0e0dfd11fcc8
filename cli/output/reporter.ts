import type { DownloadSnapshot, PieceMapSnapshot } from '../../core/engine/engine.ts';

/** Progress of work that is not a download. */
export interface WorkProgress {
  /** `Checking`, `Hashing`, ... */
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** Where a command's reports go: one implementation each for JSON, a terminal, and anything else. */
export interface Reporter {
  /** How often it wants `progress`, milliseconds. */
  readonly period: number;
  /** The state of a download. `map` gives its pieces where the display shows them. */
  progress(snapshot: DownloadSnapshot, map: () => PieceMapSnapshot | undefined): void;
  work(progress: WorkProgress): void;
  /** A sentence for people; not part of JSON. */
  message(text: string): void;
  /** The result of a command: fields of one JSON object, or the same as text for people. */
  result(fields: Readonly<Record<string, unknown>>, text: string): void;
  /** Ends the display; harmless the second time. */
  close(): void;
}
