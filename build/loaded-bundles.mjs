import { createHash } from 'node:crypto';

/**
 * For Vite: bundles as `core/entry/load-bundle.ts` runs them, that is one expression and then a hash of it, by which what was compiled of
 * it is known to be of this text.
 * @type {import('vite').Plugin}
 */
export const loadedBundles = {
  name: 'loaded-bundles',
  generateBundle(_options, bundle) {
    for (const output of Object.values(bundle)) {
      if (output.type !== 'chunk') continue;
      const text = `(function (exports, require, module, __filename, __dirname) {${output.code}\n})`;
      output.code = `${text}\n// ${createHash('sha1').update(text).digest('hex')}`;
    }
  },
};
