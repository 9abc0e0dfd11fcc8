import { millis } from '../base/ids.ts';

/** A peer sends something at least every two minutes (BEP 3, "keepalives"); one that is silent for longer is gone. */
export const SILENCE_TIMEOUT = millis(150_000);

/** After this much silence of ours a keep-alive is sent: in time for a peer that waits two minutes. */
export const KEEP_ALIVE_AFTER = millis(100_000);

/** How often it is looked whether it is time for one. */
export const KEEP_ALIVE_LOOK = millis(10_000);

/** If queued bytes do not leave for this long, the peer is gone. */
export const STUCK_TIMEOUT = millis(60_000);

/** How long a connection may take to be established. */
export const CONNECT_TIMEOUT = millis(15_000);

/** How long a peer's handshake may take once the connection is established. */
export const HANDSHAKE_TIMEOUT = millis(20_000);
