import { build, install, root, say } from './setup.mjs';

/** Installs and builds what is stale. Where that fails it says why, and ends the process. */
export function provide() {
  try {
    install();
    build();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

/**
 * Runs the `ensemble` command in this process, with these arguments before those of the command line.
 * @param {string[]} first
 */
export async function runEnsemble(...first) {
  process.argv.splice(1, 1, `${root}dist/cli/main.js`, ...first);
  // npm has changed to the package's folder, but paths on the command line are relative to the user's current folder.
  if (process.env['npm_lifecycle_event'] !== undefined && process.env['INIT_CWD'])
    process.chdir(process.env['INIT_CWD']);
  await import(new URL('../dist/cli/main.js', import.meta.url).href);
}
