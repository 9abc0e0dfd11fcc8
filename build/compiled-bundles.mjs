import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const HOOK = 'keep-compiled.cjs';
/** A warm-up that takes longer than this, in ms, has failed. */
const PATIENCE = 60_000;

/** Nothing leaves the machine: the only node of the DHT to ask is a port of its own that nobody listens at. */
const ALONE = ['--bind', '127.0.0.1', '--dht-bootstrap', '127.0.0.1:9', '--no-lsd', '--no-port-map'];

/**
 * Downloads a file from this very machine with the bundles in `dist`, and keeps beside each what V8 has compiled of it by then. Without that
 * each process compiles all that it uses anew, a third of what it costs to start it. Where it fails, or another Node runs later, the bundles
 * work without.
 */
export async function compileBundles() {
  forget(path.join(root, 'dist'));
  forget(path.join(root, 'dist/cli'));
  const folder = mkdtempSync(path.join(tmpdir(), 'ensemble-build-'));
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    await download(folder, signal);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`The bundles are not compiled ahead, so that processes start more slowly: ${reason}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder */
function forget(folder) {
  for (const name of readdirSync(folder)) if (/\.js(\.\d+|\.cache)$/.test(name)) rmSync(path.join(folder, name));
}

/**
 * @param {string} folder empty
 * @param {AbortSignal} signal
 */
async function download(folder, signal) {
  const script = path.join(folder, 'warm-up.mjs');
  writeFileSync(script, await bundled('build/warm-up.ts'));
  const swarm = spawn(process.execPath, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'], signal });
  swarm.on('error', () => {});
  const ended = once(swarm, 'exit');
  try {
    const [torrent] = await Promise.race([once(swarm.stdout, 'data', { signal }), ended.then(() => [undefined])]);
    if (torrent === undefined) throw new Error('the swarm of this machine did not start');
    // Relative, as arguments for identities are separated by spaces.
    copyFileSync(path.join(root, 'build', HOOK), path.join(folder, HOOK));
    const main = path.join(root, 'dist/cli/main.js');
    const target = ['-o', path.join(folder, 'download'), '-n', '2'];
    const args = ['--require', `./${HOOK}`, main, 'get', String(torrent).trim(), ...target, ...ALONE];
    const state = { HOME: folder, XDG_STATE_HOME: folder, APPDATA: folder, LOCALAPPDATA: folder };
    const env = { ...process.env, ...state, ENSEMBLE_CHILD_NODE_ARGS: `--require ./${HOOK}` };
    const get = spawn(process.execPath, args, { env, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], signal });
    const [code] = await once(get, 'exit');
    if (code !== 0) throw new Error(`the download on this machine ended with ${code}`);
    if (!existsSync(path.join(root, 'dist/identity-program.js.cache'))) throw new Error('its processes kept nothing');
  } finally {
    swarm.stdin.end();
    await ended;
  }
}

/** @param {string} input */
async function bundled(input) {
  const result = await build({
    configFile: false,
    root,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: { ssr: true, write: false, target: 'node20', rollupOptions: { input, external: [/^node:/] } },
  });
  const [bundle] = [result].flat();
  if (bundle === undefined || !('output' in bundle)) throw new Error('one output was expected');
  return bundle.output[0].code;
}
