import { describe, expect, test } from 'vitest';
import { bytesPerSecond } from '../../core/base/ids.ts';
import type { Paths } from '../../core/entry/paths.ts';
import type { Link } from '../../core/links/link.ts';
import type { Survey } from '../../core/links/survey.ts';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import type { Speed } from '../../core/peer/speed-probe.ts';
import type { Backend } from '../backend.ts';
import { EXIT } from '../exit-codes.ts';
import { FAKE_PROFILES } from '../../core/engine/testing/fake-links.ts';
import { RunningBench } from '../testing/running-bench.ts';
import { CliBench } from '../testing/run-cli.ts';

const link: Link = {
  own: { interfaceName: 'eth1', address: '10.2.0.2', family: 4, internal: false },
  at: { kind: 'wired', up: true, pointToPoint: false },
  gateway: '10.2.0.1',
  way: { kind: 'leaves', by: 'eth0', gateway: '10.1.0.1' },
};
const wrong: Survey = {
  links: [link],
  repairs: [{ link, make: [['make', 'it']], undo: [['undo', 'it']] }],
  takeBack: [],
};
const right: Survey = {
  links: [{ ...link, way: { kind: 'leaves', by: 'eth1' } }],
  repairs: [],
  takeBack: [['take', 'back']],
};

async function run(line: string, options: { found?: Survey; answer?: boolean } = {}) {
  const done: string[] = [];
  let now = options.found ?? wrong;
  const ways: Paths = {
    survey: () => Promise.resolve(now),
    apply: (repairs) => {
      done.push(...repairs.flatMap(({ make }) => make.map((one) => one.join(' '))));
      now = right;
      return Promise.resolve();
    },
    undo: (commands) => {
      done.push(...commands.map((one) => one.join(' ')));
      return Promise.resolve();
    },
  };
  const change: Partial<Backend> = {
    openPaths: () => Promise.resolve(ways),
    confirm: () => Promise.resolve(options.answer),
  };
  const bench = new CliBench(change);
  return { code: await bench.run(line), bench, done };
}

test('says by which link an address leaves, and the commands that set it right', async () => {
  const { code, bench, done } = await run('paths --json');
  expect(code).toBe(EXIT.done);
  expect(done).toEqual([]);
  expect(bench.json).toMatchObject([
    {
      event: 'link',
      address: '10.2.0.2',
      verdict: 'elsewhere',
      leavesBy: 'eth0',
      make: [['make', 'it']],
      undo: [['undo', 'it']],
    },
  ]);
  const { bench: text } = await run('paths');
  expect(text.out).toMatch(/leave by eth0.*not by this link[^]*make it[^]*undo it/);
});

test.for<[string, { found?: Survey; answer?: boolean }, readonly string[], boolean]>([
  ['paths --apply', { answer: true }, ['make it'], true],
  ['paths --apply', { answer: false }, [], false],
  ['paths --apply', {}, [], false],
  ['paths --apply --yes', {}, ['make it'], true],
  ['paths --apply', { found: right }, [], true],
  ['paths --undo', { found: right, answer: true }, ['take back'], true],
  ['paths --undo', { found: wrong }, [], true],
  ['paths --undo --apply', { answer: true }, [], false],
  ['paths', { found: { links: [], repairs: [], takeBack: [] } }, [], false],
])('%s, %o', async ([line, options, commands, isDone]) => {
  const { code, done } = await run(line, options);
  expect(done).toEqual(commands);
  expect(code === EXIT.done).toBe(isDone);
});

test('what leaves by each link of the program that runs, and why one waits', async () => {
  const bench = new RunningBench();
  bench.theirs.setLinks(FAKE_PROFILES);
  expect(await bench.run('paths --watch --timeout 3 --json')).not.toBe(EXIT.done);
  const uses = bench.json.filter(({ event }) => event === 'use');
  // Twice within three seconds.
  expect(uses.map(({ link }) => link)).toEqual(['Fibre', 'Phone', 'Tunnel', 'Fibre', 'Phone', 'Tunnel']);
  expect(uses[0]).toMatchObject({ program: 'serve', at: 'enp3s0', identities: 1 });
  expect(uses[1]).toMatchObject({ waits: 'only while enp3s0 is down', role: 'fetch' });
  expect(uses[1]).toHaveProperty('month.allowance');
  const people = new RunningBench();
  await people.run('paths --watch --timeout 1');
  expect(people.out).toMatch(/192\.0\.2\.16: 1 identity; down /);
});

