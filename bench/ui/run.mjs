// `npm run bench:ui`: builds the product where it is stale, and measures its window.
import { build as bundle } from 'vite';
import { build as buildProduct, install, root } from '../../build/setup.mjs';

install();
if (!process.argv.includes('--as-built')) buildProduct();
await bundle({
  configFile: false,
  root,
  logLevel: 'warn',
  build: {
    ssr: true,
    outDir: 'dist/bench',
    emptyOutDir: false,
    target: 'node20',
    minify: false,
    rollupOptions: { input: 'bench/ui/window.ts', output: { entryFileNames: 'window.js', codeSplitting: false } },
  },
});
await import(new URL('../../dist/bench/window.js', import.meta.url).href);
