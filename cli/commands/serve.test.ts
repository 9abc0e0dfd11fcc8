import { describe, expect, test } from 'vitest';
import { EnsembleError } from '../../core/base/errors.ts';
import type { Events } from '../../core/bridge/contract.ts';
import type { Backend } from '../backend.ts';
import type { Desktop } from '../desktop.ts';
import { EXIT } from '../exit-codes.ts';
import type { UiOptions } from '../serve/open-ui.ts';
import { CliBench } from '../testing/run-cli.ts';

function start(change: { desktop?: Desktop; refusal?: Error } = {}): {
  bench: CliBench;
  asked: UiOptions[];
  offers: (Events['offer'] | string)[];
  closed(): number;
} {
  const asked: UiOptions[] = [];
  const offers: (Events['offer'] | string)[] = [];
  let closed = 0;
  const bench = new CliBench({
    openUi: (options) => {
      asked.push(options);
      if (change.refusal) return Promise.reject(change.refusal);
      return Promise.resolve({
        url: 'http://127.0.0.1:1/?token=t',
        offer: (offer) => offers.push(offer),
        offerUrl: (url) => offers.push(url),
        close: () => Promise.resolve(void closed++),
      });
    },
    ...(change.desktop === undefined ? {} : { findDesktop: () => change.desktop as Desktop }),
  });
  return { bench, asked, offers, closed: () => closed };
}

/** Runs it until it serves, then interrupts. */
async function interrupted(bench: CliBench, line: string): Promise<number> {
  const code = bench.start(line);
  await bench.clock.advance(100);
  bench.interruption.abort(new EnsembleError('interrupted', 'Interrupted.'));
  return bench.clock.resolve(code);
}

test('serves on this machine alone unless told otherwise, and leaves when interrupted', async () => {
  const { bench, asked, closed } = start();
  expect(await interrupted(bench, 'serve')).toBe(EXIT.interrupted);
  expect(asked).toMatchObject([{ host: '127.0.0.1', port: 0, roots: [], stateFolder: '/home/.state' }]);
  expect(bench.out).toContain('http://127.0.0.1:1/?token=t');
  expect(closed()).toBe(1);
});

test('options, with paths made absolute', async () => {
  const { bench, asked } = start();
  await interrupted(bench, 'serve --host ::1 --port 80 --root a /b --root c --state s');
  const { warn: _, ...options } = asked[0]!;
  expect(options).toEqual({
    host: '::1',
    port: 80,
    roots: ['/home/a', '/b', '/home/c'],
    stateFolder: '/home/s',
    trustedProxies: [],
    allowPrograms: false,
  });
});

test('JSON: the URL as one object, and sentences elsewhere', async () => {
  const { bench, asked } = start();
  await interrupted(bench, 'serve --json');
  asked[0]!.warn('A wrong token came from 192.0.2.1.');
  expect(bench.json[0]).toEqual({ version: 1, event: 'serving', url: 'http://127.0.0.1:1/?token=t' });
  expect(bench.err).toContain('A wrong token');
});

test('with --rpc a client of Transmission’s protocol may end it, and then all is well', async () => {
  const { bench, asked, closed } = start();
  bench.disk.put('/home/cred', new TextEncoder().encode('me:pass:word\r\nmore'));
  const code = bench.start('serve --rpc cred');
  await bench.clock.advance(100);
  expect(asked[0]?.rpcCredentials).toBe('me:pass:word');
  asked[0]?.end?.();
  expect(await bench.clock.resolve(code)).toBe(EXIT.done);
  expect(closed()).toBe(1);
});

test.each(['', 'me', ':password', 'me:short', 'me:1234567'])('credentials %j are refused by name', async (text) => {
  const { bench, asked } = start();
  bench.disk.put('/home/cred', new TextEncoder().encode(text));
  expect(await bench.run('serve --rpc cred')).toBe(EXIT.usage);
  expect(bench.err).toMatch(/cred must be USER:PASSWORD/);
  expect(asked).toEqual([]);
});

test('what hinders it is its exit code', async () => {
  const { bench } = start({ refusal: new EnsembleError('in-use', 'Another one has the state folder.') });
  expect(await bench.run('serve')).toBe(EXIT.inUse);
  expect(bench.err).toContain('Another one');
});

