// `npm run demo`, `npm run ensemble -- ...`: installs and builds what is stale, then runs the `ensemble` command in this process.
import { refuseOldNode } from './node-version.mjs';

refuseOldNode();
const { provide, runEnsemble } = await import('./command.mjs');
provide();
await runEnsemble();
