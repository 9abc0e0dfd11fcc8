import { link, mkdtemp, readdir, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BridgeHost } from '../bridge/host/host.ts';
import { fakeServices } from '../bridge/testing/fake-services.ts';
import { movingDownloads, movingEngine } from '../engine/testing/moving-engine.ts';
import { VirtualClock } from '../sim/clock.ts';
import { runningPrograms, type RunningProgram } from './ask-control.ts';
import { type Control, openControl } from './open-control.ts';
import { controlFolder, controlName } from './control-places.ts';

let folder: string;
let clock: VirtualClock;
let host: BridgeHost;
let asked: number;
const controls: Control[] = [];
const programs: RunningProgram[] = [];

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'control-test-')));
  clock = new VirtualClock();
  host = new BridgeHost(fakeServices(clock, movingEngine(clock, movingDownloads(clock.wall()))));
  asked = 0;
});

afterEach(async () => {
  for (const { client } of programs.splice(0)) client.close();
  for (const control of controls.splice(0)) await control.close();
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(role: 'app' | 'get' | 'serve', stateFolder = folder): Promise<Control> {
  const bridge = (): BridgeHost => {
    asked++;
    return host;
  };
  const control = await openControl({ stateFolder, role, bridge });
  controls.push(control);
  return control;
}

async function running(stateFolder = folder): Promise<RunningProgram[]> {
  const found = await runningPrograms(stateFolder);
  programs.push(...found);
  return found;
}

test('programs that run are found, the one with the list first, and answer over the bridge', async () => {
  await open('get');
  await open('serve');
  expect(asked).toBe(0);
  const found = await running();
  expect(found.map(({ role, pid }) => [role, pid])).toEqual([
    ['serve', process.pid],
    ['get', process.pid],
  ]);
  for (const { client } of found) expect(await client.call('dhtNodes', null)).toHaveLength(3);
  // What answers is made once a program, when it is first asked.
  const [again] = await running();
  await again?.client.call('dhtNodes', null);
  expect(asked).toBe(2);
});

test('a refusal is told as a window is told it', async () => {
  await open('get');
  const [one] = await running();
  await expect(one?.client.call('pieceSource', { key: 'x' as never, piece: 0 })).rejects.toMatchObject({
    code: 'invalid-message',
  });
});

test('nobody else may enter', async () => {
  await open('get');
  const names = await readdir(controlFolder(folder));
  expect(names).toHaveLength(1);
  expect((await stat(controlFolder(folder))).mode & 0o777).toBe(0o700);
  expect((await stat(path.join(controlFolder(folder), names[0]!))).mode & 0o777).toBe(0o600);
});

test('a folder whose path is too long for a socket', async () => {
  const long = path.join(folder, 'x'.repeat(120), 'y', 'z');
  const control = await open('get', long);
  const [name = ''] = await readdir(controlFolder(long));
  const elsewhere = path.dirname(await readlink(path.join(controlFolder(long), name)));
  expect((await stat(elsewhere)).isDirectory()).toBe(true);
  const [one] = await running(long);
  expect(await one?.client.call('dhtNodes', null)).toHaveLength(3);
  await control.close();
  expect(await readdir(controlFolder(long))).toEqual([]);
  await expect(stat(elsewhere)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a program that ended leaves nothing, and lines to it end', async () => {
  const control = await open('get');
  const [one] = await running();
  await one?.client.call('dhtNodes', null);
  const ended = new Promise<void>((resolve) => one?.client.onState((state) => state === 'closed' && resolve()));
  await control.close();
  await ended;
  expect(await readdir(controlFolder(folder))).toEqual([]);
  expect(await running()).toEqual([]);
});

test('what a killed program left goes, and nothing else', async () => {
  const control = await open('get');
  const left = path.join(controlFolder(folder), controlName('get', 1, '0'.repeat(16)));
  // A socket that nobody listens at any more: its file is put back after its end.
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${left}x`, resolve));
  await link(`${left}x`, left);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const others = [`get-1-${'0'.repeat(8)}-${'1'.repeat(16)}`, 'mine.txt'];
  for (const name of others) await writeFile(path.join(controlFolder(folder), name), '');
  expect(await running()).toHaveLength(1);
  const names = await readdir(controlFolder(folder));
  expect(names).not.toContain(path.basename(left));
  expect(names).toEqual(expect.arrayContaining(others));
  expect(names).toHaveLength(3);
  await control.close();
});

test('no folder, no programs', async () => {
  expect(await running(path.join(folder, 'missing'))).toEqual([]);
});
