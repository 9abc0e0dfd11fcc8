import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const INSTALL_STAMP = 'node_modules/.ensemble-lock';
const BUILD_STAMP = 'dist/.sources';
/** The folders that the bundles are built from. */
const CODE = ['core', 'cli', 'electron', 'renderer'];
const SOURCES = CODE.concat('package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts', 'build');

/**
 * One hash over the names and contents of files, and of all files below folders, without tests.
 * @param {string} base
 * @param {readonly string[]} names
 * @returns {string}
 */
export function digest(base, names) {
  const hash = createHash('sha256');
  /** @param {string} name */
  const visit = (name) => {
    const full = path.join(base, name);
    if (!existsSync(full)) return;
    const entries = readable(full);
    if (entries) for (const entry of entries.sort()) visit(`${name}/${entry}`);
    else if (!name.endsWith('.test.ts')) hash.update(`${name}\0`).update(readFileSync(full)).update('\0');
  };
  for (const name of names) visit(name);
  return hash.digest('hex');
}

/**
 * Names in a folder; undefined for a file.
 * @param {string} full
 */
function readable(full) {
  try {
    return readdirSync(full);
  } catch {
    return undefined;
  }
}

/**
 * Whether the stamp file says something else than `value`, or is not there.
 * @param {string} base
 * @param {string} stamp
 * @param {string} value
 */
export function isStale(base, stamp, value) {
  const file = path.join(base, stamp);
  return !existsSync(file) || readFileSync(file, 'utf8') !== value;
}

/**
 * @param {string} base
 * @param {string} stamp
 * @param {string} value
 */
function writeStamp(base, stamp, value) {
  const file = path.join(base, stamp);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, value);
}

/** People's messages: standard output belongs to the command that follows. @param {string} text */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * Runs a program to its end with its output on our standard error; whether it went well.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export function runQuietly(command, args, env = process.env) {
  const done = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 2, 2], shell: command === 'npm.cmd' });
  return done.status === 0;
}

/** Installs the packages where the lock file is another one than at the last time. Throws where that fails. */
export function install() {
  const value = `${digest(root, ['package-lock.json'])} ${process.platform}-${process.arch}`;
  if (!isStale(root, INSTALL_STAMP, value)) return;
  say('Installing packages (npm ci), once for each change of package-lock.json ...');
  // A download that hangs is begun anew after a minute; npm itself would wait for five.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-timeout=60000'];
  const npm = process.env['npm_execpath'];
  const fine =
    npm !== undefined && /\.[cm]?js$/.test(npm)
      ? runQuietly(process.execPath, [npm, ...args])
      : runQuietly(process.platform === 'win32' ? 'npm.cmd' : 'npm', args);
  if (!fine) throw new Error('npm ci failed: see its messages above. Is the package registry reachable?');
  writeStamp(root, INSTALL_STAMP, value);
}

/** Builds `dist` where a source has changed since the last time. Throws where that fails. */
export function build() {
  // What V8 has compiled ahead is of use to this Node alone.
  const value = `${digest(root, SOURCES)} ${process.version}`;
  if (!isStale(root, BUILD_STAMP, value) && existsSync(path.join(root, 'dist/cli/main.js'))) return;
  say('Building ...');
  const args = [path.join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'];
  if (!runQuietly(process.execPath, args)) throw new Error('The build failed: see the messages above.');
  writeStamp(root, BUILD_STAMP, value);
}
