import { type BytesPerSecond, type Millis, millis } from '../../base/ids.ts';
import { TimeLeft } from '../../base/rate.ts';
import type { DownloadState } from '../../engine/engine.ts';
import { NO_ESTIMATE_AFTER } from '../../engine/stall.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Member } from '../run/member.ts';
import type { WebUploads } from '../run/web-uploads.ts';
import { SeedingTime } from './seeding-time.ts';
import type { PieceLedger } from './piece-ledger.ts';

/** How many bytes a download has moved, how long it was active, and how long it will take (B10). */
export class DownloadStats {
  readonly #clock: Clock;
  readonly #members: readonly Member[];
  readonly #web: Pick<WebUploads, 'total'>;
  readonly #downloadedBefore: number;
  readonly #uploadedBefore: number;
  readonly #timeLeft: TimeLeft;
  readonly seeding: SeedingTime;
  #lastBytes: number | undefined;
  #received = 0;
  /** When the last byte came, or it began to look for any. */
  #lastByte: Millis;

  /** `before`: payload bytes of earlier runs of the program. */
  constructor(
    clock: Clock,
    members: readonly Member[],
    web: Pick<WebUploads, 'total'>,
    before: {
      readonly downloaded: number;
      readonly uploaded: number;
      readonly seeded?: Millis;
      readonly untaken?: Millis;
    },
  ) {
    this.#clock = clock;
    this.#members = members;
    this.#web = web;
    this.#downloadedBefore = before.downloaded;
    this.#uploadedBefore = before.uploaded;
    const now = clock.now();
    this.#timeLeft = new TimeLeft(now);
    this.#lastByte = now;
    this.seeding = new SeedingTime(before, clock);
  }

  /** Payload bytes that came from peers. */
  get downloaded(): number {
    return this.#members.reduce((sum, { downloaded }) => sum + downloaded, this.#downloadedBefore);
  }

  /** Payload bytes, also by HTTP. */
  get uploaded(): number {
    return this.#members.reduce((sum, { uploaded }) => sum + uploaded, this.#uploadedBefore + this.#web.total);
  }

  /** Payload bytes. */
  get totals(): { readonly downloaded: number; readonly uploaded: number; readonly wasted: number } {
    const wasted = this.#members.reduce((sum, { totals }) => sum + totals.wasted, 0);
    return { downloaded: this.downloaded, uploaded: this.uploaded, wasted };
  }

  /** Whether any payload came from peers, in this run or before. */
  get fetched(): boolean {
    return this.downloaded > 0;
  }

  /** How long each identity took part. */
  get activeEach(): readonly Millis[] {
    const now = this.#clock.now();
    return this.#members.map((member) => member.active(now));
  }

  /** How long it was active: the time of the identity that was there longest. */
  active(now: Millis): Millis {
    return this.#members.reduce((most, member) => millis(Math.max(most, member.active(now))), millis(0));
  }

  /** `most`: the lowest limit that holds for it; 0: none. */
  timeLeft(most: BytesPerSecond): Millis | undefined {
    return this.idle >= NO_ESTIMATE_AFTER ? undefined : this.#timeLeft.estimate(this.#clock.now(), most);
  }

  /** Since the last byte came, or since it began to look for any. */
  get idle(): Millis {
    return millis(this.#clock.now() - this.#lastByte);
  }

  /** From now on bytes are waited for. */
  began(): void {
    this.#lastByte = this.#clock.now();
  }

  /** To be called once a second. */
  look(): void {
    const { downloaded } = this;
    if (downloaded !== this.#received) this.#lastByte = this.#clock.now();
    this.#received = downloaded;
  }

  /** As `look`, and with each new state: counts how long it seeds. Returns whether it seeds now. */
  lookSeeding(state: DownloadState): boolean {
    // Where it waits for its assembly, too: by whichever link may be used for that.
    const waits = state === 'complete' && this.#members.some((one) => one.taking && one.uploads);
    const seeds = state === 'seeding' || waits;
    this.seeding.look(seeds, this.uploaded);
    return seeds;
  }

  /** To be called once a second. What is there at the first call came from an earlier run. */
  update(ledger: PieceLedger): void {
    const { wanted, wantedHave } = ledger.bytes;
    const added = Math.max(0, wantedHave - (this.#lastBytes ?? wantedHave));
    this.#timeLeft.update(wanted - wantedHave, added, this.#clock.now());
    this.#lastBytes = wantedHave;
  }
}
