import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { EnsembleError } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import type { Http, HttpRequest, HttpResponse } from '../ports/http.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import { NodeClock } from './clock.ts';
import { hasAddress } from './interfaces.ts';
import { plainAddress } from './net-connection.ts';
import { readBody } from './http-body.ts';

const clock = new NodeClock();
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** HTTP GET over a connection of its own for each request. */
export class NodeHttp implements Http {
  readonly #userAgent: string;

  /** `version` of this program, for the User-Agent. */
  constructor(version?: string) {
    this.#userAgent = version === undefined ? 'Ensemble' : `Ensemble/${version}`;
  }

  async get(request: HttpRequest): Promise<HttpResponse> {
    const deadline = new AbortController();
    const where = withoutQuery(request.url);
    const timer = clock.after(millis(request.timeout), () => deadline.abort(systemError('ETIMEDOUT')));
    const stop = (): void => deadline.abort(new EnsembleError('interrupted', `the request to ${where} was stopped`));
    if (request.signal?.aborted) stop();
    request.signal?.addEventListener('abort', stop, { once: true });
    try {
      return await this.#follow(request, deadline.signal);
    } catch (error) {
      const cause: unknown = deadline.signal.aborted ? deadline.signal.reason : error;
      throw cause instanceof EnsembleError ? cause : networkError(`get ${where}`, cause);
    } finally {
      timer.cancel();
      request.signal?.removeEventListener('abort', stop);
    }
  }

  async #follow(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const first = parse(request.url);
    let url = first;
    for (let redirects = 0; ; redirects++) {
      const own = url.origin === first.origin;
      const response = await this.#send(url, request, own ? (request.headers ?? {}) : {}, own, signal);
      const status = response.statusCode ?? 0;
      const location = response.headers.location;
      if (!REDIRECTS.has(status) || location === undefined) {
        const remoteAddress = plainAddress(response.socket.remoteAddress);
        const body = await readBody(response, request.maxBytes, signal);
        return { status, body, ...(remoteAddress === undefined ? {} : { remoteAddress }) };
      }
      response.destroy();
      if (redirects >= request.maxRedirects) throw new Error(`it redirects more than ${request.maxRedirects} times`);
      url = parse(location, url);
      // Whoever redirects does not choose what we sign in with.
      if (url.username !== '' || url.password !== '') {
        url.username = '';
        url.password = '';
      }
    }
  }

  #send(
    url: URL,
    request: HttpRequest,
    headers: Readonly<Record<string, string>>,
    own: boolean,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { localAddress } = request;
    const family = request.family ?? (localAddress === undefined ? 0 : isIP(localAddress));
    const auth = own && url.username !== '' ? `${decode(url.username)}:${decode(url.password)}` : undefined;
    const options: RequestOptions = {
      method: 'GET',
      hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port,
      path: `${url.pathname}${url.search}`,
      headers: { 'User-Agent': this.#userAgent, 'Accept-Encoding': 'gzip, deflate', ...headers },
      agent: false,
      signal,
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(family === 0 ? {} : { family, autoSelectFamily: false }),
      ...(auth === undefined ? {} : { auth }),
    };
    return new Promise((resolve, reject) => {
      const literal = isIP(options.hostname ?? '');
      if (family !== 0 && literal !== 0 && literal !== family) return reject(systemError('EAFNOSUPPORT'));
      // Before a name is looked up: nothing leaves for whoever has lost his address.
      if (localAddress !== undefined && !hasAddress(localAddress)) return reject(systemError('EADDRNOTAVAIL'));
      const sent = (url.protocol === 'https:' ? requestHttps : requestHttp)(options, resolve);
      sent.on('error', reject);
      sent.end();
    });
  }
}

function parse(text: string, base?: URL): URL {
  let url: URL;
  try {
    url = new URL(text, base);
  } catch {
    throw new EnsembleError('network', `cannot get ${withoutQuery(text)}: it is no valid address: check it`);
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new EnsembleError('network', `cannot get ${withoutQuery(url.href)}: only http and https are spoken here`);
}

/** Addresses of private trackers bear a pass key, which is not for messages. */
function withoutQuery(url: string): string {
  return (/^[^?#]*/.exec(url)?.[0] ?? '').slice(0, 200);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
