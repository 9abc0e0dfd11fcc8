import { beforeEach, describe, expect, test } from 'vitest';
import { bytes, type TorrentKey } from '../../core/base/ids.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { StillDownload } from '../../core/engine/testing/still-download.ts';
import { parseMagnet } from '../../core/metainfo/magnet.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

const keyOf = (letter: string): TorrentKey => letter.repeat(40) as TorrentKey;
const magnet = (letter: string): string => `magnet:?xt=urn:btih:${keyOf(letter)}&dn=film-${letter}`;

let bench: CliBench;
let downloads: Map<TorrentKey, StillDownload>;

beforeEach(() => {
  bench = new CliBench();
  downloads = new Map(Array.from('abcdef').map((letter) => [keyOf(letter), new StillDownload(keyOf(letter))]));
  bench.downloadOf = (source) => downloads.get(parseMagnet(source.kind === 'magnet' ? source.link : '').id.key)!;
});

const one = (letter: string): StillDownload => downloads.get(keyOf(letter))!;
/** Those that the engine has, by their letters. */
const begun = (): string =>
  Array.from('abcdef')
    .filter((letter) => bench.engine.download(keyOf(letter)))
    .join('');
const start = (rest: string, letters: string): Promise<number> =>
  bench.start(`get ${Array.from(letters).map(magnet).join(' ')}${rest}`);

async function become(letter: string, change: Parameters<StillDownload['become']>[0]): Promise<void> {
  one(letter).become(change);
  await bench.clock.advance(300);
}

