import { concatBytes } from './bytes.ts';
import { EnsembleError } from './errors.ts';

/** Most bytes of status line and headers, of all answers that come before the real one. */
const MAX_HEAD = 64 * 1024;
/** A longer line can be no length of a chunk. */
const MAX_CHUNK_LINE = 1024;
const LF = 10;

/** Status and headers of an answer. */
export interface HttpHead {
  readonly status: number;
  /** Values by name in lower case, in the order in which they came. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

/** Takes an answer as it comes, instead of its being kept. */
export interface AnswerSink {
  /** Before any of the body. */
  head(head: HttpHead): void;
  /** The next bytes of the body, valid only during the call. */
  body(part: Uint8Array): void;
}

type Mode = 'head' | 'length' | 'chunk-size' | 'chunk' | 'to-the-end' | 'done';

/**
 * Reads one answer of HTTP/1 from a connection on which no other follows, as most clients do, however untidy its lines are: they may
 * end in LF alone, be no header at all, or come twice. Where several lengths are said, the body ends at the longest or with the
 * connection; chunks count before any length; what says that it is in chunks and is not is taken as it is.
 * Throws EnsembleError('protocol') for what is no answer or breaks a bound.
 */
export class HttpAnswerReader {
  readonly #maxBody: number;
  readonly #sink: AnswerSink | undefined;
  #mode: Mode = 'head';
  #line = '';
  #headBytes = 0;
  #status: number | undefined;
  #headers = new Map<string, string[]>();
  #last: string[] | undefined;
  #head: HttpHead | undefined;
  #body: Uint8Array[] = [];
  #length = 0;
  /** Bytes that are left of the body, or of the chunk. */
  #left = 0;
  /** The least length that was said. */
  #least = 0;
  #chunks = 0;
  #whole = false;
  #modern = false;
  #sameEnd = false;

  /** `maxBody`: a longer body is an error, as soon as it is known. With a `sink` nothing of it is kept. */
  constructor(maxBody: number, sink?: AnswerSink) {
    this.#maxBody = maxBody;
    this.#sink = sink;
  }

  /** Status and headers; undefined while they are not all there. */
  get head(): HttpHead | undefined {
    return this.#head;
  }

  /** Whether anything of an answer came. */
  get begun(): boolean {
    return this.#headBytes > 0;
  }

  /** Nothing more is needed from the connection. */
  get done(): boolean {
    return this.#mode === 'done';
  }

  /** Whether all of the body came, as far as the answer said how long it is. */
  get whole(): boolean {
    return this.#whole;
  }

  /** Whether the connection may bear another answer after this one: where it ends is beyond doubt, and the server stays. */
  get reusable(): boolean {
    const connection = this.#head?.headers.get('connection')?.join() ?? '';
    return this.done && this.#whole && this.#sameEnd && this.#modern && !/\bclose\b/i.test(connection);
  }

