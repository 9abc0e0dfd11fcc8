// `npm start`: installs and builds what is stale, fetches the Electron runtime if there is none, and then runs
// `ensemble app` in this process. Where no window can be opened, that serves the same pages to a browser.
import { refuseOldNode } from './node-version.mjs';

refuseOldNode();
const { provide, runEnsemble } = await import('./command.mjs');
const { provideElectron } = await import('./electron-runtime.mjs');
provide();
const hasDisplay = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
if (hasDisplay) provideElectron(process.env);
await runEnsemble('app');