const still: Paths = {
  survey: () => Promise.reject(new Error('not expected')),
  apply: () => Promise.reject(new Error('not expected')),
  undo: () => Promise.reject(new Error('not expected')),
};
const seen: Survey = { ...right, links: [{ ...link, own: { ...link.own, address: '192.0.2.16' } }] };
const grant = { by: 'nat-pmp', host: '198.51.100.9', tcp: 1, udp: 1, lifetime: 60 } as const;

test('how an address is seen from outside: by what programs that run have heard, and with --ask by routers', async () => {
  const running = new RunningBench({
    openPaths: () => Promise.resolve({ ...still, survey: () => Promise.resolve(seen) }),
  });
  running.theirs.setLinks([]);
  await running.run('paths --json');
  expect(running.json[0]).toMatchObject({ address: '192.0.2.16', outside: '198.51.100.7' });
  const asked = new CliBench({
    openPaths: () => Promise.resolve({ ...still, survey: () => Promise.resolve(right) }),
    probeRouters: () =>
      Promise.resolve([
        {
          own: link.own,
          answers: [
            { protocol: 'pcp', outcome: { kind: 'silent' } },
            { protocol: 'nat-pmp', outcome: { kind: 'granted', grant } },
          ],
        },
      ]),
  });
  await asked.run('paths');
  expect(asked.out).not.toContain('198.51.100.9');
  await asked.run('paths --ask');
  expect(asked.out).toContain('198.51.100.9');
});

describe('how fast a link is', () => {
  const torrent = encodeTorrent({
    name: 'film',
    files: 20,
    pieceLength: 16_384,
    pieceHashes: new Uint8Array(20),
    trackers: [],
  });
  const measure = async (line: string, speed: Speed, found: Survey = right) => {
    const asked: string[] = [];
    const bench = new CliBench({
      openPaths: () => Promise.resolve({ ...still, survey: () => Promise.resolve(found) }),
      probeSpeed: ({ from, peers }) => {
        asked.push(`${from} of ${peers.map(({ host, port }) => `${host}:${port}`).join()}`);
        return Promise.resolve(speed);
      },
    });
    bench.disk.put('/home/a.torrent', torrent);
    return { code: await bench.run(`paths --measure a.torrent${line}`), asked, bench };
  };
  const fast = { kind: 'measured', rate: bytesPerSecond(12e6) } as const;

  test('is measured by the peers that are given, from each address that can reach them', async () => {
    const two: Survey = {
      ...right,
      links: [...right.links, { ...link, own: { ...link.own, address: '2001:db8::1', family: 6 } }],
    };
    const { bench, asked } = await measure(' --peer 192.0.2.9:6881 --peer 192.0.2.8:1 --json', fast, two);
    expect(asked).toEqual(['10.2.0.2 of 192.0.2.9:6881,192.0.2.8:1']);
    expect(bench.json.map((one) => one['speed'])).toEqual([12e6, undefined]);
    expect((await measure(' --peer 192.0.2.9:6881', fast)).bench.out).toContain('12.0 MB/s');
  });

  test('is not known where the peer does not tell, and nobody is asked where nothing leaves', async () => {
    const { bench } = await measure(' --peer 192.0.2.9:6881', { kind: 'failed', why: 'does not answer' });
    expect(bench.out).toContain('the peer does not answer');
    const nowhere: Survey = { ...right, links: [{ ...link, way: { kind: 'none', why: 'unreachable' } }] };
    expect((await measure(' --peer 192.0.2.9:6881', fast, nowhere)).asked).toEqual([]);
  });

  test('needs both a torrent and a peer', async () => {
    expect((await measure('', fast)).code).toBe(EXIT.usage);
    expect(await new CliBench().run('paths --peer 192.0.2.9:6881')).toBe(EXIT.usage);
  });
});
