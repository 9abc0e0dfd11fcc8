import { type InfoHash, torrentKey, type TorrentKey } from '../base/ids.ts';
import type { Content, ContentFile } from '../engine/content.ts';
import type { ServedAnswer, ServedRequest } from '../ports/http-server.ts';
import type { Random } from '../ports/random.ts';
import { fileAnswer, type Manner } from './file-answer.ts';
import { formatPath, readPath } from './url-path.ts';

/** What is given out below one path. */
interface Share {
  readonly key: TorrentKey;
  readonly missing: Manner['missing'];
}

/** Bytes of a path's secret: nobody guesses 256 bits. */
const SECRET = 32;

/**
 * The downloads that a server gives out, each below a path that nobody can guess: `/<secret>/` and then the torrent's names, as
 * clients expect it of a web seed (BEP 19). Who may see what is decided here alone: another way to prove it, such as a header that
 * only machines of one group can make, is another way from a request to a `Content` and a `Manner`.
 */
export class Shares {
  readonly #content: (key: TorrentKey) => Content | undefined;
  readonly #random: Pick<Random, 'bytes'>;
  readonly #shares = new Map<string, Share>();
  readonly #proof: ((key: TorrentKey) => string) | undefined;

  /** `proof`: what nobody can know of a download but by its path, where all downloads are given out; undefined: only those of `share` are. */
  constructor(
    content: (key: TorrentKey) => Content | undefined,
    random: Pick<Random, 'bytes'>,
    proof?: (key: TorrentKey) => string,
  ) {
    this.#content = content;
    this.#random = random;
    this.#proof = proof;
  }

  /** The path of any download for web seeds' clients, where all are given out; always the same for the same proof. */
  keptPath(key: TorrentKey): string | undefined {
    return this.#proof && `/${key}-${this.#proof(key)}/`;
  }

  /**
   * The path, with slashes at both ends, below which the files of a download are from now on; the same each time. `secret`: a path
   * that its user keeps over runs, without slashes; else it is a new one.
   */
  share(key: TorrentKey, missing: Manner['missing'], secret?: string): string {
    for (const [path, share] of this.#shares) if (share.key === key && share.missing === missing) return `/${path}/`;
    const path = secret ?? base64Url(this.#random.bytes(SECRET));
    this.#shares.set(path, { key, missing });
    return `/${path}/`;
  }

  answer(request: ServedRequest): ServedAnswer {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return { status: 405, headers: { Allow: 'GET, HEAD', 'Content-Length': 0 } };
    }
    const [, secret = '', rest = ''] = /^\/([^/]*)(\/.*)$/s.exec(request.path) ?? [];
    const share = this.#shares.get(secret) ?? this.#kept(secret);
    const content = share && this.#content(share.key);
    const found = content && fileAt(content, rest);
    if (share === undefined || content === undefined || found === undefined) return NOT_FOUND;
    return fileAnswer(request, found, tagOf(content, found), {
      missing: share.missing,
      boundary: () => base64Url(this.#random.bytes(18)),
    });
  }

  #kept(name: string): Share | undefined {
    const [, key, proof = ''] = /^([0-9a-f]{40}|[0-9a-f]{64})-([\w-]+)$/.exec(name) ?? [];
    if (key === undefined || this.#proof === undefined) return undefined;
    const known = torrentKey(key as InfoHash);
    return sameText(proof, this.#proof(known)) ? { key: known, missing: 'there' } : undefined;
  }
}

export const NOT_FOUND: ServedAnswer = { status: 404, headers: { 'Content-Length': 0 } };

/** The file at a path that follows the base of a download's files. */
export function fileAt(content: Content, path: string): ContentFile | undefined {
  const names = readPath(path);
  return names && content.find(names);
}

/** The path of a file below the base of its download's files. */
export function pathOf(file: ContentFile): string {
  return formatPath(file.names);
}

/** The bytes of a file follow from its torrent, so they are the same for ever. */
export function tagOf(content: Content, file: ContentFile): string {
  return `${content.infoHash}-${file.index}`;
}

/** Compares in the same time wherever they differ. */
function sameText(a: string, b: string): boolean {
  let differs = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) differs |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return differs === 0;
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