describe('as many at a time as -j says', () => {
  test('one that is done makes room', async () => {
    const code = start(' -j 2', 'abcd');
    await bench.clock.advance(100);
    expect(begun()).toBe('ab');
    await become('b', { state: 'done' });
    expect(begun()).toBe('abc');
    for (const letter of 'acd') await become(letter, { state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
    expect(bench.clock.pending).toBe(0);
  });

  test('so does one that only seeds; the command waits for its end', async () => {
    const code = start(' -j 1 --seed 2', 'ab');
    await bench.clock.advance(100);
    await become('a', { state: 'seeding' });
    expect(begun()).toBe('ab');
    await become('b', { state: 'done' });
    await bench.clock.advance(10_000);
    expect(bench.engine.calls).not.toContain('close');
    await become('a', { state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
  });

  test('one that fails, and one that was given up', async () => {
    const code = start(' -j 1 --stall-timeout 60', 'abc');
    await bench.clock.advance(100);
    await become('a', { state: 'failed', error: { code: 'disk', message: 'the disk is full' } });
    expect(begun()).toBe('ab');
    await bench.clock.advance(61_000);
    expect(begun()).toBe('abc');
    expect(bench.engine.calls.filter((call) => call === 'pause')).toHaveLength(2);
    await become('c', { state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.output);
    expect(bench.err).toContain('the disk is full');
  });
});

describe('how it ends', () => {
  test.each([
    ['all are done', {}, EXIT.done],
    ['a time-out is less than what cannot be done again', { a: 'timed-out', b: 'exists' }, EXIT.output],
    ['an invalid one is worse than a time-out', { a: 'timed-out', b: 'invalid-torrent' }, EXIT.invalid],
    ['wrong data is worse than an invalid one', { a: 'invalid-torrent', c: 'verification' }, EXIT.verification],
    ['a fault is the worst', { a: 'disk', b: 'fault', c: 'usage' }, EXIT.fault],
  ] as const)('%s', async (_, failures, exit) => {
    const code = start(' --json', 'abc');
    await bench.clock.advance(100);
    for (const letter of 'abc') {
      const failed = (failures as Readonly<Record<string, 'disk'>>)[letter];
      await become(
        letter,
        failed === undefined
          ? { state: 'done' }
          : { state: 'failed', error: { code: failed, message: `no ${letter}` } },
      );
    }
    expect(await bench.clock.resolve(code)).toBe(exit);
    const told = bench.json.filter(({ event }) => event === 'failed');
    expect(told.map(({ source, code: named, message }) => [source, named, message])).toEqual(
      Object.entries(failures).map(([letter, named]) => [' abc'.indexOf(letter), named, `no ${letter}`]),
    );
    for (const letter of Object.keys(failures)) expect(bench.err).toContain(`: no ${letter}\n`);
    const [finished, error] = [bench.json.find(({ event }) => event === 'finished'), bench.json.at(-1)];
    const failed = Object.keys(failures).length;
    expect(finished).toEqual({ event: 'finished', done: 3 - failed, present: 0, failed });
    if (failed > 0)
      expect(error).toMatchObject({ event: 'error', message: expect.stringContaining(`${failed} of 3`) as string });
  });

  test('one that cannot be read does not stop the others', async () => {
    const code = bench.start(`get nothing.torrent ${magnet('a')}`);
    await bench.clock.advance(100);
    await become('a', { state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.invalid);
    expect(bench.err).toContain('nothing.torrent: There is no file /home/nothing.torrent');
    expect(bench.err).toContain('1 of 2 sources are not done: nothing.torrent.');
  });

  test('an interruption ends all, and begins none', async () => {
    const code = start(' -j 2 --json', 'abcd');
    await bench.clock.advance(100);
    await become('a', { state: 'failed', error: { code: 'disk', message: 'full' } });
    bench.interruption.abort(new EnsembleError('interrupted', 'Interrupted.'));
    expect(await bench.clock.resolve(code)).toBe(EXIT.interrupted);
    expect(begun()).toBe('abc');
    expect(bench.json.at(-1)).toMatchObject({ event: 'error', code: 'interrupted' });
  });

  test('--timeout is that of the command', async () => {
    const code = start(' --timeout 90', 'ab');
    await bench.clock.advance(80_000);
    await become('a', { state: 'done' });
    await bench.clock.advance(10_000);
    expect(await bench.clock.resolve(code)).toBe(EXIT.timedOut);
    expect(bench.err).toContain('1 of 2');
  });
});

test('the same twice is one download', async () => {
  const code = bench.start(`get ${magnet('a')} ${magnet('a')} ${keyOf('a')} ${magnet('b')} --json`);
  await bench.clock.advance(100);
  for (const letter of 'ab') await become(letter, { state: 'done' });
  expect(await bench.clock.resolve(code)).toBe(EXIT.done);
  expect(bench.json.at(-1)).toEqual({ event: 'finished', done: 2, present: 1, failed: 0 });
});

test('they have the limits together', async () => {
  const limits: unknown[] = [];
  bench.engine.setLimits = (...now) => void limits.push(...now);
  const code = start(' --down 1M --identity-up 5K', 'ab');
  await bench.clock.advance(100);
  expect(limits).toEqual([{ down: 1024 ** 2, up: 0 }]);
  expect(bench.engine.options).toMatchObject({ down: 0, up: 0, identityUp: 5120 });
  for (const letter of 'ab') await become(letter, { state: 'done' });
  expect(await bench.clock.resolve(code)).toBe(EXIT.done);
});

test.each(['--common /c', '--log l', '--http'])('%s is for one', async (option) => {
  expect(await bench.run(`get a.torrent b.torrent ${option}`)).toBe(EXIT.usage);
  expect(bench.err).toContain(option.split(' ')[0]);
  expect(bench.engine.calls).toEqual([]);
});

describe('a list', () => {
  test('of a file, besides what is named', async () => {
    bench.disk.put('/home/list', Buffer.from(`# films\r\n\n  ${magnet('b')}  \r\n${magnet('a')}\n${magnet('c')}`));
    const code = bench.start(`get ${magnet('a')} -i list`);
    await bench.clock.advance(100);
    expect(begun()).toBe('abc');
    for (const letter of 'abc') await become(letter, { state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
  });

  test('of standard input', async () => {
    bench = new CliBench({ readPipe: () => Promise.resolve(Buffer.from(`${magnet('a')}\n`)) });
    const code = bench.start('get -i -');
    await bench.clock.advance(100);
    bench.download.become({ state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
  });

  test.each([
    ['that is not there', '', 'nowhere'],
    ['that names nothing', '# nothing\n', 'list names no source'],
  ])('%s is refused', async (_, text, words) => {
    if (text !== '') bench.disk.put('/home/list', Buffer.from(text));
    expect(await bench.run(`get -i ${text === '' ? 'nowhere' : 'list'}`)).toBe(EXIT.usage);
    expect(bench.err).toContain(words);
  });
});

describe('--stall-timeout', () => {
  test('begins anew with whatever comes', async () => {
    const code = bench.start(`get ${magnet('a')} --stall-timeout 60`);
    await bench.clock.advance(50_000);
    one('a').become({ downloaded: bytes(27_000) });
    await bench.clock.advance(50_000);
    one('a').become({ stall: { kind: 'no-peers' } });
    expect(bench.engine.calls).not.toContain('close');
    await bench.clock.advance(12_000);
    expect(await bench.clock.resolve(code)).toBe(EXIT.timedOut);
    expect(bench.err).toContain('Nothing came for 60 s (no peers)');
  });

  test('counts only while something is to come', async () => {
    const code = bench.start(`get ${magnet('a')} --stall-timeout 60 --seed forever`);
    await bench.clock.advance(100);
    for (const state of ['checking', 'assembling', 'seeding'] as const) {
      await become('a', { state });
      await bench.clock.advance(100_000);
    }
    await become('a', { state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
  });
});

describe('what people see', () => {
  test('elsewhere than on a terminal each line bears a name', async () => {
    const code = start('', 'ab');
    await bench.clock.advance(100);
    bench.engine.emit({ type: 'log', key: keyOf('a'), level: 'warn', message: 'a tracker refuses' });
    bench.engine.emit({ type: 'log', level: 'warn', message: 'the disk is nearly full' });
    for (const letter of 'ab') await become(letter, { name: `Film ${letter}`, state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
    expect(bench.out).toMatch(/^thing\.iso: downloading: 25\.0%/m);
    expect(bench.out).toMatch(/^Film a: Downloaded /m);
    expect(bench.out).toMatch(/^Film b: Downloaded /m);
    expect(bench.out).toMatch(/^2 done\.$/m);
    expect(bench.err).toBe('thing.iso: a tracker refuses\nthe disk is nearly full\n');
  });

  test('on a terminal there is a line for each that is under way', async () => {
    bench = new CliBench({}, { columns: 100, rows: 24 });
    bench.downloadOf = (source) => one(parseMagnet(source.kind === 'magnet' ? source.link : '').id.key.slice(0, 1));
    const code = start(' -j 2', 'abc');
    await bench.clock.advance(1000);
    // oxlint-disable-next-line no-control-regex
    const frame = bench.out.slice(bench.out.lastIndexOf('\r')).replace(/\u001b\[[\d;?]*[A-Za-z]/g, '');
    expect(frame).toMatch(/0 of 3 done, 1 waiting, ↓ 4[.\d]* kB\/s/);
    expect(frame.match(/^thing\.iso .* 25\.0% .*7 peers +1:32 left/gm)).toHaveLength(2);
    for (const letter of 'abc') await become(letter, { state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
    expect(bench.out).toContain('3 done.');
  });
});
