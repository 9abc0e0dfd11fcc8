import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { runQuietly, say } from './setup.mjs';

/** @typedef {{ package: string, probe: [string, ...string[]] }} Tool */

/** The Debian packages whose programs the interop tests use, each with a command (`probe`) that shows whether it is installed. */
/** @type {readonly Tool[]} */
const tools = JSON.parse(readFileSync(new URL('./debian-packages.json', import.meta.url), 'utf8'));

/**
 * The packages of `list` whose probe cannot be started, or says that something is missing.
 * @param {readonly Tool[]} list
 * @returns {string[]} names of packages
 */
export function missingTools(list = tools) {
  return list
    .filter(({ probe: [command, ...args] }) => {
      const done = spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 });
      // Some programs exit with an error after printing their help; only for an interpreter (`-c`) it means a missing module.
      return done.error !== undefined || (args.includes('-c') && done.status !== 0);
    })
    .map((tool) => tool.package);
}

/** Installs missing packages if we are root on Debian; returns the names of those that are still missing. */
export function provideTools() {
  const missing = missingTools();
  if (missing.length === 0) return missing;
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !runs('apt-get')) return missing;
  say(`Installing Debian packages for the interop tests: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => runQuietly('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], env);
  if (!install() && runQuietly('apt-get', ['update', '-qq'], env)) install();
  return missingTools();
}

/** @param {string} command */
function runs(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
}
