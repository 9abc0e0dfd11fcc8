import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { messageOf } from '../../core/base/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { MAX_REQUEST_BYTES, type TransmissionRpc } from '../../core/rpc/transmission-rpc.ts';
import { notice, refuse } from './answers.ts';
import { Attempts } from './attempts.ts';
import { sameSecret } from './same-secret.ts';

/** Where clients of Transmission ask. Some add a slash. */
const PATH = /^\/transmission\/rpc\/?$/;
const SESSION_HEADER = 'X-Transmission-Session-Id';
/** Most bytes of requests that are read or answered at a time; whoever comes with more is told to come back. */
const MAX_HELD = 2 * MAX_REQUEST_BYTES;
/** Shorter answers are sent as they are. */
const WORTH_PACKING = 4096;

const pack = promisify(gzip);

export interface RpcEndOptions {
  readonly rpc: Pick<TransmissionRpc, 'answer'>;
  readonly sessionId: string;
  /** `user:password`. */
  readonly credentials: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly warn: (text: string) => void;
}

/** Whether who asks may: `nobody` has not said who it is. `wait`: seconds until it is heard again. */
export type RpcVisitor = 'right' | 'wrong' | 'nobody' | { readonly wait: number };

/**
 * The HTTP end of Transmission's protocol: a user and a password of its own with each request (Basic, RFC 7617), and a session id that a
 * page of another site cannot send, which the first answer (409) tells.
 */
export class RpcEnd {
  readonly #o: RpcEndOptions;
  readonly #attempts: Attempts;
  #held = 0;

  constructor(options: RpcEndOptions) {
    this.#o = options;
    this.#attempts = new Attempts(options.clock);
  }

  static isAt(path: string): boolean {
    return PATH.test(path);
  }

  /** Whoever was wrong often is not heard for a while, as passwords can be guessed. */
  judge({ authorization }: IncomingHttpHeaders, address: string): RpcVisitor {
    const [, code] = /^Basic +([A-Za-z0-9+/=]{1,1024})$/i.exec(authorization ?? '') ?? [];
    if (code === undefined) return 'nobody';
    const wait = this.#attempts.wait(address);
    if (wait > 0) return { wait };
    if (sameSecret(Buffer.from(code, 'base64').toString('utf8'), this.#o.credentials)) {
      this.#attempts.right(address);
      return 'right';
    }
    this.#attempts.wrong(address);
    this.#o.warn(`A wrong user or password for Transmission's protocol came from ${address}.`);
    return 'wrong';
  }

  /** Answers a request of somebody who was judged. Whoever may not gets one answer, and nothing of what it sends is read. */
  async answer(request: IncomingMessage, response: ServerResponse, visitor: RpcVisitor): Promise<void> {
    const { headers, method } = request;
    if (typeof visitor === 'object') {
      response.setHeader('Retry-After', visitor.wait);
      refuse(response, 429, `Too many wrong passwords: try again in ${visitor.wait} seconds.`);
    } else if (visitor !== 'right') {
      response.setHeader('WWW-Authenticate', 'Basic realm="Transmission", charset="UTF-8"');
      refuse(response, 401, 'User and password are wrong or missing.');
    } else if (headers[SESSION_HEADER.toLowerCase()] !== this.#o.sessionId) {
      // What came along is not needed, and the client comes again over the same connection.
      request.resume();
      response.setHeader(SESSION_HEADER, this.#o.sessionId);
      notice(response, 409, `Send the request again with the header ${SESSION_HEADER} of this answer.`);
    } else if (method !== 'POST') {
      response.setHeader('Allow', 'POST');
      refuse(response, 405, 'Requests are sent by POST.');
    } else await this.#call(request, response);
  }

  async #call(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    let length = 0;
    const tooLong = (): void => refuse(response, 413, `At most ${MAX_REQUEST_BYTES} bytes may be sent.`);
    if (Number(request.headers['content-length'] ?? 0) > MAX_REQUEST_BYTES) return tooLong();
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        this.#held += chunk.length;
        if (length > MAX_REQUEST_BYTES) return tooLong();
        if (this.#held > MAX_HELD) return refuse(response, 503, 'Too much is being sent at a time: try again.');
        chunks.push(chunk);
      }
      const reply = JSON.stringify(await this.#o.rpc.answer(Buffer.concat(chunks)));
      await send(response, reply, headerOf(request));
    } catch (error) {
      // The connection broke, or the answer is too long for a string.
      if (!response.headersSent && !response.destroyed) refuse(response, 500, messageOf(error));
    } finally {
      this.#held -= length;
    }
  }
}

const headerOf = ({ headers }: IncomingMessage): string => [headers['accept-encoding'] ?? ''].flat().join(',');

async function send(response: ServerResponse, reply: string, accepted: string): Promise<void> {
  const plain = Buffer.from(reply, 'utf8');
  const packs = plain.length >= WORTH_PACKING && /(?:^|[\s,])gzip(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(accepted);
  const body = packs ? await pack(plain, { level: 1 }) : plain;
  response.writeHead(200, {
    'Content-Type': 'application/json; charset=UTF-8',
    'Content-Length': body.length,
    ...(packs ? { 'Content-Encoding': 'gzip' } : {}),
  });
  response.end(body);
}
