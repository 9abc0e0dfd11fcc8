import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EnsembleError } from '../core/base/errors.ts';
import { PEER_SOURCES } from '../core/base/peer-source.ts';
import { DOWNLOAD_OPTIONS } from '../core/engine/option-table.ts';
import { EXIT } from './exit-codes.ts';
import { CliBench } from './testing/run-cli.ts';

const COMMANDS =
  'app get identity assemble seed show check import map create serve demo list info add pause resume remove move rename limit links watch lab'.split(
    ' ',
  );

describe('help', () => {
  test('lists every command', async () => {
    const bench = new CliBench();
    expect(await bench.run('--help')).toBe(EXIT.done);
    for (const command of COMMANDS) expect(bench.out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  });

  test.each(COMMANDS)('%s has its own', async (command) => {
    const bench = new CliBench();
    expect(await bench.run(`${command} --help`)).toBe(EXIT.done);
    expect(bench.out).toContain(`Usage: ensemble ${command}`);
    expect(bench.out).toContain('--json');
  });

  test('every option of a download stands in the help of get, seed, or add, and in docs/cli.md', async () => {
    const bench = new CliBench();
    await bench.run('get --help');
    const ofGet = bench.out;
    await bench.run('seed --help');
    await bench.run('add --help');
    const help = ofGet + bench.out;
    const page = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8');
    for (const option of Object.values(DOWNLOAD_OPTIONS)) {
      for (const flags of Object.keys('flags' in option ? option.flags : {})) {
        expect(help).toContain(flags);
        expect(page).toContain(/--[a-z-]+/.exec(flags)?.[0]);
      }
    }
  });

  test.each(COMMANDS)('%s tells each default once, and none that is nothing', async (command) => {
    const bench = new CliBench();
    await bench.run(`${command} --help`);
    const told = bench.out.replace(/\s+/g, ' ');
    for (const option of told.split(/ (?=--[a-z])/)) expect(option.match(/default/g)?.length ?? 0).toBeLessThan(2);
    expect(told).not.toMatch(/\[\]|preset|object Object/);
  });

  test('every source of peers stands in docs/cli.md', () => {
    const page = readFileSync(new URL('../docs/cli.md', import.meta.url), 'utf8');
    const line = page.split('\n').find((one) => one.startsWith('`peer` bears'));
    for (const source of PEER_SOURCES) expect(line).toContain(`\`${source}\``);
  });

  test('the version is the package’s', async () => {
    const bench = new CliBench();
    expect(await bench.run('--version')).toBe(EXIT.done);
    expect(bench.out).toBe('1.2.3\n');
  });
});

describe('refusals name the option and the value', () => {
  test.each([
    ['no-such-command', 'no-such-command'],
    ['get', 'source'],
    ['get x -n 0', 'from 1 to 32'],
    ['get x -n 33', "'33'"],
    ['get x -n 2x', "'2x'"],
    ['get x --select best', 'best'],
    ['get x --layout heap', 'heap'],
    ['get x --down fast', 'fast'],
    ['get x --port 70000', '70000'],
    ['get x -n 4 --port 65534', '65534'],
    ['get x --peer localhost', 'localhost'],
    ['get x --bind 10.0.0.1,,10.0.0.2', 'bind'],
    ['get x --seed often', 'often'],
    ['get x --timeout 0', 'timeout'],
    ['get x --take-over', '--take-over'],
    ['get x --dealing unfair', '--dealing'],
    ['get x --dealing striped', '--select fixed'],
    ['get x --common nats://h/x --dealing everyone', '--dealing'],
    ['get x --no-tcp --no-utp', '--no-utp'],
    ['get x --unknown', '--unknown'],
    ['seed x y z', 'too many arguments'],
    ['get x -j 0', '-j'],
    ['get x --stall-timeout 0', '--stall-timeout'],
    ['get x --tracker t.example', '--tracker'],
    ['get x --seed-time 30', '--seed-time'],
    ['identity x --index 0', '--count'],
    ['identity x --index 3 --count 3 --common /c', '--index 3'],
    ['identity x --index 0 --count 3', '--common'],
    ['identity x --index 0 --count 3 --select fixed --take-over', '--take-over'],
    ['seed x /d --seed never', '--seed never'],
    ['create /x', '--output'],
    ['create /x -o /y --piece-length 100K', '100K'],
    ['create /x -o /y --tracker ftp://t', 'ftp://t'],
    ['assemble x', 'dir'],
  ])('ensemble %s', async (line, text) => {
    const bench = new CliBench();
    expect(await bench.run(line)).toBe(EXIT.usage);
    expect(bench.err).toContain(text);
    expect(bench.out).toBe('');
    expect(bench.engine.calls).toEqual([]);
  });

  test('with --json the refusal is also an object, the first and versioned', async () => {
    const bench = new CliBench();
    expect(await bench.run('get x --json --select best')).toBe(EXIT.usage);
    expect(bench.json).toMatchObject([{ version: 1, event: 'error', code: 'usage' }]);
  });
});

describe('what the engine refuses becomes an exit code', () => {
  test.each([
    ['private', EXIT.usage],
    ['invalid-torrent', EXIT.invalid],
    ['disk', EXIT.output],
    ['exists', EXIT.output],
    ['verification', EXIT.verification],
    ['in-use', EXIT.inUse],
    ['network', EXIT.fault],
  ] as const)('%s: %i', async (code, exit) => {
    const bench = new CliBench();
    bench.engine.refusal = new EnsembleError(code, 'the engine says no');
    expect(await bench.run('get magnet:?x --json')).toBe(exit);
    expect(bench.json).toEqual([{ version: 1, event: 'error', code, message: 'the engine says no' }]);
    expect(bench.err).toBe('ensemble: the engine says no\n');
    expect(bench.engine.calls).toContain('close');
  });

  test('an unexpected fault is 1 and shows where', async () => {
    const bench = new CliBench();
    bench.engine.refusal = new TypeError('oops');
    expect(await bench.run('get magnet:?x')).toBe(EXIT.fault);
    expect(bench.err).toMatch(/^ensemble: Unexpected fault: oops \(at .*program\.test\.ts:\d+:\d+\)?\)\n$/);
  });

  test('names from outside cannot drive the terminal', async () => {
    const bench = new CliBench();
    bench.engine.refusal = new EnsembleError('invalid-torrent', 'name \u001b[2J\u202egnp.exe');
    await bench.run('get magnet:?x --json');
    expect(bench.err).toBe('ensemble: name \ufffd[2J\ufffdgnp.exe\n');
    expect(bench.out).not.toContain('\u202e');
    expect(bench.json[0]?.['message']).toBe('name \u001b[2J\u202egnp.exe');
  });
});
