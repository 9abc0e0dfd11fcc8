/** Numbers that a thread answers each look with: the first is one of `LOOKED`, the others are of what is there. */
export const FIELDS = 8;

/** `usual`: the thread cannot tell, so look in the usual way. */
export const LOOKED = { usual: 0n, absent: 1n, there: 2n } as const;

/** O_PATH of Linux, which Node does not name: the descriptor only stands for the place, which needs no permission to read. */
export const PLACE_ONLY = 0o10000000;

/**
 * The program of the thread that looks at many paths at once. A job is a list of `[folder, name, real]`: what is at the path `name`; or at
 * that name in a folder, if the folder lies as it is called, so that nothing in its own name is a link; or (`real`) where a path
 * really leads. All that is unclear or fails is left to the usual way. See `hasher-worker` for why it is a text.
 */
export const LOOK_WORKER = `
const { parentPort } = require('node:worker_threads');
const { closeSync, constants, lstatSync, openSync, readlinkSync, realpathSync } = require('node:fs');
const FOLDER = ${PLACE_ONLY} | constants.O_DIRECTORY | constants.O_NOFOLLOW;
let open, descriptor;
const liesAsCalled = (folder) => readlinkSync('/proc/self/fd/' + descriptor, { encoding: 'buffer' }).equals(Buffer.from(folder));
const leave = () => {
  if (open !== undefined) closeSync(descriptor);
  open = undefined;
};
const enter = (folder) => {
  if (open !== folder) {
    leave();
    descriptor = openSync(folder, FOLDER);
    open = folder;
  }
  return liesAsCalled(folder);
};
const look = (path, facts, at) => {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  facts[at] = ${LOOKED.absent}n;
  if (stats === undefined) return;
  const { mode, size, blocks, mtimeNs, ctimeNs, dev, ino } = stats;
  facts.set([${LOOKED.there}n, mode, size, blocks, mtimeNs, ctimeNs, dev, ino], at);
};
parentPort.on('message', (job) => {
  const facts = new BigInt64Array(job.length * ${FIELDS});
  const places = job.map(() => null);
  job.forEach(([folder, name, real], i) => {
    try {
      if (real) places[i] = realpathSync.native(name);
      else if (folder === null) look(name, facts, i * ${FIELDS});
      else if (enter(folder)) look('/proc/self/fd/' + descriptor + '/' + name, facts, i * ${FIELDS});
    } catch {}
  });
  leave();
  parentPort.postMessage({ facts, places }, [facts.buffer]);
});
`;
