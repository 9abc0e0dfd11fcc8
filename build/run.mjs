// `npm run demo`, `npm run ensemble -- ...`: installs and builds what is stale, then runs the `ensemble` command in this process.
import { refuseOldNode } from './node-version.mjs';

refuseOldNode();
const { build, install, root, say } = await import('./setup.mjs');
try {
  install();
  build();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
const main = new URL('../dist/cli/main.js', import.meta.url);
process.argv[1] = `${root}dist/cli/main.js`;
// npm has changed to the package's folder, but paths on the command line are relative to the user's current folder.
if (process.env['npm_lifecycle_event'] !== undefined && process.env['INIT_CWD']) process.chdir(process.env['INIT_CWD']);
await import(main.href);
