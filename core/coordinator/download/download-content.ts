import { EnsembleError } from '../../base/errors.ts';
import { identityIndex, millis, piece, type PieceIndex } from '../../base/ids.ts';
import { LateSet } from '../../base/late-map.ts';
import type { Content, FileReader, Reads } from '../../engine/content.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import type { Info } from '../../metainfo/torrent.ts';
import { openPlacement } from '../../store/layouts/open-placement.ts';
import type { Placement } from '../../store/layouts/placement.ts';
import { type Reading, deadlineOrder } from '../../strategy/pieces/deadlines.ts';
import { locationOf, type RunPlan } from '../run/run-plan.ts';
import type { WebUploads } from '../run/web-uploads.ts';
import { OpenFileReader, pieceOf, type ReadableFile } from './file-reading.ts';
import type { FlowContext } from './flow-context.ts';
import { torrentContent } from './torrent-content.ts';

/** A reader that waits looks again after this time, whatever it hears. */
const LOOK_AGAIN = millis(250);
/** A player that closed its connection goes on from where it was, or seeks, within this time. */
const REMEMBERED = millis(15_000);

/** Where pieces lie: the plan that says so, and whether in files with final names. */
interface Place {
  readonly plan: RunPlan;
  /** With the names that it opens. */
  readonly info: Info;
  readonly final: boolean;
  readonly placement: Placement;
}

type Source = Pick<FlowContext, 'key' | 'torrent' | 'crew' | 'files' | 'env' | 'closed'> & { readonly web: WebUploads };

/**
 * Reads the files of a download wherever its pieces lie, only what is verified, and has what readers need fetched first. It reads in
 * the coordinator's process: nothing of it goes through an identity.
 */
export class DownloadContent {
  readonly #download: Source;
  readonly #readers = new LateSet<OpenFileReader>();
  readonly #waiting = new LateSet<() => void>();
  #places: Place[] = [];
  /** Where somebody read last, who is no longer there. */
  #last: { readonly reading: Reading; readonly until: number } | undefined;
  #known: { readonly info: Info; readonly content: Content } | undefined;

  constructor(download: Source) {
    this.#download = download;
  }

