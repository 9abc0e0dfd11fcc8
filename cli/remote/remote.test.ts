import { beforeEach, describe, expect, test } from 'vitest';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { EXIT } from '../exit-codes.ts';
import { RunningBench } from '../testing/running-bench.ts';

let bench: RunningBench;
beforeEach(() => (bench = new RunningBench()));

const key = (n: number): string => `${n}`.repeat(40);

describe('list', () => {
  test('each with its number, then the sum', async () => {
    expect(await bench.run('list --json')).toBe(EXIT.done);
    expect(bench.json.map(({ event }) => event)).toEqual(['download', 'download', 'download', 'download', 'list']);
    expect(bench.json[0]).toMatchObject({ version: 1, number: 1, program: 'serve', pid: 7, infoHash: key(1) });
    expect(bench.json[0]).not.toHaveProperty('key');
    expect(bench.json.at(-1)).toMatchObject({ downloads: 4 });
  });

  test.each([
    ['--only paused', [3]],
    ['--only seeding', [2]],
    ['--only downloading', [1, 4]],
    ['no-such-name', []],
    ['--category none', []],
  ])('%s', async (words, numbers) => {
    expect(await bench.run(`list ${words} --json`)).toBe(EXIT.done);
    expect(bench.json.filter(({ event }) => event === 'download').map(({ number }) => number)).toEqual(numbers);
  });

  test('for people: a table that a terminal does not wrap, and that a pipe gets whole', async () => {
    const name = bench.theirs.downloads()[0]?.name ?? '';
    await bench.run('list');
    expect(bench.out).toContain(name);
    expect(bench.out).toContain('4 downloads, down ');
    const narrow = new RunningBench({}, { columns: 60, rows: 10 });
    await narrow.run('list');
    for (const line of narrow.out.split('\n')) expect(line.length).toBeLessThan(60);
    expect(narrow.out).toContain(name.slice(0, 12));
  });

  test('of several programs that run, the one with the list first', async () => {
    bench = new RunningBench({
      runningPrograms: () => Promise.resolve([bench.program('serve'), bench.program('get')]),
    });
    await bench.run('list --json');
    expect(bench.json.map(({ number, program }) => [number, program])).toMatchObject([
      [1, 'serve'],
      ...[2, 3, 4].map((n) => [n, 'serve']),
      ...[5, 6, 7, 8].map((n) => [n, 'get']),
      [undefined, undefined],
    ]);
  });

  test.each(['list', 'pause 1', 'add x', 'watch 1'])('%s: no program runs', async (line) => {
    bench = new RunningBench({ runningPrograms: () => Promise.resolve([]) });
    expect(await bench.run(line)).toBe(EXIT.fault);
    expect(bench.err).toContain('ensemble serve');
  });
});

describe('pause, resume, remove', () => {
  test.each([
    ['pause 1 2', 'paused', ['pause', 'pause'], [key(1), key(2)]],
    [`resume ${key(3).slice(0, 8)}`, 'resumed', ['resume'], [key(3)]],
    ['pause --all', 'paused', Array.from({ length: 4 }, () => 'pause'), [1, 2, 3, 4].map(key)],
    ['remove 4', 'removed', ['remove'], [key(4)]],
    ['remove 4 --data --yes', 'removed', ['remove with data'], [key(4)]],
  ])('%s', async (line, event, calls, keys) => {
    expect(await bench.run(`${line} --json --url http://x/`)).toBe(EXIT.done);
    expect(bench.json.map((one) => [one['event'], one['infoHash']])).toEqual(keys.map((one) => [event, one]));
    expect(bench.theirs.calls.filter((call) => calls.includes(call))).toEqual(calls);
    expect(bench.questions).toEqual([]);
  });

  test.each([['pause'], ['pause 1 --all'], ['remove 9'], ['resume x-y-z']])('%s is refused', async (line) => {
    expect(await bench.run(line)).toBe(EXIT.usage);
    expect(bench.theirs.calls).not.toContain('pause');
  });

  test.each([
    [undefined, EXIT.usage, '--yes'],
    [false, EXIT.usage, 'Nothing was removed'],
    [true, EXIT.done, ''],
  ])('files are removed where the answer is %s', async (answer, code, said) => {
    bench.answer = answer;
    expect(await bench.run('remove 1 2 --data')).toBe(code);
    expect(bench.err).toContain(said);
    expect(bench.questions).toHaveLength(1);
    expect(bench.theirs.downloads()).toHaveLength(answer === true ? 2 : 4);
  });

  test('files of a program that keeps no list are not asked about: it removes nothing', async () => {
    bench = new RunningBench({
      runningPrograms: () => Promise.resolve([bench.program('serve'), bench.program('seed')]),
    });
    expect(await bench.run('remove 5 --data')).toBe(EXIT.usage);
    expect(bench.questions).toEqual([]);
    bench.answer = true;
    expect(await bench.run('remove 1 5 --data')).toBe(EXIT.usage);
    expect(bench.questions).toEqual(['Remove its files?']);
  });

  test('what goes wrong with one does not stop the others', async () => {
    const { pause } = bench.theirs;
    bench.theirs.pause = (one) => (one === key(2) ? Promise.reject(new Error('no')) : pause(one));
    expect(await bench.run('pause --all --json')).not.toBe(EXIT.done);
    expect(bench.json.map(({ event }) => event)).toEqual(['paused', 'paused', 'paused', 'error']);
  });
});

