import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { ProxyTalk } from '../ports/net.ts';
import { reasonByProxy } from '../ports/proxy-reason.ts';
import { systemError } from '../ports/system-error.ts';

/**
 * A connection with what lies behind a proxy, for what speaks over streams of Node's: what is written waits until the proxy, to which
 * `socket` is being connected, has connected us. It fails with the codes of `DialOptions.via`.
 */
export class TalkedSocket extends Duplex {
  readonly #socket: Socket;
  readonly #talk: ProxyTalk;
  #ready = false;
  #held: (() => void) | undefined;

  constructor(socket: Socket, talk: ProxyTalk) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#talk = talk;
    const begin = (): unknown => socket.write(talk.begin());
    if (socket.connecting) socket.once('connect', begin);
    else begin();
    socket.on('data', (data: Buffer) => this.#received(data));
    socket.on('end', () => (this.#ready ? this.push(null) : this.#failed({ kind: 'remote' })));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#ready) this.destroy(error);
      else this.#failed({ kind: 'error', code: error.code ?? 'EIO' });
    });
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    if (this.#ready) this.#socket.resume();
  }

  override _write(data: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#ready) this.#socket.write(data, done);
    else this.#held = () => this.#socket.write(data, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #received(data: Buffer): void {
    if (this.#ready) {
      if (!this.push(data)) this.#socket.pause();
      return;
    }
    const step = this.#talk.received(data);
    if (step.kind === 'failed') return this.#failed({ kind: 'error', code: step.code });
    if (step.kind === 'more') {
      if (step.send !== undefined) this.#socket.write(step.send);
      return;
    }
    this.#ready = true;
    this.emit('ready');
    if (step.rest.length > 0) this.push(Buffer.from(step.rest));
    this.#held?.();
    this.#held = undefined;
  }

  #failed(reason: Parameters<typeof reasonByProxy>[0]): void {
    const why = reasonByProxy(reason, this.#talk);
    this.destroy(systemError(why.kind === 'error' ? why.code : 'EPROXY'));
  }
}
