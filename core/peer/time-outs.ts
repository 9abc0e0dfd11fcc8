import { millis } from '../base/ids.ts';

/** A peer sends something at least every two minutes (BEP 3, "keepalives"); one that is silent for longer is gone. */
export const SILENCE_TIMEOUT = millis(150_000);

/** A keep-alive follows when we sent nothing for so long: in time for a peer that waits two minutes. */
export const KEEP_ALIVE_AFTER = millis(100_000);

/** Bytes that nobody takes for so long mean that the peer is gone. */
export const STUCK_TIMEOUT = millis(60_000);

/** For a connection to stand. */
export const CONNECT_TIMEOUT = millis(15_000);

/** For a peer's handshake to come, from when the connection stands. */
export const HANDSHAKE_TIMEOUT = millis(20_000);
