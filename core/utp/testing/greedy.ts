import { readU32, writeU32 } from '../../base/bytes.ts';
import { millis } from '../../base/ids.ts';
import type { DatagramSocket } from '../../ports/datagram.ts';
import type { SimHost } from '../../sim/net-host.ts';
import type { VirtualClock } from '../../sim/clock.ts';

const PACKET = 1_400;

/** A flow as TCP's (Reno): it sends more until something gets lost, then half as much. */
export class GreedyFlow {
  /** Bytes that came. */
  received = 0;
  readonly #clock: VirtualClock;
  #socket: DatagramSocket | undefined;
  #to = '';
  #window = 2;
  #starting = true;
  #next = 1;
  #acked = 0;
  #halvedAt = 0;
  #heardAt = 0;
  #on = true;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async start(from: SimHost, to: SimHost, port = 4000): Promise<void> {
    this.#to = to.link().address;
    const far: DatagramSocket = await to.datagram(
      { family: 4, localAddress: this.#to, port },
      {
        received: (data, host, fromPort) => {
          this.received += data.length;
          far.send(data.slice(0, 20), host, fromPort);
        },
      },
    );
    this.#socket = await from.datagram(
      { family: 4, localAddress: from.link().address, port },
      { received: (data) => this.#heard(readU32(data, 0)) },
    );
    const watch = (): void => {
      if (!this.#on) return;
      // All is lost: begins again.
      if (this.#clock.now() - this.#heardAt > 1_000) {
        this.#acked = this.#next - 1;
        this.#window = 2;
        this.#starting = true;
        this.#send();
      }
      this.#clock.after(millis(1_000), watch);
    };
    watch();
    this.#send();
  }

  stop(): void {
    this.#on = false;
    this.#socket?.close();
  }

  #heard(seq: number): void {
    this.#heardAt = this.#clock.now();
    if (seq <= this.#acked) return;
    // The line keeps the order: what was passed over is lost.
    if (seq > this.#acked + 1 && this.#halvedAt <= this.#acked) {
      this.#window = Math.max(2, this.#window / 2);
      this.#starting = false;
      this.#halvedAt = this.#next;
    } else this.#window += this.#starting ? 1 : 1 / this.#window;
    this.#acked = seq;
    this.#send();
  }

  #send(): void {
    while (this.#on && this.#next - this.#acked <= this.#window) {
      const data = new Uint8Array(PACKET);
      writeU32(data, 0, this.#next++);
      this.#socket?.send(data, this.#to, 4000);
    }
  }
}
