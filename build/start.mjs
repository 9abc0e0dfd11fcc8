// `npm start`: installs and builds what is stale, fetches the Electron runtime if there is none, and then runs
// `ensemble app` in this process. Where no window can be opened, that serves the same pages to a browser.
import { refuseOldNode } from './node-version.mjs';

refuseOldNode();
const { build, install, root, say } = await import('./setup.mjs');
const { provideElectron } = await import('./electron-runtime.mjs');
try {
  install();
  build();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
const hasDisplay = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
if (hasDisplay) provideElectron(process.env);
process.argv.splice(1, 1, `${root}dist/cli/main.js`, 'app');
// npm has changed to the package's folder, but paths on the command line are relative to the user's current folder.
if (process.env['INIT_CWD']) process.chdir(process.env['INIT_CWD']);
await import(new URL('../dist/cli/main.js', import.meta.url).href);
