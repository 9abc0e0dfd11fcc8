import { Bitfield } from '../base/bitfield.ts';
import type { HttpHead } from '../base/http-answer.ts';
import { type Bytes, bytesPerSecond, type Millis, millis, type PieceIndex } from '../base/ids.ts';
import type { Timer } from '../ports/clock.ts';
import type { PeerStatus, WebSeedStatus } from '../engine/statuses.ts';
import { LINE_CELLS } from '../engine/statuses.ts';
import { bitLine } from '../base/bit-line.ts';
import { type LinkOptions, WebLink } from './web-link.ts';

/** Connections to one server. */
const LINKS = 2;
/** How long a server is left alone that fails for the first time, and how long at most. */
const FIRST_WAIT = 10_000;
const LONGEST_WAIT = 600_000;
/** The longest `Retry-After` that is kept to. */
const LONGEST_RETRY_AFTER = 3_600_000;
/** Most characters of what a server calls itself. */
const MAX_CLIENT = 100;
const MAX_WHY = 300;
/** Most characters of a URL that names it in bans and messages. */
const MAX_HOST = 255;

export interface WebSeedOptions extends Omit<LinkOptions, 'name' | 'counted' | 'events' | 'runs' | 'mayCopy'> {
  /** Something about it that people should hear. */
  warn(text: string): void;
  /** It waits, is to be started again, or will not be asked again: whoever comes next may take its place. */
  idle(): void;
}

/** `waiting`: after a failure; `gone`: it is not asked again in this run. */
export type SeedState = 'stopped' | 'working' | 'waiting' | 'gone';

/** One server that has the torrent's files (BEP 19): its connections, what it has, and when it is asked again after a failure. */
export class WebSeed {
  readonly #o: WebSeedOptions;
  readonly #links: WebLink[] = [];
  /** Files that it turned out not to have. */
  readonly #lacking = new Set<number>();
  readonly #missing = new Set<PieceIndex>();
  /** Links that the server does not want. */
  readonly #spare = new Set<WebLink>();
  #state: SeedState = 'stopped';
  /** Whether it gives parts of files; undefined: not known. */
  #ranges: boolean | undefined;
  #failures = 0;
  #brought = 0;
  #client = '';
  #begun = false;
  #why = '';
  #timer: Timer | undefined;

  constructor(options: WebSeedOptions) {
    this.#o = options;
    for (let i = 0; i < LINKS; i++) this.#links.push(this.#link(i));
  }

  get state(): SeedState {
    return this.#state;
  }

