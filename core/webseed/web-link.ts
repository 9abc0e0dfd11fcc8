import type { HttpHead } from '../base/http-answer.ts';
import type { Millis, PieceIndex } from '../base/ids.ts';
import type { Scope } from '../base/ip-scope.ts';
import { MAX_REDIRECTS, redirectPlace } from '../base/redirect-place.ts';
import type { Ports } from '../ports/ports.ts';
import { BlockSource } from '../swarm/block-source.ts';
import type { BlockIntake } from '../swarm/block-sources.ts';
import { judge } from './answer.ts';
import type { FileMap, FilePosition } from './file-map.ts';
import { HttpStream } from './http-stream.ts';
import type { FilePlace } from './seed-url.ts';

/** Most bytes of one request, and of all that a link is asked for at a time. */
const MOST_REQUESTED = 16 * 1024 * 1024;
const BLOCK = 16 * 1024;
/** Fewer bytes that nobody wants any more are read over; for more the connection is closed. */
const WORTH_READING = 256 * 1024;

/** What a connection to a server tells of it. */
export interface LinkEvents {
  /** An answer can be used. `ranges`: the server gives parts of files. */
  answered(head: HttpHead, ranges: boolean): void;
  /** The server has not got this file. */
  noFile(file: number, why: string): void;
  /** It is to be left alone for a while. */
  failed(why: string): void;
  /** It says that it has too much to do, and perhaps until when. */
  busy(why: string, after: Millis | undefined): void;
  /** It sent wrong data. */
  banned(): void;
}

export interface LinkOptions {
  readonly ports: Pick<Ports, 'net' | 'interfaces' | 'clock'>;
  readonly url: string;
  /** As people see it, and what it is banned by. */
  readonly name: string;
  readonly address: string | undefined;
  readonly userAgent: string;
  /** Whether nothing is asked of this address now. */
  readonly barred: (host: string) => boolean;
  readonly files: FileMap;
  readonly intake: BlockIntake;
  readonly counted: boolean;
  readonly events: LinkEvents;
  runs(): 'first' | 'longest';
  mayCopy(): boolean;
}

/** A block that it was asked for. */
interface Wanted {
  readonly piece: PieceIndex;
  readonly begin: number;
  readonly length: number;
}

/** The request under way. */
interface Running {
  readonly file: number;
  readonly place: FilePlace;
  readonly innermost: Scope | undefined;
  readonly redirects: number;
  readonly from: number;
  readonly to: number;
  /** The next byte of the file that the body brings. */
  at: number;
  /** Bytes of blocks that it has brought. */
  useful: number;
}

/**
 * One connection to a web seed (BEP 19): a source of blocks that asks for those that follow one another by one range of a file.
 * A block may go on in the next file, and padding between is filled in.
 */
export class WebLink extends BlockSource {
  readonly host: string;
  readonly name: string;
  readonly requestQueue: number = MOST_REQUESTED / BLOCK;
  readonly #o: LinkOptions;
  readonly #stream: HttpStream;
  #queue: Wanted[] = [];
  /** How many bytes of the first block are there, and where they go; undefined: nowhere. */
  #filled = 0;
  #target: Uint8Array | undefined;
  #running: Running | undefined;
  /** Where the last answer came from after a redirect: asked again at once for more of this file. */
  #moved: Pick<Running, 'file' | 'place' | 'innermost'> | undefined;
  #paused = false;
  #working = false;

