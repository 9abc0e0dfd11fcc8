import { writeFileSync } from 'node:fs';
import { build } from 'vite';
import { root } from '../build/setup.mjs';

/**
 * Bundles bench/NAME.ts for Node as dist/bench/NAME.js. `whole`: with the packages that it imports; otherwise Node finds
 * them when it runs.
 * @param {string} name
 * @param {{ readonly whole: boolean }} options
 */
export async function bundleBench(name, { whole }) {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    define: { __filename: 'import.meta.filename' },
    ssr: whole ? { noExternal: true } : {},
    build: {
      ssr: true,
      outDir: 'dist/bench',
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rollupOptions: {
        input: `bench/${name}.ts`,
        external: [/^node:/],
        output: { format: 'es', entryFileNames: `${name}.js`, codeSplitting: false },
      },
    },
  });
  // What lies around it is CommonJS.
  writeFileSync(`${root}dist/bench/package.json`, '{ "type": "module" }\n');
}
