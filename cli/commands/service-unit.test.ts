import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

const UNIT = fileURLToPath(new URL('../../packaging/systemd/ensemble.service', import.meta.url));
const unit = readFileSync(UNIT, 'utf8');

test('its command line is one that serve takes', async () => {
  const line = /^ExecStart=\/usr\/bin\/env ensemble (.*)$/m.exec(unit)?.[1] ?? '';
  const bench = new CliBench({ openUi: () => Promise.reject(new Error('it would serve')) });
  expect(await bench.run(line)).toBe(EXIT.fault);
  expect(bench.err).toContain('it would serve');
});

test('what it says of exit codes is true', () => {
  expect(unit).toContain(`SuccessExitStatus=${EXIT.interrupted}\n`);
  expect(unit).toContain(`RestartPreventExitStatus=${EXIT.usage} ${EXIT.inUse}\n`);
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test.skipIf(!hasSystemd)('systemd finds nothing wrong with it', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ensemble-unit-'));
  try {
    const env = { ...process.env, XDG_RUNTIME_DIR: folder };
    const done = spawnSync('systemd-analyze', ['--user', '--man=no', 'verify', UNIT], { env, encoding: 'utf8' });
    expect([done.status, done.stderr]).toEqual([0, '']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
