import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMAND_LINE } from './support/requirements.ts';

/** Runs a line of a shell in which `ensemble` is the built command line. */
function shell(cwd: string, line: string): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const script = `set -o pipefail; ensemble() { ${JSON.stringify(process.execPath)} ${JSON.stringify(COMMAND_LINE)} "$@"; }; ${line}`;
    execFile('bash', ['-c', script], { cwd, timeout: 60_000 }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    );
  });
}

// Scripts trust that a command whose output got lost has failed.
describe.skipIf(!existsSync('/dev/full'))('standard output that takes nothing', () => {
  it('is an error of every command, which ends; and a pipe is read like a file', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'ensemble-output-'));
    try {
      await writeFile(path.join(folder, 'f'), 'hello');
      await mkdir(path.join(folder, 'o'));
      await shell(folder, 'ensemble create f -o f.torrent');
      const alone = '--no-dht --no-lsd --no-pex --no-port-map --timeout 40';
      const lines = [
        'ensemble show f.torrent',
        'ensemble check f.torrent . --json',
        'ensemble create f -o g.torrent --json',
        `ensemble get f.torrent -o o ${alone} --json`,
        'ensemble --help',
      ];
      for (const line of lines) {
        const { code, err } = await shell(folder, `${line} > /dev/full`);
        expect({ line, code }).toEqual({ line, code: 4 });
        expect(err).toContain('ENOSPC');
      }
      const piped = await shell(folder, 'cat f.torrent | ensemble show /dev/stdin --json');
      expect(JSON.parse(piped.out)).toMatchObject({ name: 'f', length: 5 });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
