import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname } from 'node:path';
import { build, defineConfig } from 'vite';
import { plainAscii } from './build/plain-ascii.mjs';

/** One bundle for each kind of process that Ensemble starts: where it starts, and its name below `dist`. */
const bundles = [
  // The command line in two: the small one starts the first identity, and then reads the large one, which reads what few commands
  // need when they need it.
  { name: 'cli', input: 'cli/main.ts', output: 'cli/main.js' },
  { name: 'program', input: 'cli/start.ts', output: 'cli/program.js' },
  { name: 'identity', input: 'core/entry/identity-main.ts', output: 'identity.js' },
  { name: 'worker', input: 'core/entry/worker-main.ts', output: 'worker.js' },
  // CommonJS is loaded at once, before Electron is ready; a sandboxed page's preload script has to be CommonJS anyway.
  { name: 'main', input: 'electron/main.ts', output: 'electron/main.cjs' },
  { name: 'preload', input: 'electron/preload.ts', output: 'electron/preload.cjs' },
].filter(({ input }) => existsSync(input));

const node = [...builtinModules, /^node:/, 'electron'];

export default defineConfig({
  plugins: [plainAscii],
  builder: {
    async buildApp(builder) {
      const { logLevel } = builder.config;
      for (const { name } of bundles) {
        const environment = builder.environments[name];
        if (environment) await builder.build(environment);
      }
      const renderer = 'renderer/vite.config.ts';
      if (existsSync(renderer)) await build({ configFile: renderer, ...(logLevel && { logLevel }) });
    },
  },
  environments: Object.fromEntries(
    bundles.map(({ name, input, output }) => [
      name,
      {
        consumer: 'server' as const,
        // All packages go in: one file is read at a start, and `dist` runs without node_modules.
        resolve: { noExternal: true as const, builtins: node },
        build: {
          ssr: true,
          outDir: 'dist',
          emptyOutDir: false,
          target: 'node20',
          minify: false,
          rollupOptions: {
            input,
            external: node,
            output: {
              format: output.endsWith('.cjs') ? ('cjs' as const) : ('es' as const),
              entryFileNames: output,
              chunkFileNames: `${dirname(output)}/[name].js`,
              // Comments would stay in memory with the program.
              comments: { legal: true, annotation: false, jsdoc: false },
              codeSplitting: name === 'program',
            },
          },
        },
      },
    ]),
  ),
});
