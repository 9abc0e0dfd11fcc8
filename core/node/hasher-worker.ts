/** Bytes of a SHA-1. */
export const DIGEST = 20;

/** How much a thread reads of a file at a time: little enough to be still in its core's cache when it is hashed. */
const CHUNK = 128 * 1024;

/**
 * The program of a hashing thread. A job is either a buffer and how much of it to hash: the digest is put behind these bytes and
 * the buffer sent back. Or it is the descriptor of a file, where to begin and how much to hash: the digest is sent, or null where
 * not all could be read; what was read is also written to another file if the job says so. Holes of sparse files read as zeros,
 * fast, and the digest of nothing but zeros is made once for each length. It is a text and not a file, so that it needs no path in
 * a bundle; and CommonJS, as threads that start from a text are.
 */
export const HASHER_WORKER = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const { readSync, writeSync } = require('node:fs');
let chunk, zeros, ofZeros = new Map();
const isZero = (data) => data.length === ${CHUNK} ? data.equals(zeros) : data.every((byte) => byte === 0);
const begin = (zeroBytes) => {
  const hash = createHash('sha1');
  for (let left = zeroBytes; left > 0; left -= ${CHUNK}) hash.update(left < ${CHUNK} ? zeros.subarray(0, left) : zeros);
  return hash;
};
const writeAll = (descriptor, data, position) => {
  for (let done = 0; done < data.length; ) {
    const count = writeSync(descriptor, data, done, data.length - done, position + done);
    if (count === 0) throw new Error('no room');
    done += count;
  }
};
const stored = ({ descriptor, position, length, copy }) => {
  chunk ??= Buffer.alloc(${CHUNK});
  zeros ??= Buffer.alloc(${CHUNK});
  let hash;
  for (let at = 0; at < length; ) {
    const count = readSync(descriptor, chunk, 0, Math.min(${CHUNK}, length - at), position + at);
    if (count === 0) return null;
    const data = count === ${CHUNK} ? chunk : chunk.subarray(0, count);
    if (hash === undefined && !isZero(data)) hash = begin(at);
    hash?.update(data);
    if (copy !== undefined) writeAll(copy.descriptor, data, copy.position + at);
    at += count;
  }
  if (hash !== undefined) return hash.digest();
  if (!ofZeros.has(length)) ofZeros.set(length, begin(length).digest());
  return ofZeros.get(length);
};
parentPort.on('message', (job) => {
  const { buffer, length } = job;
  if (buffer === undefined) {
    let digest = null;
    try {
      digest = stored(job);
    } catch {}
    return parentPort.postMessage(digest);
  }
  const digest = createHash('sha1').update(new Uint8Array(buffer, 0, length)).digest();
  new Uint8Array(buffer, length, ${DIGEST}).set(digest);
  parentPort.postMessage(buffer, [buffer]);
});
`;
