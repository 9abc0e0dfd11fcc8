import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The desktop app as it can be started here, or a sentence that says what is missing. */
export type Desktop =
  | { readonly missing: string }
  | {
      /** A sentence that the user should know about how it runs. */
      readonly warning?: string;
      /** Resolves to its exit code when it has ended; the signal ends it. */
      start(args: readonly string[], signal: AbortSignal): Promise<number>;
    };

/** Chromium refuses to run as root with its sandbox. Other users get the sandbox, or Chromium's own refusal. */
const AS_ROOT = "As root the window runs without Chromium's sandbox: better start Ensemble as an ordinary user.";

type Env = Readonly<Record<string, string | undefined>>;

/** Looks for the built app (`main`), a display and an Electron runtime (`ELECTRON_OVERRIDE_DIST_PATH` first). */
export function findDesktop(main: string, env: Env): Desktop {
  if (!existsSync(main)) return { missing: `The desktop app is not built: there is no ${main}.` };
  // First of all, as `npm start` fetches no runtime where there is no display.
  if (process.platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) {
    return { missing: 'There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set.' };
  }
  const runtime = findRuntime(env);
  if (runtime === undefined) {
    const given = env['ELECTRON_OVERRIDE_DIST_PATH'];
    const why = given === undefined ? 'none is installed' : `ELECTRON_OVERRIDE_DIST_PATH (${given}) holds none`;
    return { missing: `There is no Electron runtime: ${why}.` };
  }
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
  return {
    ...(asRoot ? { warning: AS_ROOT } : {}),
    start: (args, signal) =>
      new Promise((resolve, reject) => {
        // In a process group of its own, so that Ctrl-C reaches only this process, and the app's processes end when it has left its
        // swarms.
        const options = { stdio: 'inherit', detached: process.platform !== 'win32' } as const;
        // Loaded by -r, the app runs before Electron is ready, with any runtime.
        const child = spawn(
          runtime,
          [...(asRoot ? ['--no-sandbox'] : []), '-r', main, path.resolve(main, '../../..'), ...args],
          options,
        );
        const end = (): void => void child.kill('SIGTERM');
        signal.addEventListener('abort', end, { once: true });
        if (signal.aborted) end();
        child.once('error', reject);
        child.once('exit', (code) => {
          signal.removeEventListener('abort', end);
          resolve(code ?? 1);
        });
      }),
  };
}

/** Absolute path of Electron's program. Nothing is fetched here. */
function findRuntime(env: Env): string | undefined {
  const name =
    process.platform === 'win32'
      ? 'electron.exe'
      : process.platform === 'darwin'
        ? 'Electron.app/Contents/MacOS/Electron'
        : 'electron';
  for (const folder of [env['ELECTRON_OVERRIDE_DIST_PATH'], installed()]) {
    if (folder !== undefined && existsSync(path.join(folder, name))) return path.join(folder, name);
  }
  return undefined;
}

/** Where the `electron` package keeps its runtime, when it was fetched. */
function installed(): string | undefined {
  try {
    const manifest = createRequire(import.meta.filename).resolve('electron/package.json');
    const folder = path.join(path.dirname(manifest), 'dist');
    return readFileSync(path.join(folder, 'version'), 'utf8') === '' ? undefined : folder;
  } catch {
    return undefined;
  }
}
