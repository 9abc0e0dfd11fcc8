import type { Millis } from '../base/ids.ts';
import { mayBePrivate } from '../base/peer-source.ts';
import type { SourceStatus } from '../engine/statuses.ts';
import type { PeerSource } from './peer-source.ts';

/** All peer sources of one download behind one interface. */
export class PeerSources {
  #sources: readonly PeerSource[];

  /** `isPrivate`: sources that a private torrent may not use are left out. */
  constructor(sources: readonly PeerSource[], isPrivate: boolean) {
    const allowed = ({ kind }: PeerSource): boolean => mayBePrivate(kind) || !isPrivate;
    this.#sources = sources.every(allowed) ? sources : sources.filter(allowed);
  }

  /** It became known that the torrent is private: what it may not use stops. */
  becomePrivate(): void {
    for (const source of this.#sources) if (!mayBePrivate(source.kind)) void source.stop();
    this.#sources = this.#sources.filter(({ kind }) => mayBePrivate(kind));
  }

  start(): void {
    for (const source of this.#sources) source.start();
  }

  /** Bounded in time; never rejects. */
  async stop(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.stop()));
  }

  /** Asks everywhere again now, as far as the other side allows. */
  announceNow(): void {
    for (const source of this.#sources) source.announceNow();
  }

  /** Others reach us at another port now. */
  moved(): void {
    for (const source of this.#sources) source.moved?.();
  }

  /** There is a way to the world again: since then there was none. */
  wayCame(since: Millis): void {
    for (const source of this.#sources) source.wayCame?.(since);
  }

  /** This client has just completed the download. */
  completed(): void {
    for (const source of this.#sources) source.completed();
  }

  retuned(): void {
    for (const source of this.#sources) source.retuned?.();
  }

  status(): readonly SourceStatus[] {
    return this.#sources.map((source) => source.status());
  }
}
