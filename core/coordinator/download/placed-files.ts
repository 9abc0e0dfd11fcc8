import type { FileTimes } from '../../store/records/foreign-changes.ts';

interface Known {
  /** Absolute paths of all that is wanted, where every wanted file bears its final name. */
  readonly result?: readonly string[] | undefined;
  /** Of those wanted files that we gave their final names, the `result` where these are all; undefined: none yet. */
  readonly placed?: readonly string[] | undefined;
  /** Newest times of these files: what is newer was changed by somebody else. */
  readonly times?: FileTimes | undefined;
  /** Who fetched which piece, as it was when they got their names. */
  readonly owners?: Uint8Array | undefined;
  /** For each file of the torrent the absolute path under which another program left it, '' for none; undefined once a check has used them. */
  readonly others?: readonly string[] | undefined;
}

/** Which files of a download bear their final names. */
export class PlacedFiles {
  #owners: Uint8Array | undefined;
  #known: Known;

  /** `kept`: as the last run of the program left it. */
  constructor(kept: Known = {}) {
    const { result, placed, times, owners, others } = kept;
    this.#known = { result, placed: result ?? placed, times, others };
    this.#owners = owners;
  }

  get result(): readonly string[] | undefined {
    return this.#known.result;
  }

  get placed(): readonly string[] | undefined {
    return this.#known.placed;
  }

  get times(): FileTimes | undefined {
    return this.#known.times;
  }

  /** Who fetched which piece of what was assembled: the working folder, where that stands else, is gone by then. */
  get owners(): Uint8Array | undefined {
    return this.#owners;
  }

  /** Files of another program, which are never written to: what is right of them counts, or is copied. */
  get others(): readonly string[] | undefined {
    return this.#known.others;
  }

  /** A check found these, and all that is right of other programs' files. */
  found({ result, placed, times }: Known): void {
    // Copies: V8 gives an array that grew room for 17, and thousands are kept.
    const [all, some] = [result?.slice(), placed?.slice()];
    const same = result === placed ? all : some;
    this.#known = { result: all, placed: same, times: result === undefined ? this.#known.times : times };
  }

  /** An assembly made all that is wanted. */
  assembled(files: readonly string[], times: FileTimes, owners: Uint8Array): void {
    this.#owners = owners.slice();
    this.#known = { result: files, placed: files, times };
  }

  /** Their second names are gone, which changed their times. */
  lostSecondNames(changed: number): void {
    const { times } = this.#known;
    this.#known = { ...this.#known, times: times && { ...times, changed } };
  }

  /** They bear other names now. */
  renamed(nameOf: (path: string) => string, times: FileTimes): void {
    const { result, placed } = this.#known;
    this.#known = { ...this.#known, result: result?.map(nameOf), placed: placed?.map(nameOf), times };
  }

  /** Some are gone: which ones the next check tells. */
  gone(): void {
    this.#known = { ...this.#known, result: undefined };
  }

  /** Only these paths are wanted now: the other files stay where they are, and are no part of the download. True where there were such. */
  retain(wanted: ReadonlySet<string>): boolean {
    const { placed: before, result } = this.#known;
    if (before === undefined) return false;
    const placed = before.filter((path) => wanted.has(path));
    this.#known = { ...this.#known, result: result && placed, placed };
    return placed.length < before.length;
  }
}
