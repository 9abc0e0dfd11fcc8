// `npm run bench:ui`: builds the product if it is stale, and measures its window. `-- --replay` measures the page alone, with a
// fake engine: what an update costs, and memory after an hour of them (`--profile`: where the time goes).
import react from '@vitejs/plugin-react';
import { build as bundle } from 'vite';
import { build as buildProduct, install, root } from '../../build/setup.mjs';
import { bundleBench } from '../bundle.mjs';

install();
const replay = process.argv.includes('--replay');
if (!replay && !process.argv.includes('--as-built')) buildProduct();
const name = replay ? 'ui/replay' : 'ui/window';
await bundleBench(name, { whole: false });
if (replay) {
  await bundle({
    configFile: false,
    root: `${root}/renderer`,
    base: './',
    logLevel: 'warn',
    plugins: [react()],
    build: {
      outDir: '../dist/bench/page',
      emptyOutDir: true,
      target: 'chrome130',
      // The profile needs the names of functions.
      minify: false,
      modulePreload: { polyfill: false },
      rollupOptions: { input: `${root}/renderer/fake.html` },
    },
  });
}
await import(new URL(`../../dist/bench/${name}.js`, import.meta.url).href);
