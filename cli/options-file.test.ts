import { beforeEach, describe, expect, test } from 'vitest';
import { ordinaryOptions } from '../core/engine/download-options.ts';
import { HASH } from '../core/engine/testing/still-download.ts';
import { EXIT } from './exit-codes.ts';
import { CliBench } from './testing/run-cli.ts';

const FILE = '/home/me/.config/ensemble/options';

let bench: CliBench;
beforeEach(() => (bench = new CliBench()));

const write = (text: string, file = FILE): void => bench.disk.put(file, Buffer.from(text));

/** The options that a download gets. */
async function optionsOf(line: string): Promise<unknown> {
  const code = bench.start(line);
  await bench.clock.advance(100);
  bench.download.become({ state: 'done' });
  expect(await bench.clock.resolve(code), bench.err).toBe(EXIT.done);
  return bench.engine.options;
}

const changed = (changes: object): object => ({ ...ordinaryOptions('/home'), ...changes });

describe('what stands in it', () => {
  test.each([
    ['', {}],
    ['# nothing\n\n   \n', {}],
    ['down = 2M', { down: 2 * 1024 ** 2 }],
    ['--down=2M\r\nup=1K\r\n', { down: 2 * 1024 ** 2, up: 1024 }],
    ['down = 1M\ndown = 2M', { down: 2 * 1024 ** 2 }],
    ['output = ~/films of mine', { output: '/home/me/films of mine' }],
    ['output = films', { output: '/home/films' }],
    ['no-dht', { dht: false }],
    [
      'dht = false\npex = true\nno-lsd = false\nsequential = false\nsequential = true',
      { dht: false, sequential: true },
    ],
    ['share = false\nassemble=false', { share: false, assemble: false }],
    [
      'peer = 1.2.3.4:5\npeer = 1.2.3.4:6',
      {
        peers: [
          { host: '1.2.3.4', port: 5 },
          { host: '1.2.3.4', port: 6 },
        ],
      },
    ],
    ['on-complete = tool "{name}" -x', { whenDone: ['tool', '{name}', '-x'] }],
    ['[get]\ndown = 1K\n[seed]\ndown = 2K\n[list]\nonly = active\n', { down: 1024 }],
    // Another command has it.
    ['super-seeding', {}],
  ])('%j', async (text, changes) => {
    write(text);
    expect(await optionsOf(`get ${HASH}`)).toEqual(changed(changes));
  });

  test('without one there is nothing to be said', async () => {
    expect(await optionsOf(`get ${HASH}`)).toEqual(changed({}));
  });
});

describe('the command line wins', () => {
  test.each([
    ['down = 1M', '--down 2M', { down: 2 * 1024 ** 2 }],
    ['no-share', '--share', { share: true }],
    ['peer = 1.2.3.4:5', '--peer 6.7.8.9:1', { peers: [{ host: '6.7.8.9', port: 1 }] }],
    ['output = ~/films', '-o .', {}],
    ['no-dht\nup = 1K', '--no-dht', { dht: false, up: 1024 }],
  ])('%j, %s', async (text, typed, changes) => {
    write(text);
    expect(await optionsOf(`get ${HASH} ${typed}`)).toEqual(changed(changes));
  });
});

describe('which file', () => {
  test('--options names another, in place of the usual one', async () => {
    write('up = 1K');
    write('down = 1K', '/home/mine');
    expect(await optionsOf(`get ${HASH} --options mine`)).toEqual(changed({ down: 1024 }));
  });

  test('--no-options reads none', async () => {
    write('down = 1K');
    expect(await optionsOf(`get ${HASH} --no-options`)).toEqual(changed({}));
  });

  test.each([
    [{ ENSEMBLE_NO_OPTIONS: '1' }, {}],
    [{ ENSEMBLE_NO_OPTIONS: '' }, { down: 1024 }],
    [{ XDG_CONFIG_HOME: '/config' }, { up: 1024 }],
    [{ XDG_CONFIG_HOME: 'not/absolute' }, { down: 1024 }],
  ])('%j', async (env, changes) => {
    write('down = 1K');
    write('up = 1K', '/config/ensemble/options');
    Object.assign(bench.context, { env });
    expect(await optionsOf(`get ${HASH}`)).toEqual(changed(changes));
  });

  test('one that is named has to be there', async () => {
    expect(await bench.run(`get ${HASH} --options nowhere`)).toBe(EXIT.usage);
    expect(bench.err).toContain('/home/nowhere');
  });
});

describe('what it cannot take is named with its line', () => {
  test.each([
    ['down = 1K\ndwon = 2M', 2, 'no option dwon'],
    ['# one\n\ndown = fast', 3, 'down'],
    ['select = best', 1, 'best|rarest'],
    ['proxy = 10.0.0.1', 1, 'socks5'],
    ['down', 1, 'needs a value'],
    ['no-dht = never', 1, 'takes no value'],
    ['what is this', 1, 'down = 2M'],
    ['[gte]\ndown = 1K', 2, 'no command gte'],
    ['[get]\nsuper-seeding', 2, 'no option super-seeding for get'],
    ['json', 1, 'json'],
    ['options = x', 1, 'options'],
  ])('%j', async (text, line, words) => {
    write(text);
    expect(await bench.run(`get ${HASH}`)).toBe(EXIT.usage);
    expect(bench.err).toContain(`${FILE}, line ${line}: `);
    expect(bench.err).toMatch(new RegExp(words));
    expect(bench.engine.calls).toEqual([]);
  });

  test('a folder of a home that there is not', async () => {
    bench = new CliBench({ home: () => undefined });
    bench.disk.put('/options', new TextEncoder().encode('output = ~/films'));
    expect(await bench.run(`get ${HASH} --options /options`)).toBe(EXIT.usage);
    expect(bench.err).toMatch(/^ensemble: \/options, line 1: output: .*no home/);
  });

  test('a password is not repeated', async () => {
    write('proxy = socks4://me:secret@h:1');
    await bench.run(`get ${HASH}`);
    expect(bench.err).not.toContain('secret');
  });

  test('what is wrong for another command is left alone', async () => {
    write('[serve]\nport = x\nnonsense\n');
    expect(await optionsOf(`get ${HASH}`)).toEqual(changed({}));
  });
});

test('what stands at the top is not for commands that tell other programs what to do', async () => {
  write('output = ~/films\ndown = 1K\n');
  expect(await bench.run('list')).toBe(EXIT.fault);
  expect(bench.err).toContain('No program runs');
});
