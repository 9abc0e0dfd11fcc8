// `npm run bench`, `npm run bench -- NAME ...`: builds the product where it is stale and the benchmarks, and starts them.
import { build as bundle } from 'vite';
import { build as buildProduct, install, root } from '../build/setup.mjs';

install();
if (!process.argv.some((argument) => argument === '--dist' || argument.startsWith('--dist='))) buildProduct();
const node = [/^node:/];
for (const name of ['main', 'light', 'coordinator', 'ui/publishing']) {
  await bundle({
    configFile: false,
    root,
    logLevel: 'warn',
    define: { __filename: 'import.meta.filename' },
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: 'dist/bench',
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rollupOptions: {
        input: `bench/${name}.ts`,
        external: node,
        output: { format: 'es', entryFileNames: `${name}.js`, codeSplitting: false },
      },
    },
  });
}
process.argv[1] = `${root}dist/bench/main.js`;
await import(new URL('../dist/bench/main.js', import.meta.url).href);
