import { millis } from '../base/ids.ts';
import type { HttpListener, HttpListenOptions, ServedAnswer } from '../ports/http-server.ts';
import type { Connection, ConnectionHandler, Net } from '../ports/net.ts';
import { RequestReader } from './http-requests.ts';

const LONG = millis(600_000);

/** An HTTP server on a simulated network, as `listenHttp` is one on a real one: requests of a connection are answered in turn. */
export async function listenSim(net: Pick<Net, 'listen'>, { port, answer }: HttpListenOptions): Promise<HttpListener> {
  const open = new Set<Conversation>();
  const listener = await net.listen({ port, silenceTimeout: LONG, stuckTimeout: LONG }, () => {
    const one = new Conversation(answer, () => open.delete(one));
    open.add(one);
    return one.handler;
  });
  return {
    local: listener.local,
    close: async () => {
      for (const one of open) one.end();
      await listener.close();
    },
  };
}

class Conversation {
  readonly handler: ConnectionHandler;
  readonly #answer: HttpListenOptions['answer'];
  readonly #gone = new AbortController();
  readonly #reader = new RequestReader();
  #connection: Connection | undefined;
  #turn: Promise<void> = Promise.resolve();
  #drained = (): void => {};

  constructor(answer: HttpListenOptions['answer'], over: () => void) {
    this.#answer = answer;
    this.handler = {
      data: (connection, data) => {
        this.#connection = connection;
        for (const { method, target, headers } of this.#reader.push(data)) {
          const request = { method, path: target, header: (name: string) => headers.get(name) };
          this.#turn = this.#turn.then(() => this.#send(connection, this.#answer(request)));
        }
      },
      drained: () => this.#drained(),
      closed: () => {
        this.#gone.abort();
        this.#drained();
        over();
      },
    };
  }

  end(): void {
    this.#connection?.destroy();
  }

  async #send(connection: Connection, { status, headers, body }: ServedAnswer): Promise<void> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    connection.write(new TextEncoder().encode(`HTTP/1.1 ${status} -\r\n${lines.join('')}\r\n`));
    try {
      for await (const data of body?.(this.#gone.signal) ?? []) {
        if (this.#gone.signal.aborted) return;
        if (!connection.write(data)) await new Promise<void>((resolve) => (this.#drained = resolve));
      }
    } catch {
      connection.destroy();
    }
  }
}
