import type { DownloadSnapshot, IdentitySnapshot } from '../../core/engine/engine.ts';
import { waitText } from '../../core/engine/link-rules.ts';
import type { Sink } from '../context.ts';
import { printable, safeJson } from './printable.ts';
import type { Reporter, WorkProgress } from './reporter.ts';

/** Version of the JSON output, which is in the first object. */
const VERSION = 1;

/** One JSON object a line on standard output and nothing else; sentences for people go to standard error. */
export class JsonReporter implements Reporter {
  readonly period = 1000;
  readonly #out: Sink;
  readonly #err: Sink;
  readonly #now: () => number;
  #first = true;
  #lastWork = Number.NEGATIVE_INFINITY;

  constructor(out: Sink, err: Sink, now: () => number) {
    this.#out = out;
    this.#err = err;
    this.#now = now;
  }

  progress(snapshot: DownloadSnapshot): void {
    this.#write(progressFields(snapshot));
  }

  work({ what, done, total }: WorkProgress): void {
    const now = this.#now();
    if (now - this.#lastWork < this.period) return;
    this.#lastWork = now;
    this.#write({ event: 'progress', state: what.toLowerCase(), done, total });
  }

  message(text: string): void {
    this.#err.write(`${printable(text)}\n`);
  }

  result(fields: Readonly<Record<string, unknown>>): void {
    this.#write(fields);
  }

  close(): void {}

  #write(fields: Readonly<Record<string, unknown>>): void {
    const object = this.#first ? { version: VERSION, ...fields } : fields;
    this.#first = false;
    this.#out.write(`${safeJson(object)}\n`);
  }
}

/** The object of a `progress` line. */
export function progressFields(snapshot: DownloadSnapshot): Record<string, unknown> {
  return {
    event: 'progress',
    state: snapshot.state,
    pieces: { have: snapshot.pieces.have, total: snapshot.pieces.wanted },
    bytes: { have: snapshot.bytes.have, total: snapshot.bytes.wanted },
    rate: roundRate(snapshot.rate),
    peers: snapshot.peers,
    ...(snapshot.timeLeft === undefined ? {} : { timeLeft: Math.ceil(snapshot.timeLeft / 1000) }),
    ...(snapshot.work === undefined ? {} : { work: snapshot.work }),
    identities: snapshot.identities.map((identity) => ({
      index: identity.index,
      state: identity.state,
      pieces: identity.pieces,
      ...roundRate(identity.rate),
      peers: identity.peers,
      punched: identity.punched,
      ...(identity.address === undefined ? {} : { address: identity.address }),
      ...(identity.link === undefined ? {} : { link: identity.link }),
      ...(identity.waits === undefined ? {} : { waits: waitText(identity.waits) }),
      ...(identity.proxy === undefined ? {} : { proxy: identity.proxy }),
      ...(identity.port === undefined ? {} : { port: identity.port }),
      reachability: identity.reachability,
      sources: identity.sources,
    })),
  };
}

/** The object of the `done` line that ends a download. */
export function doneFields(snapshot: DownloadSnapshot, files: readonly string[]): Record<string, unknown> {
  return {
    event: 'done',
    seconds: seconds(snapshot.active),
    infoHash: snapshot.infoHash,
    ...(snapshot.infoHashV1 !== undefined && { infoHashV1: snapshot.infoHashV1 }),
    ...(snapshot.infoHashV2 !== undefined && { infoHashV2: snapshot.infoHashV2 }),
    files,
    downloaded: snapshot.downloaded,
    uploaded: snapshot.uploaded,
    wasted: snapshot.wasted,
    duplicatePieces: snapshot.duplicatePieces,
    hashFailures: snapshot.hashFailures,
    identities: snapshot.identities.map((identity: IdentitySnapshot) => ({
      index: identity.index,
      pieces: identity.pieces,
      downloaded: identity.downloaded,
      uploaded: identity.uploaded,
      seconds: seconds(identity.active),
    })),
  };
}

function seconds(millis: number): number {
  return Math.round(millis) / 1000;
}

function roundRate(rate: { readonly down: number; readonly up: number }): { down: number; up: number } {
  return { down: Math.round(rate.down), up: Math.round(rate.up) };
}