  constructor(options: LinkOptions) {
    super(options.files.geometry, options.ports.clock.now());
    this.#o = options;
    this.host = options.name;
    this.name = options.name;
    this.#stream = new HttpStream({
      ports: options.ports,
      address: options.address,
      userAgent: options.userAgent,
      barred: options.barred,
      events: {
        head: (head, scope) => this.#answered(head, scope),
        body: (part) => this.#received(part),
        chunkDone: () => options.intake.downloads.chunkDone(this),
        ended: (whole) => this.#ended(whole),
        failed: (why) => this.#failed(why),
      },
    });
  }

  override get counted(): boolean {
    return this.#o.counted;
  }

  override get runs(): 'first' | 'longest' {
    return this.#o.runs();
  }

  override get mayCopy(): boolean {
    return this.#o.mayCopy();
  }

  ask(piece: PieceIndex, begin: number, length: number): void {
    this.#queue.push({ piece, begin, length });
  }

  cancel(piece: PieceIndex, begin: number): void {
    const at = this.#queue.findIndex((one) => one.piece === piece && one.begin === begin);
    if (at < 0) return;
    if (at === 0) this.#forgetBegun();
    this.#queue.splice(at, 1);
  }

  flush(): void {
    const running = this.#running;
    const next = this.#next();
    if (running !== undefined && next !== undefined && !this.#reads(running, next)) this.#drop();
    this.#work();
  }

  tellInterest(): void {}

  dropTarget(): void {
    this.#target = undefined;
  }

  pauseReading(): void {
    this.#paused = true;
    this.#stream.pause();
  }

  resumeReading(): void {
    this.#paused = false;
    this.#stream.resume();
    this.#work();
  }

  override gaveUp(): void {
    this.#o.events.failed('it sends next to nothing');
  }

  ban(): void {
    this.#o.events.banned();
  }

  /** Closes the connection, and gives up all that it was asked for. */
  reset(): void {
    this.#drop();
    this.#forgetBegun();
    this.#queue = [];
    this.#moved = undefined;
    this.#o.intake.downloads.abandon(this);
  }

  /** The server lacks these pieces: gives up what was asked of them. */
  lacks(pieces: ReadonlySet<PieceIndex>): void {
    const lost = this.#queue.filter(({ piece }) => pieces.has(piece));
    if (this.#queue[0] !== undefined && pieces.has(this.#queue[0].piece)) this.#forgetBegun();
    this.#queue = this.#queue.filter(({ piece }) => !pieces.has(piece));
    this.#o.intake.sources.lacks(this, pieces);
    for (const { piece, begin } of lost) this.#o.intake.downloads.rejected(this, piece, begin);
    this.#work();
    this.#o.intake.downloads.refill(this);
  }

  /** Fills in padding and sends the next request. */
  #work(): void {
    if (this.#working) return;
    this.#working = true;
    try {
      while (!this.#paused && this.#running === undefined && this.#queue.length > 0 && this.#fillPadding());
    } finally {
      this.#working = false;
    }
  }

  /** Fills in padding where the first block has some next, or else sends a request; whether to go on. */
  #fillPadding(): boolean {
    const next = this.#next();
    if (next === undefined) return false;
    if (!next.padding) {
      this.#request(next.file, next.offset, next.left);
      return this.#running === undefined;
    }
    const [block] = this.#queue;
    if (block === undefined) return false;
    this.#fill(block, undefined, Math.min(next.left, block.length - this.#filled));
    this.#o.intake.downloads.chunkDone(this);
    return true;
  }

  /** Asks for what is wanted of a file from `from` on, as far as it follows without a gap. */
  #request(file: number, from: number, left: number): void {
    const { files, url } = this.#o;
    let length = -this.#filled;
    let next: number | undefined;
    for (const { piece, begin, length: bytes } of this.#queue) {
      const at = files.geometry.pieceOffset(piece) + begin;
      if (at !== (next ?? at) || length >= Math.min(left, MOST_REQUESTED)) break;
      length += bytes;
      next = at + bytes;
    }
    const to = from + Math.min(length, left);
    if (this.#moved?.file === file) return this.#get({ ...this.#moved, redirects: 0, from, to });
    const place = files.place(url, file);
    if (place === undefined) this.#o.events.noFile(file, 'no server can have a file of this name');
    else this.#get({ file, place, innermost: undefined, redirects: 0, from, to });
  }

  #get(request: Omit<Running, 'at' | 'useful'>): void {
    this.#running = { ...request, at: request.from, useful: 0 };
    this.#stream.get(request);
  }

  #answered(head: HttpHead, scope: Scope): void {
    const running = this.#running;
    if (running === undefined) return;
    const { file, from, to } = running;
    const { events, ports, files } = this.#o;
    const verdict = judge(head, { from, to, length: files.length(file) }, ports.clock.wall());
    if (verdict.kind === 'take') {
      running.at = verdict.at;
      return events.answered(head, verdict.ranges);
    }
    this.#drop();
    switch (verdict.kind) {
      case 'redirect':
        return this.#redirected(running, verdict.location, scope);
      case 'wait':
        return events.busy(verdict.why, verdict.after);
      case 'no-file':
        // What a redirect led to may not be valid any longer.
        if (this.#moved !== undefined && running.redirects === 0) break;
        events.noFile(file, verdict.why);
        break;
      case 'bad':
        return events.failed(verdict.why);
      default:
        verdict satisfies never;
    }
    this.#moved = undefined;
    this.#work();
  }

  #redirected(running: Running, location: string, scope: Scope): void {
    const { place, redirects } = running;
    const at = `${place.url.origin}${place.target}`;
    const to = redirectPlace(location, at, this.#o.url);
    if ('refused' in to) return this.#o.events.failed(`it sends us on ${to.refused}`);
    if (redirects >= MAX_REDIRECTS) return this.#o.events.failed(`it sends us on more than ${MAX_REDIRECTS} times`);
    const { url } = to;
    const moved = { file: running.file, place: { url, target: `${url.pathname}${url.search}` }, innermost: scope };
    this.#moved = moved;
    this.#get({ ...running, ...moved, redirects: redirects + 1 });
  }

  /** Bytes of the body, each of which is what is wanted next, or comes before that, or is not wanted. */
  #received(part: Uint8Array): void {
    const running = this.#running;
    if (running === undefined) return;
    const { downloads } = this.#o.intake;
    for (let at = 0; at < part.length;) {
      if (this.#running !== running) return;
      if (this.#queue.length === 0) downloads.chunkDone(this);
      if (this.#running !== running) return;
      const [block] = this.#queue;
      const next = this.#next();
      if (block === undefined || next === undefined || !this.#reads(running, next)) {
        this.#drop();
        this.#work();
        return;
      }
      const before = Math.min(next.offset - running.at, part.length - at);
      if (before > 0) {
        downloads.skipped(this, before);
        running.at += before;
        at += before;
        continue;
      }
      const count = Math.min(part.length - at, block.length - this.#filled, next.left);
      running.at += count;
      running.useful += count;
      const bytes = part.subarray(at, at + count);
      at += count;
      this.#fill(block, bytes, count);
    }
  }

  /** Whether going on to read leads to what is wanted next. */
  #reads({ file, at, from }: Running, next: FilePosition): boolean {
    if (next.file !== file || next.offset < at) return false;
    return next.offset - Math.max(at, from) <= WORTH_READING;
  }

  /** The next bytes of the first block; undefined: zeros. */
  #fill({ piece, begin, length }: Wanted, bytes: Uint8Array | undefined, count: number): void {
    const { downloads } = this.#o.intake;
    if (this.#filled === 0) this.#target = downloads.target(this, piece, begin, length);
    if (bytes !== undefined) this.#target?.set(bytes, this.#filled);
    else this.#target?.fill(0, this.#filled, this.#filled + count);
    this.#filled += count;
    if (this.#filled < length) return;
    const kept = this.#target !== undefined;
    this.#queue.shift();
    this.#filled = 0;
    this.#target = undefined;
    downloads.arrived(this, piece, begin, length, kept);
  }

  #ended(whole: boolean): void {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    // What was of use is worth asking again at once.
    if (running.useful >= (whole ? 1 : BLOCK)) this.#work();
    else this.#o.events.failed(whole ? 'it sends less than it says' : 'it closed the connection');
  }

  #failed(why: string): void {
    const useful = this.#running?.useful ?? 0;
    this.#running = undefined;
    // After an answer that was of use it is asked for the rest at once.
    if (useful >= BLOCK) this.#work();
    else this.#o.events.failed(why);
  }

  /** Closes the connection, as what it brings is of no use. */
  #drop(): void {
    this.#running = undefined;
    this.#stream.stop();
  }

  /** What came of the first block is of no use any more. */
  #forgetBegun(): void {
    if (this.#filled > 0) this.#o.intake.downloads.skipped(this, this.#filled);
    this.#filled = 0;
    this.#target = undefined;
  }

  /** Where the next byte that is wanted lies. */
  #next(): FilePosition | undefined {
    const [block] = this.#queue;
    return block && this.#o.files.at(block.piece, block.begin + this.#filled);
  }
}
