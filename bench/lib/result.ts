/** What one run of one subject measured, by metric. */
export type Sample = Readonly<Record<string, number>>;

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly digits: number;
  /** Whether the ratio of ours to theirs is shown too. Less than 1 is better for us, unless `more` is set. */
  readonly ratio?: boolean;
  readonly more?: boolean;
}

/** All runs of one subject on one piece of work. */
export interface Series {
  readonly group: string;
  readonly subject: string;
  readonly samples: Sample[];
  failed: number;
}

/** One benchmark's results as they are kept in a file. */
export interface Result {
  readonly version: 1;
  readonly name: string;
  readonly title: string;
  readonly at: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly metrics: readonly Metric[];
  readonly series: readonly Series[];
}

/** The values of a metric in those runs that have it. */
export function valuesOf(series: Series, metric: string): number[] {
  return series.samples.map((sample) => sample[metric]).filter((value) => value !== undefined);
}
