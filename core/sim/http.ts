import { EnsembleError } from '../base/errors.ts';
import { isWithin, scopeOf } from '../base/ip-scope.ts';
import { millis } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Http, HttpPost, HttpRequest, HttpResponse } from '../ports/http.ts';
import { networkError, systemError } from '../ports/system-error.ts';

/** Answers a request; may take its time, or reject. */
export type SimHttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** HTTP by table: handlers by origin and path (`http://tracker.example/announce`), without the query. */
export class SimHttp implements Http {
  /** All requests, in order. */
  readonly requests: HttpRequest[] = [];
  readonly #handlers = new Map<string, { readonly answer: SimHttpHandler; readonly host: string | undefined }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets what answers at `address`, and from which host of the network; undefined: nothing does (ECONNREFUSED). */
  on(address: string, answer: SimHttpHandler | undefined, host?: string): void {
    if (answer) this.#handlers.set(address, { answer, host });
    else this.#handlers.delete(address);
  }

  post(request: HttpPost): Promise<HttpResponse> {
    return this.get(request);
  }

  get(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(request);
    const url = new URL(request.url);
    const where = `${url.origin}${url.pathname}`;
    return new Promise((resolve, reject) => {
      const stop = (): void => fail(new EnsembleError('interrupted', `the request to ${where} was stopped`));
      const timer = this.#clock.after(millis(request.timeout), () =>
        fail(networkError(`get ${where}`, systemError('ETIMEDOUT'))),
      );
      const finish = (): void => {
        timer.cancel();
        request.signal?.removeEventListener('abort', stop);
      };
      const fail = (error: unknown): void => {
        finish();
        reject(error instanceof EnsembleError ? error : networkError(`get ${where}`, error));
      };
      if (request.signal?.aborted) return stop();
      request.signal?.addEventListener('abort', stop);
      this.#clock.soon(() => {
        void this.#answer(where, request).then((response) => {
          finish();
          resolve(response);
        }, fail);
      });
    });
  }

  async #answer(where: string, request: HttpRequest): Promise<HttpResponse> {
    const handler = this.#handlers.get(where);
    if (!handler) throw systemError('ECONNREFUSED');
    const { host } = handler;
    const { innermost } = request;
    const scope = host === undefined ? undefined : scopeOf(host);
    if (innermost !== undefined && !isWithin(scope ?? 'global', innermost)) {
      throw new EnsembleError('network', `cannot get ${where}: ${host} lies further in than who sent us there`);
    }
    const response = { ...(scope !== undefined && { scope }), ...(await handler.answer(request)) };
    if (response.body.length > request.maxBytes) {
      throw new EnsembleError('network', `cannot get ${where}: the answer is longer than ${request.maxBytes} bytes`);
    }
    return response;
  }
}