describe('links', () => {
  test('what is named holds in place of all that held before', async () => {
    expect(await bench.run('links 1 3 --link fibre,phone --json')).toBe(EXIT.done);
    expect(bench.json.map(({ event }) => event)).toEqual(['relinked', 'relinked']);
    const chosen = { links: ['fibre', 'phone'], bind: [], proxies: [] };
    for (const n of [0, 2]) expect(bench.theirs.downloads()[n]?.options).toMatchObject(chosen);
    expect(await bench.run('links 1 --bind eth1')).toBe(EXIT.done);
    expect(bench.theirs.downloads()[0]?.options).toMatchObject({ links: [], bind: ['eth1'] });
    expect(await bench.run('links 1 --any')).toBe(EXIT.done);
    expect(bench.theirs.downloads()[0]?.options).toMatchObject({ links: [], bind: [] });
    expect(await bench.run('links 1 --link fibre,phone --allow-private')).toBe(EXIT.done);
    expect(bench.theirs.downloads()[0]?.options).toMatchObject({ links: ['fibre', 'phone'], allowPrivate: true });
  });

  test.each(['links 1', 'links --any', 'links 1 --any --link fibre', 'links 1 --allow-private'])('%s', async (line) => {
    expect(await bench.run(line)).toBe(EXIT.usage);
  });
});

describe('limit', () => {
  test('of one, of all together, and the alternative ones', async () => {
    expect(await bench.run('limit 1 --down 300K --seed 1.5 --max-peers 9')).toBe(EXIT.done);
    expect(bench.theirs.changes).toEqual({ down: 300 * 1024, seed: { kind: 'ratio', ratio: 1.5 }, maxPeers: 9 });
    expect(await bench.run('limit --up 1M --alternative on')).toBe(EXIT.done);
    expect(bench.services.settings.current).toMatchObject({ up: 1024 ** 2, down: 0, byHand: { on: true } });
  });

  test.each(['limit', 'limit 1', 'limit --max-peers 3', 'limit 1 --alternative on', 'limit 1 --down x'])(
    '%s is refused',
    async (line) => {
      expect(await bench.run(line)).toBe(EXIT.usage);
    },
  );
});

test.each([
  ['rename 2 Other', 'rename  to Other', 'Other'],
  ['rename 2 b --path some/folder/a', 'rename some/folder/a to b', 'some/folder/b'],
])('%s', async (line, call, path) => {
  expect(await bench.run(`${line} --json`)).toBe(EXIT.done);
  expect(bench.json.at(-1)).toMatchObject({ event: 'renamed', infoHash: key(2), path });
  expect(bench.theirs.calls).toContain(call);
});

test('move: waits, and takes whole paths alone where the program may be elsewhere', async () => {
  expect(await bench.run('move 2 there --json')).toBe(EXIT.done);
  expect(bench.json.at(-1)).toMatchObject({ event: 'moved', infoHash: key(2), output: '/home/there' });
  expect(bench.theirs.calls).toContain('move');
  expect(await bench.run('move 2 there --url http://x/')).toBe(EXIT.usage);
});

