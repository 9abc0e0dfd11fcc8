import { beforeEach, describe, expect, test } from 'vitest';
import { encode } from '../../core/bencode/bencode.ts';
import type { Importer } from '../../core/entry/import-torrents.ts';
import type { Planned } from '../../core/import/look.ts';
import { wrapInfo } from '../../core/metainfo/wrap-info.ts';
import { SeededRandom } from '../../core/sim/random.ts';
import { simTorrent } from '../../core/sim/torrent.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

const { torrent, payload } = simTorrent(new SeededRandom(1), { files: 40_000, pieceLength: 16_384, name: 'a.bin' });
const other = simTorrent(new SeededRandom(2), { files: 40_000, pieceLength: 16_384, name: 'b.bin' }).torrent;

let bench: CliBench;
let added: { readonly planned: Planned; readonly choice: object }[];
let ends: string[];
let places: string[];

beforeEach(() => {
  added = [];
  ends = [];
  places = [];
  const importer = (dry: boolean): Importer => ({
    folder: '/downloads',
    has: ({ name }) => name === 'b.bin',
    add: (planned, choice) => Promise.resolve(void added.push({ planned, choice })),
    finish: () => Promise.resolve(void ends.push(dry ? 'written, though dry' : 'written')),
    close: () => Promise.resolve(void ends.push('closed')),
  });
  bench = new CliBench({
    openImporter: (state, { dry }) => Promise.resolve(void ends.push(state)).then(() => importer(dry)),
    placesOfClients: () => places,
  });
  const { disk } = bench;
  const record = encode({ destination: '/dl', progress: { blocks: 'all' }, labels: ['films'], uploaded: 5 });
  disk.put('/t/resume/1.resume', record);
  disk.put('/t/torrents/1.torrent', wrapInfo(torrent.info, []));
  disk.put('/t/resume/2.resume', record);
  disk.put('/t/torrents/2.torrent', wrapInfo(other.info, []));
  disk.put('/t/resume/3.resume', new Uint8Array(3));
  disk.put('/dl/a.bin', payload);
});

test('says what would be done, and does nothing', async () => {
  const before = bench.disk.paths();
  expect(await bench.run('import /t --json')).toBe(EXIT.done);
  expect(bench.json[0]).toMatchObject({
    version: 1,
    event: 'torrent',
    client: 'transmission',
    name: 'a.bin',
    infoHash: torrent.info.infoHash,
    how: 'in-place',
    output: '/dl',
    files: { wanted: 1, there: 1 },
    pieces: { have: 3, total: 3 },
    options: { tags: ['films'] },
    uploaded: 5,
  });
  expect(bench.json[1]).toMatchObject({ name: 'b.bin', present: true });
  expect(bench.json[2]).toMatchObject({ event: 'refused', record: '3.resume' });
  expect(bench.json[3]).toEqual({ event: 'done', found: 1, present: 1, refused: 1 });
  expect(ends).toEqual(['/home/.state', 'closed']);
  expect(bench.disk.paths()).toEqual(before);
});

test('with --do what is not there yet is added, and the list is written once', async () => {
  expect(await bench.run('import /t --do --state s -o out --paused')).toBe(EXIT.done);
  expect(added.map(({ planned, choice }) => [planned.found.name, planned.inPlace, choice])).toEqual([
    ['a.bin', '/dl', { output: '/home/out', paused: true }],
  ]);
  expect(ends).toEqual(['/home/s', 'written', 'closed']);
  expect(bench.out).toContain('seeded where it is: /dl');
  expect(bench.out).toContain('3.resume of Transmission cannot be taken');
});

describe('without a folder', () => {
  test('the usual ones are looked through, also those that turn out to be none', async () => {
    bench.disk.put('/none/x', new Uint8Array(1));
    places = ['/nowhere', '/none', '/t'];
    expect(await bench.run('import --json')).toBe(EXIT.done);
    expect(bench.err).toContain('/none has nothing');
    expect(bench.json.at(-1)).toMatchObject({ found: 1 });
  });

  test('there have to be any', async () => {
    expect(await bench.run('import')).toBe(EXIT.usage);
    expect(bench.err).toContain('name its folder');
  });
});

test('a folder that is none of theirs is refused', async () => {
  expect(await bench.run('import /dl --do')).toBe(EXIT.usage);
  expect(ends).toEqual(['/home/.state', 'closed']);
});

describe('a program that runs takes them over itself', () => {
  let asked: unknown[];
  let taking: () => Promise<unknown>;

  beforeEach(() => {
    asked = [];
    taking = () => Promise.resolve({ added: 1, present: 1, refused: 2, failures: ['c.bin: no room'] });
    const client = {
      call: (name: string, args: unknown) => {
        asked.push([name, args]);
        return taking();
      },
      close: () => ends.push('line closed'),
    };
    const { openImporter } = bench.backend;
    Object.assign(bench.backend, {
      openImporter: (state: string, how: { readonly dry: boolean }) =>
        how.dry ? openImporter(state, how) : Promise.reject(new EnsembleError('in-use', 'It runs.')),
      runningPrograms: () => Promise.resolve([{ role: 'serve', pid: 1, client }]),
    });
  });

  test('and says what it did', async () => {
    expect(await bench.run('import /t --do --paused --json')).toBe(EXIT.done);
    expect(asked).toEqual([['importTorrents', { folder: '/t', output: '/downloads', paused: true }]]);
    expect(added).toEqual([]);
    expect(bench.json.at(-1)).toMatchObject({ event: 'done', added: 1, present: 1, refused: 2 });
    expect(ends).toContain('line closed');
  });

  test('from those usual places alone that are theirs', async () => {
    bench.disk.put('/none/x', new Uint8Array(1));
    places = ['/none', '/t'];
    expect(await bench.run('import --do --json')).toBe(EXIT.done);
    expect(asked).toEqual([['importTorrents', { folder: '/t', output: '/downloads', paused: false }]]);
    expect(bench.json.at(-1)).toMatchObject({ event: 'done', added: 1 });
  });

  test('and an interruption does not wait for it', async () => {
    taking = () => new Promise(() => undefined);
    const code = bench.start('import /t --do');
    await bench.clock.advance(100);
    bench.interruption.abort(new EnsembleError('interrupted', 'Interrupted.'));
    expect(await bench.clock.resolve(code)).toBe(EXIT.interrupted);
    expect(ends).toContain('line closed');
  });
});
