import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/**
 * Bundles a module that may import files of this room (`./hasher.ts`) into one script, as the product is bundled. Resolves to the
 * path of the script, in a temporary folder of its own.
 */
export async function bundleForTest(source: string): Promise<string> {
  const id = '\0test-entry';
  const here = join(dirname(fileURLToPath(import.meta.url)), '..', 'entry.ts');
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'test-entry',
        resolveId(name, importer) {
          if (name === 'test-entry') return id;
          return importer === id ? this.resolve(name, here) : null;
        },
        load: (name) => (name === id ? source : null),
      },
    ],
    define: { __filename: 'import.meta.filename' },
    ssr: { noExternal: true },
    build: { ssr: true, write: false, target: 'node20', rollupOptions: { input: 'test-entry' } },
  });
  if (!('output' in result)) throw new Error('one output was expected');
  const path = join(await mkdtemp(join(tmpdir(), 'ensemble-bundle-')), 'entry.mjs');
  await writeFile(path, result.output[0].code);
  return path;
}
