import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname } from 'node:path';
import { build, defineConfig } from 'vite';

import { compileBundles } from './build/compiled-bundles.mjs';
import { loadedBundles } from './build/loaded-bundles.mjs';
import { plainAscii } from './build/plain-ascii.mjs';

/**
 * One bundle for each kind of process that Ensemble starts: where it starts, and its name below `dist`. Those that are `loaded` are run by
 * the one before them, which takes what is compiled of them already.
 */
const bundles = [
  // It starts the first identity, and then loads the program, which loads what few commands need when they need it.
  { name: 'cli', input: 'cli/main.ts', output: 'cli/main.js' },
  { name: 'program', input: 'cli/start.ts', output: 'cli/program.js', loaded: true },
  { name: 'identity', input: 'core/entry/identity-main.ts', output: 'identity.js' },
  { name: 'identityProgram', input: 'core/entry/identity-program.ts', output: 'identity-program.js', loaded: true },
  { name: 'worker', input: 'core/entry/worker-main.ts', output: 'worker.js' },
  { name: 'labPlayer', input: 'core/entry/lab-player-main.ts', output: 'lab-player.js' },
  { name: 'main', input: 'electron/main.ts', output: 'electron/main.cjs' },
  { name: 'preload', input: 'electron/preload.ts', output: 'electron/preload.cjs' },
].filter(({ input }) => existsSync(input));

/** Below `dist`: what few identities need. */
const PARTS = 'identity-parts';

const isLoaded = (name: string): boolean => bundles.some((one) => one.name === name && one.loaded === true);

const node = [...builtinModules, /^node:/, 'electron'];

export default defineConfig({
  plugins: [plainAscii, { ...loadedBundles, applyToEnvironment: ({ name }) => isLoaded(name) }],
  builder: {
    async buildApp(builder) {
      const { logLevel } = builder.config;
      // Parts that the program no longer has would stay.
      rmSync('dist/cli', { recursive: true, force: true });
      rmSync(`dist/${PARTS}`, { recursive: true, force: true });
      for (const { name } of bundles) {
        const environment = builder.environments[name];
        if (environment) await builder.build(environment);
      }
      const renderer = 'renderer/vite.config.ts';
      if (existsSync(renderer)) await build({ configFile: renderer, ...(logLevel && { logLevel }) });
      // The bundles are CommonJS, whatever the package's own modules are.
      writeFileSync('dist/package.json', '{ "type": "commonjs" }\n');
      await compileBundles();
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
              // Node starts it sooner than an ES module, and a sandboxed page's preload script has to be it anyway.
              format: 'cjs' as const,
              entryFileNames: output,
              chunkFileNames: name === 'identityProgram' ? `${PARTS}/[name].js` : `${dirname(output)}/[name].js`,
              // Comments would stay in memory with the program.
              comments: { legal: true, annotation: false, jsdoc: false },
              // What every start needs in one file.
              codeSplitting: isLoaded(name) && { groups: [{ name: 'every-start', tags: ['$initial' as const] }] },
            },
          },
        },
      },
    ]),
  ),
});
