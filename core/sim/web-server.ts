import { concatBytes } from '../base/bytes.ts';
import { millis } from '../base/ids.ts';
import type { Connection, ConnectionHandler } from '../ports/net.ts';
import { type PlainRequest, RequestReader } from './http-requests.ts';
import type { SimHost } from './net-host.ts';

/** A request as the server read it. */
export interface HeardRequest extends PlainRequest {
  /** The range that is asked for; without one all of it. */
  readonly from: number;
  readonly to: number | undefined;
  /** Address of whoever asks. */
  readonly remote: string;
}

/** What it answers. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array;
  /** Sends so many bytes of the body and closes. */
  readonly cut?: number;
  /** In chunks of so many bytes. */
  readonly chunks?: number;
}

/** An HTTP server on a simulated host, with a record of what it was asked for. It keeps connections, and answers in order. */
export class SimWebServer {
  readonly heard: HeardRequest[] = [];
  /** By path, encoded as it is asked for. */
  readonly files = new Map<string, Uint8Array>();
  /** Answers in place of the server; undefined: it answers itself; `nothing`: no answer ever comes. */
  answer: ((request: HeardRequest, count: number) => Reply | 'nothing' | undefined) | undefined;
  /** Makes something else of each answer. */
  garble: ((answer: Uint8Array) => Uint8Array) | undefined;
  /** Connections that were made. */
  connections = 0;

  /** Begins to listen. */
  async listen(host: SimHost, port = 80): Promise<void> {
    const timeouts = { silenceTimeout: millis(600_000), stuckTimeout: millis(600_000) };
    await host.listen({ port, ...timeouts }, () => {
      this.connections++;
      return this.#conversation();
    });
  }

  #conversation(): ConnectionHandler {
    const reader = new RequestReader();
    return {
      data: (connection, data) => {
        for (const plain of reader.push(data)) {
          const request = heardBy(plain, connection.remote.host);
          this.heard.push(request);
          const reply = this.answer?.(request, this.heard.length) ?? this.#usual(request);
          if (reply !== 'nothing') send(connection, reply, this.garble);
        }
      },
      closed: () => {},
    };
  }

  #usual({ target, from, to }: HeardRequest): Reply {
    const file = this.files.get(target);
    if (file === undefined) return { status: 404, body: new TextEncoder().encode('<h1>Not found</h1>') };
    return part(file, from, to);
  }
}

/** The answer of a server that gives parts of files. */
export function part(file: Uint8Array, from: number, to = file.length): Reply {
  if (from >= file.length) return { status: 416, headers: { 'Content-Range': `bytes */${file.length}` } };
  const body = file.subarray(from, to);
  const range = `bytes ${from}-${from + body.length - 1}/${file.length}`;
  return { status: 206, headers: { 'Content-Range': range }, body };
}

function heardBy(request: PlainRequest, remote: string): HeardRequest {
  const [, from, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get('range') ?? '') ?? [];
  return {
    ...request,
    from: Number(from ?? 0),
    to: last === undefined || last === '' ? undefined : Number(last) + 1,
    remote,
  };
}

function send(connection: Connection, reply: Reply, garble: SimWebServer['garble']): void {
  const { status, headers = {}, body = new Uint8Array(), cut, chunks } = reply;
  const length = chunks === undefined ? { 'Content-Length': body.length } : { 'Transfer-Encoding': 'chunked' };
  const lines = Object.entries({ ...length, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = new TextEncoder().encode(`HTTP/1.1 ${status} -\r\nServer: sim/1\r\n${lines.join('')}\r\n`);
  const answer = concatBytes(head, chunks === undefined ? body.slice(0, cut) : chunked(body, chunks));
  connection.write(garble?.(answer) ?? answer);
  if (cut !== undefined) connection.end();
}

function chunked(body: Uint8Array, size: number): Uint8Array {
  const parts: Uint8Array[] = [];
  const line = (text: string): Uint8Array => new TextEncoder().encode(text);
  for (let at = 0; at < body.length; at += size) {
    const chunk = body.subarray(at, at + size);
    parts.push(line(`${chunk.length.toString(16)}\r\n`), chunk, line('\r\n'));
  }
  return concatBytes(...parts, line('0\r\n\r\n'));
}
