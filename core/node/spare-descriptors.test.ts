import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { isExhausted, SpareDescriptors } from './spare-descriptors.ts';
import { bundleForTest } from './testing/bundle.ts';

test.each([
  [Object.assign(new Error(), { code: 'EMFILE' }), true],
  [Object.assign(new Error(), { code: 'ENFILE' }), true],
  // As os.networkInterfaces() says it.
  [
    Object.assign(new Error(), { code: 'ERR_SYSTEM_ERROR', info: { errno: 24, code: 'Unknown system error 24' } }),
    true,
  ],
  [Object.assign(new Error(), { code: 'ERR_SYSTEM_ERROR', info: { errno: -24, code: 'EMFILE' } }), true],
  [Object.assign(new Error(), { code: 'ENOENT' }), false],
  ['EMFILE', false],
])('a want of descriptors is told from other errors: %o', (error, exhausted) => {
  expect(isExhausted(error)).toBe(exhausted);
});

test('they are free while they are lent, for that alone, and held again afterwards', () => {
  const spare = new SpareDescriptors(3);
  let tries = 0;
  const held: number[] = [];
  const answer = spare.lend(() => {
    held.push(spare.held);
    if (++tries === 1) throw Object.assign(new Error(), { code: 'EMFILE' });
    return 'done';
  });
  expect([answer, held, spare.held]).toEqual(['done', [3, 0], 3]);
  expect(() => spare.lend(() => expect.fail('another fault'))).toThrow('another fault');
  expect(spare.held).toBe(3);
  spare.release();
});

/** Uses up what there is, then does what has to go on; the answers as JSON. */
const SCRIPT = `
import { openSync } from 'node:fs';
import { NodeDisk } from './disk.ts';
import { ForkProcessHost } from './fork-process-host.ts';
import { NodeHasher } from './hasher.ts';
import { NodeInterfaces, hasAddress } from './interfaces.ts';
import { NodeProcessFacts } from './process-facts.ts';

const folder = process.argv[2];
if (folder.startsWith('child')) { process.send({ hello: 1 }); process.disconnect(); }
else {
  const disk = new NodeDisk();
  const facts = new NodeProcessFacts();
  await disk.replaceFile(folder + '/kept', new Uint8Array([1]));
  const before = await facts.startTimeOf(process.pid);
  let opened = 0;
  try { for (;;) { openSync('/dev/null', 'r'); opened++; } } catch {}
  const refused = await disk.open(folder + '/other', 'write').then(() => 'opened', (error) => error.code);
  for (let round = 0; round < 3; round++) {
    await disk.replaceFile(folder + '/kept', new Uint8Array([2, round]));
    await disk.replaceFile(folder + '/made', new Uint8Array([3]));
  }
  const view = disk.within(folder);
  await view.replaceFile(folder + '/below', new Uint8Array([4]));
  const below = [...(await view.readFile(folder + '/below', 10))];
  const kept = [...(await disk.readFile(folder + '/kept', 10))];
  const missing = (await disk.readFile(folder + '/missing', 10)) === undefined;
  const tooLong = await disk.readFile(folder + '/kept', 1).then(() => 'read', (error) => error.code);
  const names = (await disk.list(folder)).sort();
  const none = await disk.list(folder + '/missing');
  const loopback = new NodeInterfaces().list().some(({ address }) => address === '127.0.0.1');
  const self = await facts.self();
  const same = before === self.startTime && (await facts.startTimeOf(process.pid)) === before;
  const child = new ForkProcessHost({ identity: process.argv[1], worker: process.argv[1] }).spawn('identity', 'child');
  const hello = await new Promise((resolve) => { child.onMessage(resolve); child.onExit(resolve); });
  const hasher = new NodeHasher(4, { isFull: () => true });
  const pieces = Array.from({ length: 6 }, () => hasher.hash(new Uint8Array(100_000)));
  const digests = (await Promise.all(pieces)).length;
  console.log(JSON.stringify({ opened: opened > 0, refused, below, kept, missing, tooLong, names, none, loopback, same, hello, digests }));
  process.exit(0);
}
`;

test('without a descriptor left, records are written and read, and the system is asked, with those in reserve', async () => {
  const script = await bundleForTest(SCRIPT);
  const folder = await mkdtemp(join(tmpdir(), 'ensemble-spare-'));
  try {
    const { stdout } = await promisify(execFile)('sh', ['-c', `ulimit -n 96; exec "$0" "$1" "$2"`, process.execPath, script, folder]); // prettier-ignore
    expect(JSON.parse(stdout)).toEqual({
      opened: true,
      refused: 'disk',
      below: [4],
      kept: [2, 2],
      missing: true,
      tooLong: 'disk',
      names: ['below', 'kept', 'made'],
      none: [],
      loopback: true,
      same: true,
      hello: { hello: 1 },
      digests: 6,
    });
    expect([...(await readFile(join(folder, 'made')))]).toEqual([3]);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);
