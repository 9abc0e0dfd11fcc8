/** All in milliseconds. */

/** After this much silence of ours something is sent: home routers forget a connection after half a minute (libutp). */
export const KEEP_ALIVE = 29_000;
/** How long an acknowledgement may wait for company. */
export const ACK_DELAY = 40;
/** Where something got lost, so may our acknowledgement: it is said again where nothing comes for two round trips, or at least this long. */
export const SAID_AGAIN = 200;
/** How long what comes in order may wait for more of it before it is read and acknowledged, in one go. */
export const GATHER = 3;
/** Only where a round trip takes this much does that make no difference to it. */
export const GATHER_FROM = 10 * GATHER;
/** How long the other side's window may be closed before one packet is sent all the same: its opening may have got lost. */
export const WINDOW_PROBE = 15_000;
/** How long a connection that was closed here tries to bring across what it sent last. */
export const LINGER = 10_000;
