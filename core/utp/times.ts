/** All in milliseconds. */

/** After this much silence of ours something is sent: home routers forget a connection after half a minute (libutp). */
export const KEEP_ALIVE = 29_000;
/** How long an acknowledgement may wait for company. */
export const ACK_DELAY = 40;
/** How long the other side's window may be closed before one packet is sent all the same: its opening may have got lost. */
export const WINDOW_PROBE = 15_000;
/** How long a connection that was closed here tries to bring across what it sent last. */
export const LINGER = 10_000;