test.each([['app'], ['']])('without a desktop `ensemble %s` says what is missing and serves', async (line) => {
  const { bench, asked } = start({ desktop: { missing: 'There is no display.' } });
  const code = bench.start(line === '' ? '--state /s' : `${line} --state /s`);
  await bench.clock.advance(100);
  bench.interruption.abort(new EnsembleError('interrupted', 'Interrupted.'));
  expect(await bench.clock.resolve(code)).toBe(EXIT.interrupted);
  expect(bench.err + bench.out).toContain('There is no display.');
  expect(asked).toMatchObject([{ host: '127.0.0.1', stateFolder: '/s' }]);
});

test('files and links are offered to the window, in their order', async () => {
  const { bench, offers } = start();
  bench.disk.put('/home/t.torrent', Uint8Array.of(1, 2, 3));
  await interrupted(bench, 'app t.torrent magnet:?xt=urn:btih:x');
  expect(offers).toEqual([
    { source: { kind: 'torrent', data: Uint8Array.of(1, 2, 3) }, fileName: 't.torrent' },
    { source: { kind: 'magnet', link: 'magnet:?xt=urn:btih:x' }, fileName: null },
  ]);
});

test('an address is fetched by the program itself, and what is named by its hash needs no file', async () => {
  const hash = 'a'.repeat(40);
  const { bench, offers } = start();
  await interrupted(bench, `app http://w.example/t.torrent ${hash}`);
  expect(offers).toEqual([
    'http://w.example/t.torrent',
    { source: { kind: 'magnet', link: `magnet:?xt=urn:btih:${hash}` }, fileName: null },
  ]);
  const started: (readonly string[])[] = [];
  const desktop: Desktop = { start: (args) => Promise.resolve(started.push(args) - 1) };
  expect(await start({ desktop }).bench.run(`app http://w.example/t.torrent ${hash}`)).toBe(EXIT.done);
  expect(started).toEqual([['http://w.example/t.torrent', `magnet:?xt=urn:btih:${hash}`]]);
});

test('with a desktop it is started with absolute paths, and its end is ours', async () => {
  const started: (readonly string[])[] = [];
  const ending = (code: number): Desktop => ({
    start: (args) => {
      started.push(args);
      return Promise.resolve(code);
    },
  });
  const { bench, asked } = start({ desktop: ending(0) });
  bench.disk.put('/home/t.torrent', Uint8Array.of(1));
  expect(await bench.run('app t.torrent magnet:?xt=urn:btih:x --state s')).toBe(EXIT.done);
  expect(started).toEqual([['--state=/home/s', '/home/t.torrent', 'magnet:?xt=urn:btih:x']]);
  expect(asked).toEqual([]);
  expect(await start({ desktop: ending(3) }).bench.run('app')).toBe(EXIT.fault);
});

test('what the user should know of how it runs is said first', async () => {
  const desktop: Desktop = { warning: 'Not so safe.', start: () => Promise.resolve(0) };
  const { bench } = start({ desktop });
  expect(await bench.run('app')).toBe(EXIT.done);
  expect(bench.out + bench.err).toContain('Not so safe.');
});

test('a mistyped command opens nothing', async () => {
  const { bench, asked } = start();
  expect(await bench.run('gte')).toBe(EXIT.usage);
  bench.disk.put('/home/t.torrent', Uint8Array.of(1));
  expect(await bench.run('t.torrent gte')).toBe(EXIT.usage);
  expect(bench.err).toContain('gte');
  expect(asked).toEqual([]);
});

describe('--set-password', () => {
  const kept = (change: Partial<Backend>): { bench: CliBench; passwords: string[] } => {
    const passwords: string[] = [];
    const keepPassword = (_folder: string, password: string) => Promise.resolve(void passwords.push(password));
    return { bench: new CliBench({ keepPassword, ...change }), passwords };
  };
  const typing = (...lines: string[]) => ({ askSecret: () => Promise.resolve(lines.shift()) });

  test('at a terminal it is asked for twice', async () => {
    const { bench, passwords } = kept(typing('correct horse', 'correct horse'));
    expect(await bench.run('serve --set-password')).toBe(EXIT.done);
    expect(passwords).toEqual(['correct horse']);
    expect(bench.out + bench.err).not.toContain('correct horse');
  });

  test('where the two differ nothing is changed', async () => {
    const { bench, passwords } = kept(typing('correct horse', 'correct house'));
    expect(await bench.run('serve --set-password')).toBe(EXIT.usage);
    expect(passwords).toEqual([]);
  });

  test('elsewhere it is the first line of standard input', async () => {
    const { bench, passwords } = kept({ readPipe: () => Promise.resolve(Buffer.from('correct horse\r\nmore\n')) });
    expect(await bench.run('serve --set-password')).toBe(EXIT.done);
    expect(passwords).toEqual(['correct horse']);
  });
});
