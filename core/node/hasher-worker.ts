import { MAX_DIGEST } from '../base/hashing.ts';
import { LEAF_LENGTH } from '../merkle/tree.ts';

/** Room for a digest. */
export const DIGEST = MAX_DIGEST;

/** How much a thread reads of a file at a time: little enough to be still in its core's cache when it is hashed. Whole leaves. */
const CHUNK = 8 * LEAF_LENGTH;

/**
 * The program of a hashing thread. A job is either a buffer and how much of it to hash: the digest is put behind these bytes and
 * the buffer sent back. Or it is the descriptor of a file, where to begin and how much to hash: the digest is sent, or null where
 * not all could be read; what was read is also written to another file if the job says so. `hashing` says how (`base/hashing`).
 * Holes of sparse files read as zeros, fast, and the SHA-1 of nothing but zeros is made once for each length, as is the leaf of a
 * block of zeros. It is a text and not a file, so that it needs no path in a bundle; and CommonJS, as threads that start from a text are.
 */
export const HASHER_WORKER = `
const { parentPort } = require('node:worker_threads');
const { createHash, hash: hashOf } = require('node:crypto');
const { readSync, writeSync } = require('node:fs');
let chunk, zeros, zeroLeaf, ofZeros = new Map();
const isZero = (data) => data.length === ${CHUNK} ? data.equals(zeros) : data.every((byte) => byte === 0);
const sha256 = (data) => hashOf('sha256', data, 'buffer');
const begin = (zeroBytes) => {
  const hash = createHash('sha1');
  for (let left = zeroBytes; left > 0; left -= ${CHUNK}) hash.update(left < ${CHUNK} ? zeros.subarray(0, left) : zeros);
  return hash;
};
const addLeaves = (leaves, data, zero) => {
  for (let at = 0; at < data.length; at += ${LEAF_LENGTH}) {
    const whole = at + ${LEAF_LENGTH} <= data.length;
    leaves.push(zero && whole ? (zeroLeaf ??= sha256(zeros.subarray(0, ${LEAF_LENGTH}))) : sha256(data.subarray(at, at + ${LEAF_LENGTH})));
  }
};
const rootOf = (leaves, height) => {
  let blank = Buffer.alloc(32);
  for (let row = leaves; height >= 0; height--) {
    if (height === 0) return row[0] ?? blank;
    const above = [];
    for (let i = 0; i < row.length; i += 2) above.push(sha256(Buffer.concat([row[i], row[i + 1] ?? blank])));
    blank = sha256(Buffer.concat([blank, blank]));
    row = above;
  }
};
const readAll = (descriptor, length, position) => {
  for (let done = 0; done < length; ) {
    const count = readSync(descriptor, chunk, done, length - done, position + done);
    if (count === 0) return undefined;
    done += count;
  }
  return length === ${CHUNK} ? chunk : chunk.subarray(0, length);
};
const writeAll = (descriptor, data, position) => {
  for (let done = 0; done < data.length; ) {
    const count = writeSync(descriptor, data, done, data.length - done, position + done);
    if (count === 0) throw new Error('no room');
    done += count;
  }
};
const stored = ({ descriptor, position, length, copy, hashing: { sha1, tree } }) => {
  chunk ??= Buffer.alloc(${CHUNK});
  zeros ??= Buffer.alloc(${CHUNK});
  const leaves = [];
  let hash;
  for (let at = 0; at < length; at += ${CHUNK}) {
    const data = readAll(descriptor, Math.min(${CHUNK}, length - at), position + at);
    if (data === undefined) return null;
    const zero = (hash === undefined || tree !== undefined) && isZero(data);
    if (sha1 && hash === undefined && !zero) hash = begin(at);
    hash?.update(data);
    if (tree !== undefined && at < tree.bytes) addLeaves(leaves, data.subarray(0, tree.bytes - at), zero);
    if (copy !== undefined) writeAll(copy.descriptor, data, copy.position + at);
  }
  const digests = [];
  if (hash !== undefined) digests.push(hash.digest());
  else if (sha1) {
    if (!ofZeros.has(length)) ofZeros.set(length, begin(length).digest());
    digests.push(ofZeros.get(length));
  }
  if (tree !== undefined) digests.push(rootOf(leaves, tree.height));
  return Buffer.concat(digests);
};
const moved = (data, { sha1, tree }) => {
  const digests = sha1 ? [createHash('sha1').update(data).digest()] : [];
  if (tree !== undefined) {
    const leaves = [];
    addLeaves(leaves, data.subarray(0, tree.bytes), false);
    digests.push(rootOf(leaves, tree.height));
  }
  return Buffer.concat(digests);
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
  const digest = moved(new Uint8Array(buffer, 0, length), job.hashing);
  new Uint8Array(buffer, length, digest.length).set(digest);
  parentPort.postMessage(buffer, [buffer]);
});
`;