  start(): void {
    if (this.#state !== 'stopped') return;
    const { intake, files } = this.#o;
    this.#state = 'working';
    this.#begun = true;
    const pieces = Bitfield.full(files.geometry.pieceCount);
    for (const piece of this.#missing) pieces.delete(piece);
    for (const link of this.#links) {
      intake.sources.join(link);
      intake.sources.has(link, pieces);
    }
    this.#open();
  }

  /** Closes its connections; what is known of it stays. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#state !== 'gone') this.#leave('stopped');
  }

  /** It was asked for something in this run. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Its URL without a password, as people see it, and what it is banned by. */
  get host(): string {
    const url = new URL(this.#o.url);
    if (url.username === '' && url.password === '') return this.#o.url.slice(0, MAX_HOST);
    url.username = '';
    url.password = '';
    return url.href.slice(0, MAX_HOST);
  }

  ban(): void {
    this.#gone('it sent wrong data, and is not asked again');
  }

  report(): WebSeedStatus {
    const downloaded = this.#sum((link) => link.down.total) as Bytes;
    const why = this.#state === 'waiting' || this.#state === 'gone' ? { message: this.#why } : {};
    return { url: this.host, state: this.#state, ...why, downloaded };
  }

  /** As a row among the peers; undefined: nothing is wanted of it. */
  status(now: Millis): PeerStatus | undefined {
    const [first] = this.#links;
    if (first?.amInterested !== true || this.#state === 'stopped' || this.#state === 'gone') return undefined;
    const url = new URL(this.#o.url);
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    return {
      endpoint: { host: url.hostname.replace(/^\[(.*)\]$/, '$1').slice(0, MAX_HOST), port },
      client: this.#client,
      source: 'web',
      incoming: false,
      down: bytesPerSecond(this.#sum((link) => link.down.rate(now))),
      up: bytesPerSecond(0),
      downloaded: this.#sum((link) => link.down.total) as Bytes,
      uploaded: 0 as Bytes,
      progress: first.pieces.count / first.pieces.length,
      amInterested: true,
      amChoking: true,
      peerInterested: false,
      peerChoking: this.#state !== 'working',
      snubbed: this.#links.some((link) => link.snubbed),
      optimistic: false,
      uploadOnly: false,
      transport: 'tcp',
      encryption: 'plain',
      punched: false,
      pieces: bitLine(first.pieces, LINE_CELLS),
    };
  }

  #sum(of: (link: WebLink) => number): number {
    return this.#links.reduce((n, link) => n + of(link), 0);
  }

  #link(index: number): WebLink {
    return new WebLink({
      ...this.#o,
      name: this.host,
      counted: index === 0,
      runs: () => (this.#ranges === true ? 'longest' : 'first'),
      // It is busy with what it was asked for already.
      mayCopy: () => this.#links.every((link) => link.requests.size === 0),
      events: {
        answered: (head, ranges) => this.#answered(head, ranges),
        noFile: (file, why) => this.#noFile(file, why),
        failed: (why) => this.#failed(why, undefined),
        busy: (why, after) => this.#busy(index, why, after),
        banned: () => this.ban(),
      },
    });
  }

  /** The first link may be asked; further ones only where the server gives parts of files, as else all would read the same. */
  #open(): void {
    const { downloads } = this.#o.intake;
    const first = this.#links.find((link) => !this.#spare.has(link));
    for (const link of this.#links) {
      if (!link.peerChoking || this.#spare.has(link) || (link !== first && this.#ranges !== true)) continue;
      link.peerChoking = false;
      downloads.refill(link);
    }
  }

  #answered({ headers }: HttpHead, ranges: boolean): void {
    this.#client = (headers.get('server')?.[0] ?? '').replace(/[^ -~]/g, '').slice(0, MAX_CLIENT);
    // Small files may be sent as a whole by who gives parts of large ones.
    if (ranges === this.#ranges || (this.#ranges === true && !ranges)) return;
    this.#ranges = ranges;
    if (ranges) this.#o.ports.clock.soon(() => this.#state === 'working' && this.#open());
  }

  #noFile(file: number, why: string): void {
    if (this.#lacking.has(file)) return;
    this.#lacking.add(file);
    const { files } = this.#o;
    const pieces = new Set(files.piecesOf(file));
    for (const piece of pieces) this.#missing.add(piece);
    this.#warn(`has not "${files.name(file)}": ${why}`);
    if (this.#missing.size === files.geometry.pieceCount) return this.#gone('it has none of the files');
    for (const link of this.#links) link.lacks(pieces);
  }

  /** Some servers take one connection of an address: then one that brings something is enough. */
  #busy(index: number, why: string, after: Millis | undefined): void {
    const link = this.#links[index];
    const enough = this.#links.some((other) => other !== link && other.requests.size > 0 && other.brought > 0);
    if (link === undefined || !enough) return this.#failed(why, after);
    this.#spare.add(link);
    link.peerChoking = true;
    link.reset();
  }

  #failed(why: string, after: Millis | undefined): void {
    if (this.#state !== 'working') return;
    const brought = this.#sum((link) => link.brought);
    this.#failures = brought > this.#brought ? 1 : this.#failures + 1;
    this.#brought = brought;
    const usual = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(10, this.#failures - 1));
    const wait = after === undefined ? usual : Math.min(LONGEST_RETRY_AFTER, Math.max(after, 1000));
    this.#warn(`${why}; it is asked again in ${Math.round(wait / 1000)} s`);
    this.#state = 'waiting';
    this.#close();
    this.#timer = this.#o.ports.clock.after(millis(wait), () => {
      this.#timer = undefined;
      this.#leave('stopped');
      this.#o.idle();
    });
    this.#o.idle();
  }

  #gone(why: string): void {
    if (this.#state === 'gone') return;
    this.#timer?.cancel();
    this.#warn(why);
    this.#leave('gone');
    this.#o.idle();
  }

  #close(): void {
    for (const link of this.#links) {
      link.peerChoking = true;
      link.reset();
    }
  }

  #leave(state: 'stopped' | 'gone'): void {
    const { sources } = this.#o.intake;
    this.#close();
    this.#state = state;
    for (const link of this.#links) sources.leave(link);
  }

  #warn(text: string): void {
    this.#why = text.slice(0, MAX_WHY);
    this.#o.warn(`web seed ${this.host}: ${text}`);
  }
}
