/** Version of this program: in peer ids, the extension handshake and `--version`. Kept in step with package.json by a test. */
export const VERSION = '0.1.0';

/** How we call ourselves to peers and trackers. */
export const CLIENT = `Ensemble ${VERSION}`;
