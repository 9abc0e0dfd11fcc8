import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** The checkout's folder, in which `npm run` starts the tests. */
export const root = process.cwd();
/** The application that `npm run package -- --dir` has built. */
export const packagedApp = path.join(root, 'dist/packages/linux-unpacked/ensemble-desktop');
export const chromiumPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Path of the Electron program; undefined: there is none to test with. */
export function electronPath(): string | undefined {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? path.join(root, 'node_modules/electron/dist');
  const program = path.join(folder, 'electron');
  return existsSync(program) ? program : undefined;
}

/** A folder for one test, removed after it. */
export async function temporary(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ensemble-ui-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
