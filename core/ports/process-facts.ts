/** Identifies a process. Its number alone does not, as numbers are used again. */
export interface ProcessFact {
  readonly pid: number;
  /** When it started, in a unit of the system's own: it can only be compared for equality. Empty where the system does not tell. */
  readonly startTime: string;
  /** Identifies the current boot of this machine. Empty where the system does not tell. */
  readonly bootId: string;
  readonly host: string;
}

/** Who this process is, and whether others are alive. */
export interface ProcessFacts {
  self(): Promise<ProcessFact>;
  /** The start time of a process of this machine; undefined where none has this number. */
  startTimeOf(pid: number): Promise<string | undefined>;
}
