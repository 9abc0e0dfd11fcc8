import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { COMMAND_LINE } from './support/requirements.ts';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'ensemble-client-'))));
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null) continue;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
});

type Line = Readonly<Record<string, unknown>>;

/** A command that goes on; resolves to the first object in which it says this. */
function started(args: readonly string[], said: (line: Line) => boolean): Promise<Line> {
  const child = spawn(process.execPath, [COMMAND_LINE, ...args, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ensemble ${args.join(' ')}: exit ${code}`)));
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      if (said(line)) resolve(line);
    });
  });
}

/** A command with --json, run to its end. */
function ran(...args: readonly string[]): Promise<{ code: number; lines: Line[] }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND_LINE, ...args, '--json'], { cwd: folder, timeout: 60_000 }, (error, out) => {
      const lines = out.split('\n').filter((line) => line !== '');
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, lines: lines.map((line) => JSON.parse(line) as Line) });
    });
  });
}

it('commands drive a program that runs: by its state folder, and by the URL of its UI', async () => {
  const content = randomBytes(3_000_000);
  for (const name of ['given', 'got']) await mkdir(path.join(folder, name));
  await writeFile(path.join(folder, 'given/film one.bin'), content);
  await ran('create', 'given/film one.bin', '-o', 't.torrent');
  const alone = ['--no-dht', '--no-lsd', '--no-port-map', '--bind', '127.0.0.1'];
  const seed = await started(['seed', 't.torrent', 'given', ...alone], (line) => {
    const [first] = (line['identities'] ?? []) as { readonly port?: number }[];
    return line['state'] === 'seeding' && first?.port !== undefined;
  });
  const [{ port }] = seed['identities'] as [{ readonly port: number }];
  const { url } = await started(['serve', '--state', 'state', '--root', 'got'], ({ event }) => event === 'serving');
  const there = ['--state', 'state'];

  const added = await ran(
    'add',
    't.torrent',
    '--paused',
    '--tag',
    'x',
    '--peer',
    `127.0.0.1:${port}`,
    ...alone,
    ...there,
  );
  expect(added.lines).toMatchObject([{ event: 'added', name: 'film one.bin', output: path.join(folder, 'got') }]);
  expect((await ran('list', '--tag', 'x', '--url', url as string)).lines).toMatchObject([
    { event: 'download', number: 1, state: 'paused', tags: ['x'] },
    { event: 'list', downloads: 1 },
  ]);
  expect((await ran('limit', 'film', '--down', '50M', '--url', url as string)).code).toBe(0);
  expect((await ran('resume', '1', ...there)).lines).toMatchObject([{ event: 'resumed' }]);
  const watched = await ran('watch', 'film', '--timeout', '50', ...there);
  expect(watched.code).toBe(0);
  expect(watched.lines.at(-1)).toMatchObject({ event: 'done', downloaded: content.length });
  expect(content.equals(await readFile(path.join(folder, 'got/film one.bin')))).toBe(true);
  const { lines } = await ran('info', 'film', '--files', ...there);
  expect(lines).toMatchObject([{ files: [{ index: 0, have: content.length }] }]);
  expect((await ran('move', 'film', 'got/sub', ...there)).lines.at(-1)).toMatchObject({ event: 'moved' });
  expect(content.equals(await readFile(path.join(folder, 'got/sub/film one.bin')))).toBe(true);
  expect((await ran('remove', 'film', '--data', ...there)).code).toBe(2);
  expect((await ran('remove', 'film', '--data', '--yes', ...there)).code).toBe(0);
  await expect(readFile(path.join(folder, 'got/sub/film one.bin'))).rejects.toThrow('ENOENT');
  expect((await ran('pause', 'film', ...there)).code).toBe(2);
});
