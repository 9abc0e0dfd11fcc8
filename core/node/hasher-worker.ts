/**
 * What a hashing thread runs. A text, not a file: so it needs no path, wherever the program is bundled to. CommonJS,
 * because threads that start from a text are.
 */
export const HASHER_WORKER = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
parentPort.on('message', (data) => {
  parentPort.postMessage(new Uint8Array(createHash('sha1').update(data).digest()));
});
`;
