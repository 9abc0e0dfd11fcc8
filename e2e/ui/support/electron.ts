import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { _electron, type ElectronApplication } from '@playwright/test';
import { type Front, type FrontKind, type FrontOptions, PATIENCE } from './front.ts';
import { electronPath, keepAlone, packagedApp, root } from './places.ts';

/** A window of the desktop application, and what a test can do with the program around it. */
export interface DesktopFront extends Front {
  readonly app: ElectronApplication;
  /** How often the user was asked something in a native dialog; each time the answer was the first button. */
  questions(): Promise<readonly string[]>;
}

interface DesktopKind extends FrontKind {
  start(options: FrontOptions): Promise<DesktopFront>;
}

/** The built application with the Electron runtime beside it. */
export const development: DesktopKind = {
  name: 'Electron',
  missing: electronPath() === undefined ? 'there is no Electron runtime (ELECTRON_OVERRIDE_DIST_PATH)' : undefined,
  start: (options) => launch(electronPath() ?? '', ['-r', path.join(root, 'dist/electron/main.cjs'), root], options),
};

/** The packaged application. */
export const packaged: DesktopKind = {
  name: 'packaged Electron',
  missing: existsSync(packagedApp) ? undefined : 'the application is not packaged (npm run package -- --dir)',
  start: (options) => launch(packagedApp, [], options),
};

/** As root Chromium does not start with its sandbox. The setting `sandbox` of our windows stays on. */
export const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

async function launch(program: string, args: readonly string[], options: FrontOptions): Promise<DesktopFront> {
  const { state, open = [] } = options;
  // Not the state folder itself: Chromium writes files of its own into a home, and the program refuses a state folder with such.
  const home = path.join(path.dirname(state), 'home');
  mkdirSync(home, { recursive: true });
  keepAlone(state);
  const app = await _electron.launch({
    executablePath: program,
    args: [...asRoot, '--force-device-scale-factor=1', ...args, `--state=${state}`, ...open],
    env: { ...(process.env as Record<string, string>), HOME: home },
    timeout: PATIENCE,
  });
  await asked(() =>
    app.evaluate(({ dialog }) => {
      const asked: string[] = [];
      Object.assign(globalThis, { asked });
      dialog.showMessageBox = (...args: unknown[]) => {
        const last = args.at(-1) as { message: string; detail?: string };
        asked.push(`${last.message} ${last.detail ?? ''}`);
        return Promise.resolve({ response: 0, checkboxChecked: false });
      };
    }),
  );
  const page = await app.firstWindow({ timeout: PATIENCE });
  page.setDefaultTimeout(PATIENCE);
  // Found even if a dialog has been opened over it meanwhile, which hides it from assistive technology.
  await page.getByRole('button', { name: 'Add torrent', includeHidden: true }).waitFor();
  return {
    app,
    page,
    identities: async () => {
      const metrics = await asked(() =>
        app.evaluate((electron) =>
          electron.app.getAppMetrics().map(({ pid, name, serviceName }) => ({ pid, label: `${name} ${serviceName}` })),
        ),
      );
      const found = metrics.map(({ pid, label }) => [Number(/identity (\d+)/.exec(label)?.[1] ?? -1), pid] as const);
      return new Map(found.filter(([index]) => index >= 0));
    },
    questions: () => asked(() => app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked)),
    quit: () => app.close(),
  };
}

/** Asks the program something. It is asked again if it is so busy that its garbage collector took the answer away. */
export async function asked<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries > 5 || !String(error).includes('garbage collected')) throw error;
    }
  }
}
