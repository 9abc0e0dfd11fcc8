import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Sample {
  /** What the sample shows, and its file name. */
  readonly file: string;
  readonly code: string;
  /** The rule that must fire; undefined: none may. */
  readonly rule?: string;
}

const uses = (module: string) => `import * as x from '${module}';\nexport const y = x;\n`;

const samples: readonly Sample[] = [
  // Rooms: one that may, one that may not.
  ...(
    [
      ['core/base', [], ['../ports/a.ts', '../wire/a.ts', '../../cli/a.ts']],
      ['core/bencode', ['../base/a.ts', 'bencode'], ['../metainfo/a.ts', 'valibot']],
      ['core/ports', ['../base/a.ts'], ['../node/a.ts', '../metainfo/a.ts']],
      ['core/merkle', ['../base/a.ts', 'node:crypto'], ['../bencode/a.ts', '../metainfo/a.ts', 'node:fs']],
      [
        'core/metainfo',
        ['../base/a.ts', '../bencode/a.ts', '../merkle/a.ts', 'node:crypto'],
        ['../store/a.ts', 'bencode', 'node:fs'],
      ],
      ['core/wire', ['../base/a.ts', '../bencode/a.ts'], ['../metainfo/a.ts', '../peer/a.ts', 'node:crypto']],
      ['core/proxy', ['../base/a.ts', '../ports/a.ts'], ['../wire/a.ts', '../node/a.ts', 'node:net']],
      ['core/portmap', ['../base/a.ts', '../ports/a.ts'], ['../wire/a.ts', '../node/a.ts', 'node:dgram']],
      ['core/strategy', ['../base/a.ts', '../metainfo/a.ts'], ['../ports/a.ts', '../swarm/a.ts']],
      ['core/store/layouts', ['../../ports/a.ts', '../records/a.ts'], ['../../strategy/a.ts', '../../../cli/a.ts']],
      ['core/coordinator/run', ['../../claims/a.ts', '../peers/a.ts'], ['../../swarm/a.ts', '../../identity/a.ts']],
      ['core/store', ['../ports/a.ts', '../bencode/a.ts', 'node:path'], ['../strategy/a.ts', 'node:fs/promises']],
      [
        'core/peer',
        ['../wire/a.ts', '../ports/a.ts', '../strategy/a.ts', '../mse/a.ts'],
        ['../store/a.ts', '../swarm/a.ts', 'node:net'],
      ],
      ['core/discovery', ['../strategy/a.ts', '../engine/a.ts'], ['../peer/a.ts', 'node:dgram', 'node:http']],
      ['core/utp', ['../base/a.ts', '../ports/a.ts'], ['../wire/a.ts', '../mse/a.ts', 'node:dgram']],
      ['core/mse', ['../base/a.ts', '../ports/a.ts', 'node:crypto'], ['../wire/a.ts', '../bencode/a.ts', 'node:net']],
      [
        'core/dht',
        ['../ports/a.ts', '../bencode/a.ts', 'node:crypto'],
        ['../wire/a.ts', '../discovery/a.ts', 'node:dgram'],
      ],
      ['core/swarm', ['../discovery/a.ts', '../engine/a.ts', '../store/a.ts'], ['../claims/a.ts', '../identity/a.ts']],
      ['core/webseed', ['../swarm/a.ts', '../engine/a.ts'], ['../peer/a.ts', '../identity/a.ts']],
      ['core/webserve', ['../engine/a.ts', '../ports/a.ts'], ['../coordinator/a.ts', '../node/a.ts', 'node:http']],
      [
        'core/collect',
        ['../webseed/a.ts', '../claims/a.ts', 'node:crypto'],
        ['../swarm/a.ts', '../lone/a.ts', 'node:http', '@nats-io/kv'],
      ],
      ['core/making', ['../metainfo/a.ts', '../ports/a.ts'], ['../store/a.ts', '../node/a.ts', 'node:fs']],
      ['core/feeds', ['../base/a.ts', '../engine/a.ts'], ['../bridge/a.ts', '../ports/a.ts', 'node:fs']],
      ['core/claims', ['../strategy/a.ts', '../store/a.ts'], ['../swarm/a.ts', '../wire/a.ts', '@nats-io/kv']],
      ['core/assembly', ['../store/a.ts', '../ports/a.ts'], ['../claims/a.ts', '../node/a.ts']],
      [
        'core/identity',
        ['../swarm/a.ts', '../portmap/a.ts', '../engine/a.ts', 'valibot'],
        ['../coordinator/a.ts', '../node/a.ts'],
      ],
      ['core/engine', ['../base/a.ts', 'valibot'], ['../bridge/a.ts', '../ports/a.ts']],
      ['core/bridge', ['../engine/a.ts', 'valibot'], ['../coordinator/a.ts', '../ports/a.ts']],
      ['core/import', ['../metainfo/a.ts', '../ports/a.ts'], ['../coordinator/a.ts', '../bridge/a.ts', 'node:fs']],
      [
        'core/rpc',
        ['../engine/a.ts', '../bridge/a.ts'],
        ['../coordinator/a.ts', '../ports/a.ts', 'valibot', 'node:fs'],
      ],
      [
        'core/coordinator',
        [
          '../engine/a.ts',
          '../claims/a.ts',
          '../identity/messages.ts',
          '../identity/worker-messages.ts',
          '../identity/validate.ts',
        ],
        ['../identity/a.ts', '../swarm/a.ts', '../bridge/a.ts', 'node:child_process'],
      ],
      [
        'core/node',
        ['../ports/a.ts', 'node:net', '@nats-io/kv'],
        ['../store/a.ts', '../entry/a.ts', 'node:tls', 'node:https'],
      ],
      [
        'core/lone',
        ['../identity/a.ts', '../coordinator/a.ts', '../collect/a.ts'],
        ['../node/a.ts', '../entry/a.ts', 'node:os', '@nats-io/transport-node'],
      ],
      [
        'core/entry',
        ['../node/a.ts', '../coordinator/a.ts', 'node:os'],
        ['../sim/a.ts', '../../cli/a.ts', '@nats-io/kv'],
      ],
      ['core/sim', ['../swarm/a.ts', '../identity/a.ts'], ['../node/a.ts', '../entry/a.ts', 'node:fs']],
      ['core/lab', ['../sim/a.ts', '../engine/a.ts', 'valibot', 'yaml'], ['../node/a.ts', '../entry/a.ts', 'node:fs']],
      [
        'core/lab/real',
        ['../../node/a.ts', '../world.ts', 'node:fs'],
        ['../../entry/a.ts', '../../../cli/a.ts', 'bencode'],
      ],
      ['core/lab/scenario', ['../../base/a.ts', '../a.ts', 'yaml'], ['../../node/a.ts', '../../../cli/a.ts']],
      ['cli', ['../core/entry/a.ts', 'commander', 'node:tty'], ['../core/sim/a.ts', '../electron/a.ts', 'electron']],
      ['cli/commands', ['../../core/entry/a.ts'], ['../../core/sim/a.ts', '../../renderer/a.ts']],
      ['renderer', ['../core/bridge/a.ts', '../core/engine/a.ts'], ['../core/wire/a.ts', '../cli/a.ts', 'node:fs']],
      ['electron', ['../core/entry/a.ts', 'node:fs'], ['../core/sim/a.ts', '../renderer/a.ts', '../cli/a.ts']],
    ] as const
  ).flatMap(([folder, good, bad]) => [
    ...good.map((module, i) => ({ file: `${folder}/may-${i}.ts`, code: uses(module) })),
    ...bad.map((module, i) => ({
      file: `${folder}/may-not-${i}.ts`,
      code: uses(module),
      rule: 'no-restricted-imports',
    })),
  ]),
  { file: 'core/wire/a.test.ts', code: uses('../sim/a.ts') },
  { file: 'core/wire/b.test.ts', code: uses('electron'), rule: 'no-restricted-imports' },
  { file: 'electron/window.ts', code: `import { BrowserWindow } from 'electron';\nexport const x = BrowserWindow;\n` },
  ...[
    { file: 'electron/other.ts', rule: 'no-restricted-imports' },
    { file: 'electron/ipc.ts' }, // the one place that checks senders
  ].map((one) => ({ ...one, code: `import { ipcMain } from 'electron';\nexport const x = ipcMain;\n` })),
  { file: 'core/node/bare.ts', code: uses('fs'), rule: 'prefer-node-protocol' },
  // Cycles, also of types alone.
  {
    file: 'core/base/cycle-1.ts',
    code: `import type { B } from './cycle-2.ts';\nexport type A = B[];\n`,
    rule: 'no-cycle',
  },
  {
    file: 'core/base/cycle-2.ts',
    code: `import type { A } from './cycle-1.ts';\nexport type B = A[];\n`,
    rule: 'no-cycle',
  },
  { file: 'core/base/a.ts', code: 'export const a = 1;\n' },
  // Time and chance.
  ...['setTimeout(() => 1, 1)', 'setInterval(() => 1, 1)', 'setImmediate(() => 1)', 'queueMicrotask(() => 1)']
    .concat(['performance.now()', 'process.hrtime()', 'crypto.randomUUID()'])
    .flatMap((call, i) => [
      { file: `core/swarm/time-${i}.ts`, code: `export const x = ${call};\n`, rule: 'no-restricted-globals' },
      { file: `core/node/time-${i}.ts`, code: `export const x = ${call};\n` },
    ]),
  ...['Date.now()', 'Math.random()', 'globalThis.setTimeout(() => 1, 1)'].flatMap((call, i) => [
    { file: `core/peer/chance-${i}.ts`, code: `export const x = ${call};\n`, rule: 'no-restricted-properties' },
    { file: `core/entry/chance-${i}.ts`, code: `export const x = ${call};\n`, rule: 'no-restricted-properties' },
    { file: `core/node/chance-${i}.ts`, code: `export const x = ${call};\n` },
  ]),
  { file: 'core/sim/turn.ts', code: 'export const x = setImmediate(() => 1);\n' },
  { file: 'core/sim/late.ts', code: 'export const x = setTimeout(() => 1, 1);\n', rule: 'no-restricted-globals' },
  { file: 'core/wire/buffer.ts', code: 'export const x = Buffer.alloc(1);\n', rule: 'no-restricted-globals' },
  { file: 'core/node/buffer.ts', code: 'export const x = Buffer.alloc(1);\n' },
  // Types and promises.
  { file: 'cli/any.ts', code: 'export const x: any = 1;\n', rule: 'no-explicit-any' },
  { file: 'cli/bang.ts', code: 'export const f = (x?: number) => x!;\n', rule: 'no-non-null-assertion' },
  { file: 'cli/bang.test.ts', code: 'export const f = (x?: number) => x!;\n' },
  {
    file: 'cli/floating.ts',
    code: 'export async function f(): Promise<void> {}\nf();\n',
    rule: 'no-floating-promises',
  },
  { file: 'cli/awaited.ts', code: 'export async function f(): Promise<void> {}\nawait f();\n' },
  {
    file: 'cli/misused.ts',
    code: 'export const f = (l: string[], g: (s: string) => Promise<boolean>) => (g(l[0] ?? "") ? 1 : 2);\n',
    rule: 'no-misused-promises',
  },
  { file: 'cli/default.ts', code: 'const x = 1;\nexport default x;\n', rule: 'no-default-export' },
  // Length.
  { file: 'cli/long.ts', code: `export const x = 1;\n${'// x\n'.repeat(400)}`, rule: 'max-lines' },
  { file: 'cli/short.ts', code: `export const x = 1;\n${'// x\n'.repeat(399)}` },
];

