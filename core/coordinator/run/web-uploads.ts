import { bytesPerSecond, type BytesPerSecond, millis, type Millis } from '../../base/ids.ts';
import { RateMeter, RecentRate } from '../../base/rate.ts';
import { TokenBucket } from '../../base/token-bucket.ts';
import { EnsembleError } from '../../base/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { wait } from '../../ports/wait.ts';
import type { FileReader } from '../../engine/content.ts';
import type { RateLimits } from '../../engine/statuses.ts';

/** Bytes that are waited for before anything is read: less would be a read of the disk for next to nothing. */
const LEAST = 16 * 1024;
/** A limit may be raised while somebody waits for it. */
const LOOK_AGAIN = millis(1000);
/** Clients ask for one range after the other: who has just been answered is still there. */
const REMEMBERED = millis(3000);

interface Parts {
  /** Its part of the download's limit. */
  readonly bucket: TokenBucket;
  readonly rate: RateMeter;
  readonly recent: RecentRate;
}

/**
 * What a download gives to others by HTTP. It is uploaded as what peers get is: counted, and within the part of the limits that it gets
 * as if it were one more identity (`LimitSharing`). Who waits for its turn does not read, and so is not answered further.
 */
export class WebUploads {
  readonly #clock: Clock;
  /** The part of the limit over all downloads that all of them have together. */
  readonly #total: TokenBucket;
  readonly #began: () => void;
  /** Made when somebody fetches: of thousands of downloads few ever give anything this way. */
  #made: Parts | undefined;
  #readers = 0;
  /** 0: nobody has fetched. */
  #until = 0;
  #limit = bytesPerSecond(0);
  /** Until then others take their part first. */
  #turn: Promise<unknown> | undefined;

  /** `began`: somebody begins to fetch, so that it needs a part of the limits at once. */
  constructor(clock: Clock, total: TokenBucket, began: () => void) {
    this.#clock = clock;
    this.#total = total;
    this.#began = began;
  }

  get #parts(): Parts {
    if (this.#made === undefined) {
      const now = this.#clock.now();
      const bucket = new TokenBucket(this.#limit, now);
      this.#made = { bucket, rate: new RateMeter(now), recent: new RecentRate() };
    }
    return this.#made;
  }

  /** Bytes in this run of the program. */
  get total(): number {
    return this.#made?.rate.total ?? 0;
  }

  /** The rate by which limits are divided; undefined while nobody fetches, so that nothing is set aside. */
  get demand(): number | undefined {
    return this.used ? (this.#made?.rate.rate(this.#clock.now()) ?? 0) : undefined;
  }

  /** Whether anybody fetches, or did just now. */
  get used(): boolean {
    return this.#readers > 0 || (this.#until > 0 && this.#clock.now() < this.#until);
  }

  /** The rate of the last seconds, as it is shown. */
  recent(now: Millis): RateLimits {
    return { down: bytesPerSecond(0), up: this.#made?.recent.rate(now) ?? bytesPerSecond(0) };
  }

  /** Limits came: the rate that is shown is no higher from now on. */
  limited({ up }: RateLimits, now: Millis): void {
    this.#made?.recent.cut(up, now);
  }

  /** What it may upload from now on; 0: no limit. */
  setLimit(rate: BytesPerSecond): void {
    if (rate === this.#limit) return;
    this.#limit = rate;
    this.#made?.bucket.setRate(rate, this.#clock.now());
  }

  /** A reader of which only as much is read as may be uploaded. */
  within(reader: FileReader): FileReader {
    if (!this.used) {
      this.#readers++;
      this.#began();
    } else this.#readers++;
    let closed = false;
    return {
      read: async (offset, most, signal) => {
        const turn = (this.#turn ?? Promise.resolve()).then(() => this.#take(most, signal));
        this.#turn = turn.catch(() => undefined);
        const taken = await turn;
        let read = 0;
        try {
          const data = await reader.read(offset, taken, signal);
          read = data.length;
          return data;
        } finally {
          this.#read(read, taken);
        }
      },
      close: () => {
        reader.close();
        if (closed) return;
        closed = true;
        this.#readers--;
        this.#until = this.#clock.now() + REMEMBERED;
      },
    };
  }

  /** Takes of both buckets as much as both have, at most `most`; waits until that is worth a read. */
  async #take(most: number, signal: AbortSignal | undefined): Promise<number> {
    const { bucket } = this.#parts;
    for (;;) {
      if (signal?.aborted === true) throw new EnsembleError('interrupted', 'Nobody reads any more.');
      const now = this.#clock.now();
      const least = Math.min(most, LEAST);
      const due = Math.max(bucket.wait(least, now), this.#total.wait(least, now));
      if (due <= 0) {
        const own = bucket.take(most, now);
        const both = this.#total.take(own, now);
        bucket.spend(both - own, now);
        if (both > 0) return both;
      }
      await wait(this.#clock, Math.max(1, Math.min(due, LOOK_AGAIN)), ...(signal === undefined ? [] : [signal]));
    }
  }

  /** So much was read of what was taken. */
  #read(read: number, taken: number): void {
    const now = this.#clock.now();
    const { bucket, rate, recent } = this.#parts;
    bucket.spend(read - taken, now);
    this.#total.spend(read - taken, now);
    rate.add(read, now);
    recent.add(read, now);
  }
}
