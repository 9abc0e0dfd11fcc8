import type { HandshakeExtensions } from '../wire/handshake.ts';

/** What our handshakes announce. */
export const EXTENSIONS: HandshakeExtensions = { fast: true, extended: true };