describe('lint rules', () => {
  let folder = '';
  const found = new Map<string, Set<string>>();

  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'ensemble-lint-'));
    for (const { file, code } of samples) {
      mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(folder, file), code);
    }
    cpSync(path.join(root, '.oxlintrc.json'), path.join(folder, '.oxlintrc.json'));
    const tsconfig = path.join(root, 'tsconfig.json');
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: tsconfig, include: ['core', 'cli', 'electron', 'renderer'] }),
    );
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    const bin = path.join(root, 'node_modules/oxlint/bin/oxlint');
    const args = [bin, '--type-aware', '--format=json', '.'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
    const report = JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] };
    for (const { filename, code } of report.diagnostics) {
      const file = path.isAbsolute(filename) ? path.relative(folder, filename) : filename;
      const rule = /\(([^)]+)\)/.exec(code)?.[1] ?? code;
      found.set(file, (found.get(file) ?? new Set()).add(rule));
    }
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(samples.filter((s) => s.rule))('$rule fires on $file', ({ file, rule }) => {
    expect([...(found.get(file) ?? [])]).toContain(rule);
  });

  test('nothing fires on what is allowed', () => {
    const wrong = samples
      .filter((s) => !s.rule && found.has(s.file))
      .map((s) => [s.file, ...(found.get(s.file) ?? [])]);
    expect(wrong).toEqual([]);
  });

  test('what is loaded on demand stands where its package has its place, too', () => {
    const where = ['core', 'cli', 'electron', 'renderer'].flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.tsx?$/.test(name))
        .map((name) => path.join(folder, name)),
    );
    const asks = /import\(\s*'@nats-io\//;
    const found = where.filter((file) => asks.test(readFileSync(path.join(root, file), 'utf8')));
    expect(found).toEqual([path.join('core', 'node', 'nats-buckets.ts')]);
  });

  test('every room of the core has its import rule', () => {
    const config = readFileSync(path.join(root, '.oxlintrc.json'), 'utf8');
    for (const room of readdirSync(path.join(root, 'core'))) expect(config).toContain(`["core/${room}/**"]`);
  });
});
