import type { Millis, TorrentKey } from '../../base/ids.ts';
import type { LogLine } from '../views.ts';
import { LogRecord } from './records.ts';
import type { StoryKeeper } from './services.ts';

/** The log of one download and how long its assembly took, with what earlier runs of the program kept of them. */
export class Story {
  readonly #key: TorrentKey;
  readonly #keeper: StoryKeeper | undefined;
  /** Lines of this run, until those before them are known. */
  #early: LogLine[] | undefined;
  readonly #record = new LogRecord();
  #unkept: LogLine[] = [];
  #assembledIn: Millis | null = null;
  #unkeptTime: Millis | null = null;
  #asked = false;

  constructor(key: TorrentKey, keeper: StoryKeeper | undefined) {
    this.#key = key;
    this.#keeper = keeper;
    this.#early = keeper && [];
  }

  get assembledIn(): Millis | null {
    return this.#assembledIn;
  }

  /** Undefined while it is not known what came before. */
  get log(): LogRecord | undefined {
    return this.#early === undefined ? this.#record : undefined;
  }

  add(line: LogLine): void {
    if (this.#early === undefined) this.#record.add(line);
    else this.#early.push(line);
    if (this.#keeper !== undefined) this.#unkept.push(line);
  }

  assembled(took: Millis): void {
    this.#assembledIn = this.#unkeptTime = took;
  }

  /** Somebody looks at it: what came before is read. `known` is called when it is there. */
  open(known: () => void): void {
    if (this.#asked || this.#keeper === undefined) return;
    this.#asked = true;
    void this.#keeper.read(this.#key).then(({ lines, assembledIn }) => {
      this.#assembledIn ??= assembledIn;
      // What was kept meanwhile is among those lines already.
      const early = (this.#early ?? []).filter((line) => !lines.some((one) => isSame(one, line)));
      this.#early = undefined;
      this.#record.add(...lines, ...early);
      known();
    });
  }

  /** Keeps what is new. */
  async keep(): Promise<void> {
    const news = { lines: this.#unkept, assembledIn: this.#unkeptTime };
    if (news.lines.length === 0 && news.assembledIn === null) return;
    this.#unkept = [];
    this.#unkeptTime = null;
    await this.#keeper?.append(this.#key, news);
    // Whoever looks at it reads them there.
    if (!this.#asked && this.#unkept.length === 0 && this.#early !== undefined) this.#early = [];
  }

  async forget(): Promise<void> {
    await this.#keeper?.forget(this.#key);
  }
}

const isSame = (a: LogLine, b: LogLine): boolean => a.time === b.time && a.message === b.message;