  /** What came of the body, chunks joined. */
  get body(): Uint8Array {
    return concatBytes(...this.#body);
  }

  /** Returns how many bytes belong to this answer: not all where more came than it has. */
  push(data: Uint8Array): number {
    let at = 0;
    while (at < data.length && this.#mode !== 'done') {
      at = this.#mode === 'head' || this.#mode === 'chunk-size' ? this.#text(data, at) : this.#bytes(data, at);
    }
    return at;
  }

  /** The connection ended in good order. */
  end(): void {
    if (this.#mode === 'head') throw refused('the connection ended before an answer came');
    if (this.#mode === 'chunk-size' && this.#chunks === 0) this.#noChunks('');
    if (this.#mode === 'to-the-end') this.#whole = true;
    if (this.#mode === 'length') this.#whole = this.#length >= this.#least;
    this.#mode = 'done';
  }

  /** Takes bytes up to the end of the line, or some of them. */
  #text(data: Uint8Array, from: number): number {
    const newline = data.indexOf(LF, from);
    const to = newline < 0 ? data.length : newline;
    const taken = Math.min(to, from + MAX_CHUNK_LINE);
    this.#line += String.fromCharCode(...data.subarray(from, taken));
    if (this.#mode === 'head') {
      this.#headBytes += taken - from + (taken === newline ? 1 : 0);
      if (this.#headBytes > MAX_HEAD) throw refused(`its headers are longer than ${MAX_HEAD} bytes`);
    } else if (this.#line.length >= MAX_CHUNK_LINE) {
      if (this.#chunks === 0) this.#noChunks('');
      else this.#cut();
      return taken;
    }
    if (taken !== newline) return taken;
    const line = this.#line.replace(/\r+$/, '');
    if (this.#mode === 'head') {
      this.#line = '';
      this.#headLine(line);
    } else this.#chunkLine(line);
    return newline + 1;
  }

  #headLine(line: string): void {
    if (this.#status === undefined) {
      if (line.trim() === '') return;
      const [, version, status] = /^HTTP\/(\d+(?:\.\d+)?)[ \t]+(\d{3})(?!\d)/i.exec(line) ?? [];
      if (status === undefined) throw refused('what came is no answer of HTTP');
      this.#status = Number(status);
      this.#modern = version === '1.1';
      return;
    }
    if (line === '') return this.#begin(this.#status);
    if (/^[ \t]/.test(line)) {
      // A value that goes on (RFC 9112, "Obsolete Line Folding").
      const last = this.#last;
      if (last !== undefined) last.push(`${last.pop() ?? ''} ${line.trim()}`.trim());
      return;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) return;
    const name = line.slice(0, colon).trim().toLowerCase();
    this.#last = this.#headers.get(name) ?? [];
    this.#last.push(line.slice(colon + 1).trim());
    this.#headers.set(name, this.#last);
  }

  /** The head is there: what follows it? */
  #begin(status: number): void {
    const headers = this.#headers;
    // Others of this kind only announce the real answer.
    if (status >= 100 && status < 200 && status !== 101) {
      this.#status = undefined;
      this.#headers = new Map();
      this.#last = undefined;
      return;
    }
    this.#head = { status, headers };
    this.#sink?.head(this.#head);
    if (status === 101 || status === 204 || status === 304) return this.#finish();
    if (/\bchunked\b/i.test(headers.get('transfer-encoding')?.join() ?? '')) {
      this.#mode = 'chunk-size';
      return;
    }
    const said = (headers.get('content-length') ?? [])
      .flatMap((value) => value.split(','))
      .map((value) => value.trim());
    const lengths = said.filter((value) => /^\d{1,15}$/.test(value)).map(Number);
    if (lengths.length === 0) {
      this.#mode = 'to-the-end';
      return;
    }
    this.#left = Math.max(...lengths);
    this.#least = Math.min(...lengths);
    this.#sameEnd = lengths.length === said.length && this.#left === this.#least;
    if (this.#left > this.#maxBody) throw this.#tooLong();
    if (this.#left === 0) return this.#finish();
    this.#mode = 'length';
  }

  /** The length of a chunk, or the end of the line behind one. */
  #chunkLine(line: string): void {
    const size = /^[ \t]*([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
    if (size === undefined) {
      if (line === '' && this.#chunks > 0) this.#line = '';
      else if (this.#chunks === 0) this.#noChunks('\n');
      else this.#cut();
      return;
    }
    this.#line = '';
    this.#chunks++;
    this.#left = Number.parseInt(size, 16);
    // What may follow the last chunk are headers that nobody needs.
    if (this.#left === 0) return this.#finish();
    if (this.#length + this.#left > this.#maxBody) throw this.#tooLong();
    this.#mode = 'chunk';
  }

  /** There are no chunks, though the headers say so: what was read as the length of one is a part of the body. */
  #noChunks(end: '' | '\n'): void {
    this.#mode = 'to-the-end';
    const line = this.#line + end;
    this.#line = '';
    this.#take(Uint8Array.from(line, (char) => char.charCodeAt(0)));
  }

  #bytes(data: Uint8Array, from: number): number {
    const to = this.#mode === 'to-the-end' ? data.length : Math.min(data.length, from + this.#left);
    this.#take(data.subarray(from, to));
    this.#left -= to - from;
    if (this.#mode === 'length' && this.#left === 0) this.#finish();
    if (this.#mode === 'chunk' && this.#left === 0) this.#mode = 'chunk-size';
    return to;
  }

  #take(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.#maxBody) throw this.#tooLong();
    if (this.#sink === undefined) this.#body.push(part.slice());
    else this.#sink.body(part);
  }

  #finish(): void {
    this.#mode = 'done';
    this.#whole = true;
  }

  /** What follows cannot be read. */
  #cut(): void {
    this.#mode = 'done';
  }

  #tooLong(): EnsembleError {
    return refused(`the answer is longer than ${this.#maxBody} bytes`);
  }
}

function refused(what: string): EnsembleError {
  return new EnsembleError('protocol', what);
}
