// `npm run bench`, `npm run bench -- NAME ...`: builds the product if it is stale, builds the benchmarks, and runs them.
import { build as buildProduct, install, root } from '../build/setup.mjs';
import { bundleBench } from './bundle.mjs';

// The user's options file is none of a benchmark's business.
process.env['ENSEMBLE_NO_OPTIONS'] = '1';
install();
if (!process.argv.some((argument) => argument === '--dist' || argument.startsWith('--dist='))) buildProduct();
for (const name of ['main', 'light', 'coordinator', 'ui/publishing']) await bundleBench(name, { whole: true });
process.argv[1] = `${root}dist/bench/main.js`;
await import(new URL('../dist/bench/main.js', import.meta.url).href);
