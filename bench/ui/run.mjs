// `npm run bench:ui`: builds the product if it is stale, and measures its window. `-- --replay` measures the page alone, with a
// fake engine: what an update costs, and memory after an hour of them (`--profile`: where the time goes). `-- --many`: with
// 5,000 downloads in the table.
import { build as buildProduct, install } from '../../build/setup.mjs';
import { bundleBench } from '../bundle.mjs';

install();
const alone = ['replay', 'many'].find((one) => process.argv.includes(`--${one}`));
if (alone === undefined && !process.argv.includes('--as-built')) buildProduct();
const name = `ui/${alone ?? 'window'}`;
await bundleBench(name, { whole: false });
await import(new URL(`../../dist/bench/${name}.js`, import.meta.url).href);