  /** Undefined while the metadata is not there. */
  get content(): Content | undefined {
    const { key, torrent } = this.#download;
    const { info, geometry } = torrent;
    if (info === undefined || geometry === undefined) return undefined;
    if (this.#known?.info !== info)
      this.#known = { info, content: torrentContent(key, info, this.#opener(info, geometry)) };
    return this.#known.content;
  }

  /** Pieces came, or the download is in another state. */
  changed(): void {
    for (const wake of this.#waiting) wake();
    this.#prioritise();
  }

  /** Whether anybody reads, or did lately. */
  get used(): boolean {
    return this.#readers.size > 0 || this.#last !== undefined || this.#download.web.used;
  }

  /** Once a second. */
  tick(): void {
    if (this.#last !== undefined && this.#download.env.ports.clock.now() >= this.#last.until) {
      this.#last = undefined;
      this.#prioritise();
    }
    if (this.#places.length === 0) return;
    const old = this.#places.filter((place) => !this.#holds(place));
    if (this.#readers.size === 0) old.push(...this.#places);
    for (const place of new Set(old)) this.#drop(place);
  }

  #opener(info: Info, geometry: Geometry) {
    const { key } = this.#download;
    return {
      has: (index: number, offset: number, length: number): boolean =>
        this.#ready(geometry, info, index, offset, length) === length,
      open: (index: number, reads: Reads): FileReader => {
        const range = geometry.piecesOf(index) ?? { first: piece(0), last: piece(0) };
        const { offset: start = 0, length = 0, path = [key] } = info.files[index] ?? {};
        const file: ReadableFile = {
          ...range,
          name: path.join('/'),
          pieceAt: (offset) => pieceOf(start, offset, length, info.pieceLength),
          ready: (offset, most) => this.#ready(geometry, info, index, offset, most),
          expect: (offset) => this.#expect(pieceOf(start, offset, length, info.pieceLength), path.join('/')),
          load: (offset, most) => this.#load(geometry, start + offset, most),
        };
        const reader = new OpenFileReader(
          file,
          {
            changed: (signal) => this.#change(signal),
            moved: () => this.#prioritise(),
            closed: (closed) => this.#closed(closed),
          },
          reads === 'play',
        );
        this.#readers.add(reader);
        return reads === 'upload' ? this.#download.web.within(reader) : reader;
      },
    };
  }

  #ready(geometry: Geometry, info: Info, index: number, offset: number, most: number): number {
    const { plan } = this.#download.crew;
    const file = info.files[index];
    if (plan === undefined || file === undefined) return 0;
    const end = Math.min(offset + most, file.length);
    let at = offset;
    while (at < end) {
      const p = pieceOf(file.offset, at, file.length, info.pieceLength);
      if (!plan.ledger.present.has(p) && !plan.ledger.placed.has(p)) break;
      at = geometry.pieceOffset(p) + geometry.pieceSize(p) - file.offset;
    }
    return Math.max(0, Math.min(at, end) - offset);
  }

  #expect(p: PieceIndex, name: string): void {
    const { closed, crew } = this.#download;
    if (closed) throw new EnsembleError('interrupted', `"${name}" is no longer downloaded.`);
    if (crew.plan !== undefined && !crew.plan.ledger.wants(p) && !crew.plan.ledger.placed.has(p)) {
      throw new EnsembleError('usage', `"${name}" is not chosen to be downloaded.`);
    }
  }

  /** Reads verified bytes of the torrent. */
  async #load(geometry: Geometry, start: number, length: number): Promise<Uint8Array | undefined> {
    const { plan } = this.#download.crew;
    if (plan === undefined) return undefined;
    const data = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const p = piece(Math.floor((start + at) / geometry.pieceLength));
      const begin = start + at - geometry.pieceOffset(p);
      const part = data.subarray(at, Math.min(length, at + geometry.pieceSize(p) - begin));
      const final = this.#download.files.result !== undefined || !plan.ledger.present.has(p);
      if (!(await this.#place(plan, final).read(p, begin, part))) return undefined;
      at += part.length;
    }
    // What turned out wrong meanwhile is not given out.
    for (let p = Math.floor(start / geometry.pieceLength); p * geometry.pieceLength < start + length; p++) {
      if (!plan.ledger.present.has(p) && !plan.ledger.placed.has(p)) return undefined;
    }
    return data;
  }

  #place(plan: RunPlan, final: boolean): Placement {
    const known = this.#places.find((one) => one.plan === plan && one.info === plan.info && one.final === final);
    if (known !== undefined) return known.placement;
    const { info, ledger, members } = plan;
    const { geometry } = this.#download.torrent;
    if (geometry === undefined) throw new EnsembleError('usage', `${info.name} has nothing to read yet.`);
    const placement = openPlacement(this.#download.env.ports.disk, {
      info,
      geometry,
      location: locationOf(plan, identityIndex(0), final),
      count: members.length,
      owners: ledger.owners,
    });
    this.#places.push({ plan, info, final, placement });
    return placement;
  }

  /** Whether files may still lie there. */
  #holds({ plan, info, final }: Place): boolean {
    return (
      plan === this.#download.crew.plan && info === plan.info && (final || this.#download.files.result === undefined)
    );
  }

  #drop(place: Place): void {
    this.#places = this.#places.filter((one) => one !== place);
    void place.placement.close().catch(() => undefined);
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const { clock } = this.#download.env.ports;
      const done = (): void => {
        timer.cancel();
        this.#waiting.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = clock.after(LOOK_AGAIN, done);
      this.#waiting.add(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  #closed(reader: OpenFileReader): void {
    this.#readers.delete(reader);
    const { reading } = reader;
    if (reading === undefined) return;
    this.#last = { reading, until: this.#download.env.ports.clock.now() + REMEMBERED };
    this.#prioritise();
  }

  /** Tells the run what readers need first. */
  #prioritise(): void {
    const { run, plan } = this.#download.crew;
    if (run === undefined || plan === undefined) return;
    if (this.#readers.size === 0 && this.#last === undefined) return run.nobodyReads();
    const waiting: Reading[] = [];
    const others: Reading[] = [];
    for (const { reading, waits } of this.#readers) if (reading !== undefined) (waits ? waiting : others).push(reading);
    // A player that reads on has another connection by now.
    if (this.#last !== undefined && waiting.length + others.length === 0) others.push(this.#last.reading);
    const { ledger, info } = plan;
    const isMissing = (p: PieceIndex): boolean => ledger.wants(p) && !ledger.present.has(p);
    run.urgency.set(
      deadlineOrder({ readings: [...waiting, ...others], pieceLength: info.pieceLength, isMissing }),
      [...new Set(waiting.map(({ at }) => at))].filter(isMissing),
    );
  }
}
