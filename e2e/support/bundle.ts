import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import type { Lab } from './lab.ts';

/** Bundles a script of `e2e/drivers` to be run in a lab; resolves to its path. */
export async function bundleDriver(lab: Lab, name: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    define: { __filename: 'import.meta.filename' },
    ssr: { noExternal: true },
    build: {
      ssr: true,
      write: false,
      target: 'node20',
      rollupOptions: { input: new URL(`../drivers/${name}.ts`, import.meta.url).pathname },
    },
  });
  if (!('output' in result)) throw new Error('one output was expected');
  const path = join(lab.folder, `${name}.mjs`);
  await writeFile(path, result.output[0].code);
  return path;
}
