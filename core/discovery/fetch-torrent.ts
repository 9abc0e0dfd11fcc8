import { MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { EnsembleError } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import { isMagnetLink } from '../base/magnet-link.ts';
import type { Source } from '../engine/engine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Scope } from '../base/ip-scope.ts';
import type { Http } from '../ports/http.ts';
import { getOverRedirects } from './redirects.ts';

const PATIENCE = millis(30_000);
/** A dictionary in bencoding. */
const DICTIONARY = 0x64;

/**
 * Fetches a .torrent file from its address on a web server, from this local address or not at all; undefined: the system
 * chooses. `innermost`: no server is asked that lies further in; undefined: any. Indexers also send on to a magnet link. Rejects with a sentence where
 * there is neither.
 */
export async function fetchTorrent(
  ports: { readonly http: Http; readonly clock: Clock },
  url: string,
  localAddress?: string,
  signal?: AbortSignal,
  innermost?: Scope,
): Promise<Source> {
  const request = {
    url,
    timeout: PATIENCE,
    maxBytes: MAX_TORRENT_BYTES,
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(signal === undefined ? {} : { signal }),
    ...(innermost === undefined ? {} : { innermost }),
  };
  const answer = await getOverRedirects(ports, request, (place) => place, 'The server', isMagnetLink);
  const { status, body, location } = answer;
  if (location !== undefined) return { kind: 'magnet', link: location.trim() };
  if (status !== 200) {
    throw new EnsembleError('network', `${url} cannot be fetched: the server answers ${status}. Check the address.`);
  }
  if (body[0] !== DICTIONARY) {
    const what = 'save it in a browser, where you may have to sign in, and add the file';
    throw new EnsembleError('invalid-torrent', `What is at ${url} is no torrent file: ${what}.`);
  }
  return { kind: 'torrent', data: body };
}
