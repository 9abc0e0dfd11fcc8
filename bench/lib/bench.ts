import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Started } from './child.ts';
import { stop } from './child.ts';
import type { Metric, Result, Sample, Series } from './result.ts';

/** One benchmark. */
export interface Case {
  readonly name: string;
  readonly title: string;
  readonly metrics: readonly Metric[];
  /** A picture of its result, below the folder of the sources. */
  readonly picture?: { readonly path: string; draw(result: Result): string };
  run(bench: Bench): Promise<void>;
}

/** One thing that is measured once a round. */
export interface Subject {
  /** What is done. Subjects of one group are compared: the table shows the ratio of the first one to each other. */
  readonly group: string;
  readonly name: string;
  run(): Promise<Sample>;
}

export interface Options {
  readonly rounds: number;
  /** MiB of payload; undefined: the benchmark's own choice. */
  readonly mib: number | undefined;
  /** Piece length in KiB. */
  readonly pieces: readonly number[] | undefined;
  /** Only groups and subjects whose names contain one of these are measured. */
  readonly only: readonly string[];
  /** Folders with builds of Ensemble to be compared, by their name in the tables. */
  readonly builds: readonly { readonly name: string; readonly dist: string }[];
  readonly disk: string;
  /** Another program that runs the swarms instead. */
  readonly script: string | undefined;
}

/** What a benchmark works with. */
export class Bench {
  readonly options: Options;
  readonly series: Series[] = [];
  readonly #folders: string[] = [];
  readonly #services = new Set<Started>();

  constructor(options: Options) {
    this.options = options;
  }

  say(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** A folder of its own in memory or on disk, removed at the end. */
  folder(where: 'tmpfs' | 'disk' = 'tmpfs'): string {
    const parent = where === 'tmpfs' ? '/dev/shm' : this.options.disk;
    mkdirSync(parent, { recursive: true });
    const folder = mkdtempSync(path.join(parent, 'ensemble-bench-'));
    this.#folders.push(folder);
    return folder;
  }

  /** The process is ended with the benchmark, unless it has ended before. */
  service(started: Started): Started {
    this.#services.add(started);
    return started;
  }

  async end(started: Started): Promise<void> {
    await stop(started);
    this.#services.delete(started);
  }

  wanted(group: string, subject: string): boolean {
    const { only } = this.options;
    return only.length === 0 || only.some((part) => `${group} ${subject}`.includes(part));
  }

  /** Measures the subjects in turn, `rounds` times; each round begins with another subject. */
  async interleave(all: readonly Subject[], rounds = this.options.rounds): Promise<void> {
    const subjects = all.filter((subject) => this.wanted(subject.group, subject.name));
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < subjects.length; i++) {
        const subject = subjects[(i + round) % subjects.length];
        if (subject !== undefined) await this.#once(subject, `round ${round + 1} of ${rounds}`);
      }
    }
  }

  async close(): Promise<void> {
    for (const started of this.#services) await this.end(started);
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
    this.#folders.length = 0;
  }

  async #once({ group, name, run }: Subject, round: string): Promise<void> {
    let series = this.series.find((one) => one.group === group && one.subject === name);
    if (series === undefined) this.series.push((series = { group, subject: name, samples: [], failed: 0 }));
    try {
      const sample = await run();
      series.samples.push(sample);
      const figures = Object.entries(sample).map(([key, value]) => `${key} ${value.toFixed(3)}`);
      this.say(`${round}: ${group}, ${name}: ${figures.join(', ')}`);
    } catch (error) {
      series.failed++;
      this.say(`${round}: ${group}, ${name}: FAILED: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** The series in the order in which the subjects were given, as a result. */
export function resultOf(one: Case, bench: Bench, machine: Result['machine'], options: Result['options']): Result {
  const at = `${new Date().toISOString().slice(0, 16)}Z`;
  return {
    version: 1,
    name: one.name,
    title: one.title,
    at,
    machine,
    options,
    metrics: one.metrics,
    series: bench.series,
  };
}
