import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
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

/** A node of the DHT that does not exist: with it in place of the well-known ones nothing leaves this machine. */
export const NOWHERE = '127.0.0.1:9';

/** Has a program that begins with this state folder keep to this machine. */
export function keepAlone(state: string): void {
  const settings = path.join(state, 'settings.json');
  if (existsSync(settings)) return;
  mkdirSync(state, { recursive: true, mode: 0o700 });
  writeFileSync(settings, JSON.stringify({ version: 2, dhtBootstrap: [{ host: '127.0.0.1', port: 9 }] }));
}
