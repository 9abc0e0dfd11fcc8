// `npm start`: installs and builds what is stale, has the Electron runtime fetched where there is none, and is then
// `ensemble app`, which serves the UI for a browser where no window can be opened.
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
// npm changes to the package's folder: names on the command line are meant from where the user stands.
if (process.env['INIT_CWD']) process.chdir(process.env['INIT_CWD']);
await import(new URL('../dist/cli/main.js', import.meta.url).href);
