import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { EnsembleError } from '../../core/base/errors.ts';
import { torrentKey, type InfoHash, type TorrentKey } from '../../core/base/ids.ts';
import { isPlayable } from '../../core/base/media-type.ts';
import type { Playing } from '../../core/bridge/contract.ts';
import type { PlayerService } from '../../core/bridge/host/services.ts';
import type { Engine } from '../../core/engine/engine.ts';
import type { ServedAnswer } from '../../core/ports/http-server.ts';
import { fileAnswer } from '../../core/webserve/file-answer.ts';
import { fileAt, NOT_FOUND, pathOf, tagOf } from '../../core/webserve/shares.ts';

/** Below this path lie the films and the music of all downloads, for who has a session. */
export const PLAY_PATH = '/play/';
/** Bytes of an answer to Chromium, which asks on from there: so a seek breaks no connection off. */
const SHORT = 1024 * 1024;

/** Lets the page play files by its own means. */
export class Player implements PlayerService {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  play(key: TorrentKey, index: number): Promise<Playing> {
    const file = this.#engine.content(key)?.file(index);
    if (file === undefined) return Promise.reject(new EnsembleError('usage', `There is no file ${index + 1} to play.`));
    return Promise.resolve({ by: 'page', url: `${PLAY_PATH}${key}/${pathOf(file)}` });
  }

  /** The answer to a request of the page. Nothing but films and music is given out under the page's own origin. */
  answer(method: string, path: string, headers: IncomingHttpHeaders): ServedAnswer {
    const [, key = '', rest = ''] = /^([0-9a-f]+)(\/.*)$/s.exec(path.slice(PLAY_PATH.length)) ?? [];
    const content = this.#engine.content(torrentKey(key as InfoHash));
    const file = content && fileAt(content, rest);
    if (content === undefined || file === undefined || !isPlayable(file.path.at(-1) ?? '')) return NOT_FOUND;
    const request = { method, path, header: (name: string) => [headers[name]].flat()[0] };
    const shortens = /\bChrom(?:e|ium)\//.test(headers['user-agent'] ?? '');
    return fileAnswer(request, file, tagOf(content, file), {
      missing: 'follow',
      ...(shortens && { most: SHORT }),
      boundary: () => randomBytes(18).toString('hex'),
    });
  }
}
