import type { IncomingMessage, RequestOptions } from 'node:http';
import { lookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { EnsembleError } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import type { Scope } from '../base/ip-scope.ts';
import { isWithin } from '../base/ip-scope.ts';
import type { Http, HttpPost, HttpRequest, HttpResponse } from '../ports/http.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import { NodeClock } from './clock.ts';
import { hasAddress, scopeFromHere } from './interfaces.ts';
import { plainAddress } from './net-connection.ts';
import { readBody } from './http-body.ts';

const clock = new NodeClock();
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** HTTP over a connection of its own for each request. */
export class NodeHttp implements Http {
  readonly #userAgent: string;

  /** `version` of this program, for the User-Agent. */
  constructor(version?: string) {
    this.#userAgent = version === undefined ? 'Ensemble' : `Ensemble/${version}`;
  }

  get(request: HttpRequest): Promise<HttpResponse> {
    return this.#within(request, undefined);
  }

  post(request: HttpPost): Promise<HttpResponse> {
    return this.#within(request, request.body);
  }

  async #within(request: HttpRequest, body: Uint8Array | undefined): Promise<HttpResponse> {
    const deadline = new AbortController();
    const where = withoutQuery(request.url);
    const timer = clock.after(millis(request.timeout), () => deadline.abort(systemError('ETIMEDOUT')));
    const stop = (): void => deadline.abort(new EnsembleError('interrupted', `the request to ${where} was stopped`));
    if (request.signal?.aborted) stop();
    request.signal?.addEventListener('abort', stop, { once: true });
    try {
      return await this.#exchange(request, body, deadline.signal);
    } catch (error) {
      const cause: unknown = deadline.signal.aborted ? deadline.signal.reason : error;
      throw cause instanceof EnsembleError
        ? cause
        : networkError(`${body === undefined ? 'get' : 'call'} ${where}`, cause);
    } finally {
      timer.cancel();
      request.signal?.removeEventListener('abort', stop);
    }
  }

  async #exchange(request: HttpRequest, body: Uint8Array | undefined, signal: AbortSignal): Promise<HttpResponse> {
    const { response, remoteAddress } = await this.#send(parse(request.url), request, body, signal);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    const scope = remoteAddress === undefined ? undefined : scopeFromHere(remoteAddress);
    const from = scope === undefined ? {} : { scope };
    if (REDIRECTS.has(status) && location !== undefined) {
      response.destroy();
      return { status, body: new Uint8Array(), ...from, location };
    }
    return { status, body: await readBody(response, request.maxBytes, signal), ...from };
  }

  #send(
    url: URL,
    request: HttpRequest,
    body: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<{ response: IncomingMessage; remoteAddress: string | undefined }> {
    const { localAddress, innermost } = request;
    const family = request.family ?? (localAddress === undefined ? 0 : isIP(localAddress));
    const auth = url.username !== '' ? `${decode(url.username)}:${decode(url.password)}` : undefined;
    const options: RequestOptions = {
      method: body === undefined ? 'GET' : 'POST',
      hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port,
      path: `${url.pathname}${url.search}`,
      headers: {
        'User-Agent': this.#userAgent,
        'Accept-Encoding': 'gzip, deflate',
        // Routers' servers are not sure to know chunks.
        ...(body === undefined ? {} : { 'Content-Length': String(body.length) }),
        ...request.headers,
      },
      agent: false,
      signal,
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(family === 0 ? {} : { family, autoSelectFamily: false }),
      ...(auth === undefined ? {} : { auth }),
      ...(innermost === undefined ? {} : { lookup: lookupWithin(url, innermost) }),
    };
    return new Promise((resolve, reject) => {
      const literal = isIP(options.hostname ?? '');
      if (family !== 0 && literal !== 0 && literal !== family) return reject(systemError('EAFNOSUPPORT'));
      // Before a name is looked up, as nothing may be sent while the local address is gone.
      if (localAddress !== undefined && !hasAddress(localAddress)) return reject(systemError('EADDRNOTAVAIL'));
      // A literal is not looked up.
      if (innermost !== undefined && literal !== 0) {
        const refused = refusal(url, options.hostname ?? '', innermost);
        if (refused !== undefined) return reject(refused);
      }
      const sent = (url.protocol === 'https:' ? requestHttps : requestHttp)(options, (response) =>
        resolve({ response, remoteAddress: plainAddress(response.socket.remoteAddress) }),
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

/** Resolves a name for one connection to addresses that lie no further inside, so that the checked address is the one connected to. */
function lookupWithin(url: URL, innermost: Scope): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, []);
      const fit = found.filter(({ address }) => refusal(url, address, innermost) === undefined);
      const [first] = fit;
      if (first === undefined) return done(refusal(url, found[0]?.address ?? 'nowhere', innermost) ?? null, []);
      if (options.all) done(null, fit);
      else done(null, first.address, first.family);
    });
  };
}

/** Why we do not connect to this address; undefined where we may. */
function refusal(url: URL, address: string, innermost: Scope): EnsembleError | undefined {
  const scope = scopeFromHere(address);
  if (scope !== undefined && isWithin(scope, innermost)) return undefined;
  const where = withoutQuery(url.href);
  return new EnsembleError('network', `cannot get ${where}: ${address} lies further in than who sent us there`);
}

function parse(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new EnsembleError('network', `cannot get ${withoutQuery(text)}: it is no valid address: check it`);
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new EnsembleError('network', `cannot get ${withoutQuery(url.href)}: only http and https are spoken here`);
}

/** URLs of private trackers contain a passkey, which does not belong in messages. */
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
