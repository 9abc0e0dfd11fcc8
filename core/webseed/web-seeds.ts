import type { Millis } from '../base/ids.ts';
import { shuffled } from '../base/shuffled.ts';
import type { PeerStatus, SourceStatus } from '../engine/statuses.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Ports } from '../ports/ports.ts';
import type { BlockIntake } from '../swarm/block-sources.ts';
import type { OtherSources } from '../swarm/other-sources.ts';
import { FileMap } from './file-map.ts';
import { userAgentOf } from './http-stream.ts';
import { WebSeed } from './web-seed.ts';

/** Servers that are asked at a time. */
const MOST_WORKING = 4;
/** Servers of which we ever hear in a run. */
const MOST = 256;

export interface WebSeedsOptions {
  readonly ports: Pick<Ports, 'net' | 'interfaces' | 'clock' | 'random'>;
  readonly info: Info;
  readonly geometry: Geometry;
  readonly urls: readonly string[];
  /** Connect from this local address, or not at all. */
  readonly address: string | undefined;
  /** Name and version of this program. */
  readonly client: string;
  /** Whether nothing is asked of this address now. */
  readonly barred: (host: string) => boolean;
  warn(text: string): void;
}

/** The web seeds of a torrent (BEP 19), of which a few at a time are asked: each identity begins with others. */
export class WebSeeds implements OtherSources {
  readonly #seeds: readonly WebSeed[];
  #running = false;

  constructor(intake: BlockIntake, options: WebSeedsOptions) {
    const { ports, info, geometry, urls, address, client, barred, warn } = options;
    const files = new FileMap(info, geometry);
    const userAgent = userAgentOf(client);
    const chosen = shuffled([...new Set(urls)], ports.random.uniform).slice(0, MOST);
    this.#seeds = chosen.map(
      (url) =>
        new WebSeed({ ports, url, address, userAgent, barred, files, intake, warn, idle: () => this.#fillPlaces() }),
    );
  }

  start(): void {
    this.#running = true;
    this.#fillPlaces();
  }

  stop(): void {
    this.#running = false;
    for (const seed of this.#seeds) seed.stop();
  }

  ban(host: string): void {
    for (const seed of this.#seeds) if (seed.host === host) seed.ban();
  }

  sources(): SourceStatus[] {
    const seeds = this.#seeds.filter(({ begun }) => begun).map((seed) => seed.report());
    return seeds.length === 0 ? [] : [{ kind: 'web', seeds }];
  }

  /** A row for each that is asked, of two at one address only the first. */
  status(now: Millis): PeerStatus[] {
    const out = new Map<string, PeerStatus>();
    for (const seed of this.#seeds) {
      const row = seed.status(now);
      const key = row === undefined ? '' : `${row.endpoint.host} ${row.endpoint.port}`;
      if (row !== undefined && !out.has(key)) out.set(key, row);
    }
    return [...out.values()];
  }

  #fillPlaces(): void {
    if (!this.#running) return;
    let working = this.#seeds.filter(({ state }) => state === 'working').length;
    for (const seed of this.#seeds) {
      if (working >= MOST_WORKING) return;
      if (seed.state !== 'stopped') continue;
      seed.start();
      working++;
    }
  }
}
