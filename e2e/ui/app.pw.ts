import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { development } from './support/electron.ts';
import { root, temporary } from './support/places.ts';
import { expect } from './support/expect.ts';

/** The desktop app, started by the command line and ended by Ctrl-C at different moments. */
describe.skipIf(development.missing !== undefined)('ensemble app', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let child: ChildProcess | undefined;
  const state = (...names: string[]): string => path.join(place.folder, 'state', ...names);

  beforeEach(async () => {
    place = await temporary();
  });
  afterEach(async () => {
    if (child?.exitCode === null) child.kill('SIGKILL');
    await place.remove();
  });

  const launch = (): ChildProcess => {
    const main = path.join(root, 'dist/cli/main.js');
    child = spawn(process.execPath, [main, 'app', `--state=${state()}`], {
      stdio: 'ignore',
      env: { ...process.env, HOME: place.folder },
    });
    return child;
  };
  /** Processes whose command line names our state folder. */
  const running = (): string[] =>
    readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(state());
      } catch {
        return false;
      }
    });
  const logged = (): Promise<string> => readFile(state('logs/ensemble.log'), 'utf8').catch(() => '');

  const moments: readonly (readonly [string, () => boolean])[] = [
    ['when it takes its profile', () => existsSync(state('window'))],
    ['when it begins its log', () => existsSync(state('logs/ensemble.log'))],
    ['when it takes its lock', () => existsSync(state('lock'))],
    ['when it draws its window', () => existsSync(state('window/GPUCache'))],
  ];
  const linux = it.skipIf(process.platform !== 'linux');
  linux.each(moments)('leaves nothing behind, ended %s', async (_, moment) => {
    const app = launch();
    await expect.poll(moment, { intervals: [5] }).toBe(true);
    app.kill('SIGINT');
    const [code] = (await once(app, 'exit')) as [number];
    expect(code).toBe(5);
    await expect.poll(running).toEqual([]);
    expect(existsSync(state('lock'))).toBe(false);
    const profile = readdirSync(state('window'));
    expect(profile.filter((name) => name.startsWith('Singleton'))).toEqual([]);
    // If it got so far as to have a log, that tells of its end.
    if (await logged()) expect(await logged()).toContain('All is left and kept.');
  });
});