describe('watch', () => {
  test('follows it until it is removed', async () => {
    const code = bench.start('watch 1 --json');
    await bench.clock.advance(3000);
    const seen = bench.json.length;
    expect(bench.json[0]).toMatchObject({ version: 1, event: 'progress', state: 'downloading' });
    expect(seen).toBeGreaterThanOrEqual(3);
    await bench.theirs.remove(key(1) as never, { data: false });
    expect(await bench.clock.resolve(code)).toBe(EXIT.usage);
  });

  test('ends when all is there, also where it seeds on', async () => {
    const code = bench.start('watch 1 --json');
    await bench.clock.advance(600_000);
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
    expect(bench.json.at(-1)).toMatchObject({ event: 'done', infoHash: key(1) });
  });

  test('the terminal gets bars of its pieces', async () => {
    bench = new RunningBench({}, { columns: 80, rows: 20 });
    const code = bench.start('watch 1 --timeout 5');
    expect(await bench.clock.resolve(code)).toBe(EXIT.timedOut);
    expect(bench.out).toMatch(/▁▂/);
  });
});

test('info: what is in the list, and its identities, trackers and files', async () => {
  expect(await bench.run('info 1 --files --json')).toBe(EXIT.done);
  const [info] = bench.json as [Record<string, readonly unknown[]>];
  expect(info).toMatchObject({ event: 'info', number: 1, infoHash: key(1), trackers: [[{}]] });
  expect(info['identities']).toHaveLength(4);
  expect(info['files']?.length).toBeGreaterThan(0);
  expect(await bench.run('info --all')).toBe(EXIT.done);
  expect(bench.out).toContain('Identity 4');
});

describe('add', () => {
  const MAGNET = `magnet:?xt=urn:btih:${'a'.repeat(40)}`;

  test('by the settings, but for what is said', async () => {
    await bench.services.settings.change({ identities: 3, maxUploads: 7, down: 5 as never });
    expect(await bench.run(`add ${MAGNET} --json`)).toBe(EXIT.done);
    expect(bench.theirs.options).toMatchObject({
      output: '/home/user/Downloads',
      identities: 3,
      maxUploads: 7,
      down: 0,
    });
    expect(bench.json).toMatchObject([{ event: 'added', infoHash: 'a'.repeat(40), output: '/home/user/Downloads' }]);
    const line = `add magnet:?xt=urn:btih:${'b'.repeat(40)} -o out --paused --category films --tag hd,new -n 1 --no-share --peer 1.2.3.4:5 --seed forever`;
    expect(await bench.run(line)).toBe(EXIT.done);
    expect(bench.theirs.options).toMatchObject({
      output: '/home/out',
      paused: true,
      category: 'films',
      tags: ['hd', 'new'],
      identities: 1,
      share: false,
      peers: [{ host: '1.2.3.4', port: 5 }],
      seed: { kind: 'forever' },
    });
  });

  test('with other machines it takes part as one identity', async () => {
    await bench.services.settings.change({ identities: 3, selection: 'fixed' });
    expect(await bench.run(`add ${MAGNET} --common nats://me:it@10.0.0.1/film --collect none`)).toBe(EXIT.done);
    expect(bench.theirs.options).toMatchObject({
      together: { url: 'nats://me:it@10.0.0.1/film' },
      collect: 'none',
      identities: 1,
      selection: 'rarest',
    });
  });

  test('a file of this machine, and which of its files', async () => {
    const files = ['a.bin', 'b.txt'].map((name) => ({ path: ['sub', name], length: 16384 }));
    const data = encodeTorrent({
      name: 'thing',
      files,
      pieceLength: 16384,
      pieceHashes: new Uint8Array(40),
      trackers: [],
    });
    bench.disk.put('/home/t.torrent', data);
    expect(await bench.run('add t.torrent')).toBe(EXIT.done);
    expect(bench.theirs.source).toEqual({ kind: 'torrent', data });
  });

  test.each([
    ['add nothing.torrent', EXIT.invalid],
    [`add ${MAGNET} --common /shared/dir`, EXIT.usage],
    [`add ${MAGNET} --common nats://10.0.0.1`, EXIT.usage],
    [`add ${MAGNET} --only *.txt`, EXIT.usage],
    [`add ${MAGNET} -o here --url http://x/`, EXIT.usage],
    ['add', EXIT.usage],
  ])('%s is refused', async (line, code) => {
    expect(await bench.run(line)).toBe(code);
    expect(bench.theirs.source).toBeUndefined();
  });

  test('a command that downloads one thing takes no others', async () => {
    bench = new RunningBench({ runningPrograms: () => Promise.resolve([bench.program('get')]) });
    expect(await bench.run(`add ${MAGNET}`)).toBe(EXIT.fault);
    expect(bench.err).toContain('ensemble serve');
  });
});
