import { createHmac } from 'node:crypto';
import { formatEndpoint } from '../base/endpoint.ts';
import { isLoopback, isWildcard } from '../base/ip.ts';
import type { TorrentKey } from '../base/ids.ts';
import type { Engine } from '../engine/engine.ts';
import { listenHttp } from '../node/http-listener.ts';
import { NodeInterfaces } from '../node/interfaces.ts';
import { NodeRandom } from '../node/random.ts';
import { pathOf, Shares } from '../webserve/shares.ts';

/** Gives out files of downloads by HTTP. */
export interface FileServer {
  /**
   * The URLs below which the files of a download are from now on, as web seeds are named (BEP 19): of each address of this machine
   * where it listens on all. `secret`: see `Shares.share`.
   */
  seedUrls(key: TorrentKey, secret?: string): readonly string[];
  /** The same for each download of the list, below paths that follow from the secret of the server: over restarts they stay the same. */
  keptUrls(key: TorrentKey): readonly string[];
  /** Where it listens, as others may call that. */
  readonly bases: readonly string[];
  /** A server like this one, which is closed. */
  again(): Promise<FileServer>;
  /** The URL of a file for a player: what is not there yet is waited for, and fetched first. Undefined where there is no such file. */
  playUrl(key: TorrentKey, file: number): string | undefined;
  close(): Promise<void>;
}

/** A machine with more addresses names only these. */
const MAX_URLS = 8;

export interface ServeAt {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What the paths of all downloads follow from (`keptUrls`); undefined: they have none. */
  readonly secret?: string;
}

/** Rejects with EnsembleError('network'). */
export async function serveFiles(engine: Engine, at: ServeAt): Promise<FileServer> {
  const { host, port, secret } = at;
  const proof = secret === undefined ? undefined : (key: TorrentKey) => proofOf(secret, key);
  const shares = new Shares((key) => engine.content(key), new NodeRandom(), proof);
  const listener = await listenHttp({
    host,
    port,
    answer: (request) => shares.answer(request),
    // Players of this machine get what they ask for, whatever a list says of its own addresses.
    barred: (from) => !isLoopback(from) && engine.bars(from),
  });
  const base = (named: string): string => `http://${formatEndpoint({ host: named, port: listener.local.port })}`;
  return {
    bases: names(host).map((named) => `${base(named)}/`),
    again: () => serveFiles(engine, { ...at, port: listener.local.port }),
    keptUrls: (key) => {
      const path = shares.keptPath(key);
      return path === undefined ? [] : names(host).map((named) => `${base(named)}${path}`);
    },
    seedUrls: (key, secret) => {
      const path = shares.share(key, 'there', secret);
      return names(host).map((named) => `${base(named)}${path}`);
    },
    playUrl: (key, index) => {
      const file = engine.content(key)?.file(index);
      return file && `${base(isWildcard(host) ? 'localhost' : host)}${shares.share(key, 'follow')}${pathOf(file)}`;
    },
    close: () => listener.close(),
  };
}

/** Who knows this of one download knows neither the secret nor that of another. */
function proofOf(secret: string, key: TorrentKey): string {
  return createHmac('sha256', secret).update(key).digest('base64url');
}

/** What others may call this machine. */
function names(host: string): readonly string[] {
  if (!isWildcard(host)) return [host];
  const outer = new NodeInterfaces()
    .list()
    .filter(
      ({ internal, family, deprecated }) => !internal && deprecated !== true && (family === 4 || host.includes(':')),
    )
    .map(({ address }) => address);
  return outer.length > 0 ? outer.slice(0, MAX_URLS) : ['localhost'];
}
