import path from 'node:path';
import { loadBundle } from './load-bundle.ts';

/** What an identity process runs, under Node and Electron alike. */
loadBundle(path.join(import.meta.dirname, 'identity-program.js'));
