import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root, say } from './setup.mjs';

/** Time limit for fetching the runtime, in minutes. */
const MINUTES = 5;

const folder = path.join(root, 'node_modules/electron');

/**
 * Whether there is an Electron runtime: in the folder that `ELECTRON_OVERRIDE_DIST_PATH` names, else in the package's own.
 * @param {NodeJS.ProcessEnv} env
 */
export function hasElectron(env) {
  return existsSync(path.join(env['ELECTRON_OVERRIDE_DIST_PATH'] || path.join(folder, 'dist'), 'version'));
}

/**
 * Lets the `electron` package download its runtime if there is none yet, as its installation does not. Returns whether there
 * is one then. Where `ELECTRON_OVERRIDE_DIST_PATH` names a folder, that one is used, and nothing is downloaded.
 * @param {NodeJS.ProcessEnv} env
 */
export function provideElectron(env) {
  if (env['ELECTRON_OVERRIDE_DIST_PATH']) return true;
  if (hasElectron(env)) return true;
  say('Fetching the Electron runtime, once ...');
  const done = spawnSync(process.execPath, [path.join(folder, 'install.js')], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: MINUTES * 60_000,
  });
  if (done.status === 0) return true;
  const reason = /^\s*(?:\w*Error: )?(.+)$/m.exec(done.stderr)?.[1] ?? `no answer within ${MINUTES} minutes`;
  say(`It could not be fetched: ${reason}`);
  return false;
}
