import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findDesktop } from './desktop.ts';

let folder: string;
let main: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'desktop-'));
  main = path.join(folder, 'main.cjs');
  await writeFile(main, '');
});
afterEach(() => rm(folder, { recursive: true }));

/** A runtime that writes down its arguments, and ends with a code or when it is told to. */
async function runtime(script: string): Promise<string> {
  const dist = path.join(folder, 'dist');
  await mkdir(dist);
  await writeFile(path.join(dist, 'electron'), `#!/bin/sh\n${script}\n`);
  await chmod(path.join(dist, 'electron'), 0o755);
  return dist;
}

test('what is not built is said', () => {
  expect(findDesktop(path.join(folder, 'gone.cjs'), {})).toMatchObject({
    missing: expect.stringContaining('gone.cjs'),
  });
});

describe.skipIf(process.platform !== 'linux')('on Linux', () => {
  test.each([
    ['no display', {}, /DISPLAY/],
    ['an empty one', { DISPLAY: '', WAYLAND_DISPLAY: '' }, /DISPLAY/],
  ])('%s is said', async (_, env, text) => {
    const dist = await runtime('exit 0');
    expect(findDesktop(main, { ...env, ELECTRON_OVERRIDE_DIST_PATH: dist })).toMatchObject({
      missing: expect.stringMatching(text),
    });
  });

  test('without a display a runtime is not missed, and with one the folder that was given for it is named', () => {
    const env = { ELECTRON_OVERRIDE_DIST_PATH: path.join(folder, 'empty') };
    expect(findDesktop(main, env)).toMatchObject({ missing: expect.not.stringContaining('runtime') });
    // Where one is installed, that is used.
    const found = findDesktop(main, { ...env, DISPLAY: ':1' });
    if ('missing' in found) expect(found.missing).toContain(env.ELECTRON_OVERRIDE_DIST_PATH);
  });

  test('the given runtime is started with the app and its arguments, and its code is heard', async () => {
    const dist = await runtime(`echo "$@" > ${folder}/said; exit 3`);
    const desktop = findDesktop(main, { DISPLAY: ':1', ELECTRON_OVERRIDE_DIST_PATH: dist });
    if ('missing' in desktop) throw new Error(desktop.missing);
    expect(await desktop.start(['--state=/s', 'a b.torrent'], new AbortController().signal)).toBe(3);
    const said = (await readFile(path.join(folder, 'said'), 'utf8')).trim();
    expect(said).toMatch(new RegExp(`-r ${main} .* --state=/s a b.torrent$`));
    // Only root, and root is told.
    const asRoot = process.getuid?.() === 0;
    expect(said.includes('--no-sandbox')).toBe(asRoot);
    expect(desktop.warning).toEqual(asRoot ? expect.stringContaining('sandbox') : undefined);
  });

  test.each([
    [0, true],
    [1000, false],
  ])('user %i: without the sandbox is %s', async (uid, without) => {
    const getuid = vi.spyOn(process, 'getuid').mockReturnValue(uid);
    try {
      const dist = await runtime(`echo "$@" > ${folder}/said`);
      const desktop = findDesktop(main, { DISPLAY: ':1', ELECTRON_OVERRIDE_DIST_PATH: dist });
      if ('missing' in desktop) throw new Error(desktop.missing);
      await desktop.start([], new AbortController().signal);
      expect((await readFile(path.join(folder, 'said'), 'utf8')).includes('--no-sandbox')).toBe(without);
      expect(desktop.warning !== undefined).toBe(without);
    } finally {
      getuid.mockRestore();
    }
  });

  test('when we are interrupted it is told to end, and we wait for it', async () => {
    const dist = await runtime(`trap 'exit 0' TERM; echo > ${folder}/up; while :; do sleep 0.05; done`);
    const desktop = findDesktop(main, { DISPLAY: ':1', ELECTRON_OVERRIDE_DIST_PATH: dist });
    if ('missing' in desktop) throw new Error(desktop.missing);
    const interruption = new AbortController();
    const ended = desktop.start([], interruption.signal);
    while (!existsSync(path.join(folder, 'up'))) await new Promise((resolve) => setImmediate(resolve));
    interruption.abort();
    expect(await ended).toBe(0);
  });
});
