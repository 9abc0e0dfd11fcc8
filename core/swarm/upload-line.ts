import { bytesPerSecond, type Millis } from '../base/ids.ts';
import { TokenBucket } from '../base/token-bucket.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { UploadRoom } from '../strategy/upload/upload-room.ts';
import { everySecond } from './every-second.ts';

/** A swarm that uploads over the line. */
export interface LineUser {
  /** It has something left to download. */
  readonly leeching: boolean;
  /** Over TCP: bytes of blocks that have left since the last call, bytes that wait in sockets. And payload to us in bytes a second. */
  load(now: Millis): { readonly sent: number; readonly waiting: number; readonly down: number };
}

/** The line over which all swarms of a process upload: while one of them downloads, `bucket` limits their uploads over TCP (`UploadRoom`). */
export class UploadLine {
  readonly bucket: TokenBucket;
  readonly #ports: { readonly clock: Clock };
  readonly #room = new UploadRoom();
  readonly #users = new Set<LineUser>();
  #timer: Timer | undefined;
  #at: Millis;

  constructor(ports: { readonly clock: Clock }) {
    this.#ports = ports;
    this.#at = ports.clock.now();
    this.bucket = new TokenBucket(bytesPerSecond(0), this.#at);
  }

  join(user: LineUser): void {
    this.#users.add(user);
    this.#timer ??= everySecond(this.#ports, () => this.#tick());
  }

  leave(user: LineUser): void {
    this.#users.delete(user);
    if (this.#users.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.bucket.setRate(this.#room.free(), this.#ports.clock.now());
  }

  #tick(): void {
    const { clock } = this.#ports;
    const now = clock.now();
    const seconds = Math.max(0.5, (now - this.#at) / 1000);
    this.#at = now;
    let leeching = false;
    for (const user of this.#users) leeching ||= user.leeching;
    if (!leeching) {
      if (!this.bucket.unlimited) this.bucket.setRate(this.#room.free(), now);
      return;
    }
    const sum = { sent: 0, waiting: 0, down: 0 };
    for (const user of this.#users) {
      const { sent, waiting, down } = user.load(now);
      sum.sent += sent;
      sum.waiting += waiting;
      sum.down += down;
    }
    this.bucket.setRate(this.#room.next({ ...sum, sent: sum.sent / seconds, wall: clock.wall() }), now);
  }
}
