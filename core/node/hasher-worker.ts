/** Bytes of a SHA-1. */
export const DIGEST = 20;

/**
 * What a hashing thread runs: it gets a buffer and how much of it to hash, puts the digest behind that, and sends the
 * buffer back. A text, not a file: so it needs no path, wherever the program is bundled to. CommonJS, because threads
 * that start from a text are.
 */
export const HASHER_WORKER = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
parentPort.on('message', ({ buffer, length }) => {
  const digest = createHash('sha1').update(new Uint8Array(buffer, 0, length)).digest();
  new Uint8Array(buffer, length, ${DIGEST}).set(digest);
  parentPort.postMessage(buffer, [buffer]);
});
`;
