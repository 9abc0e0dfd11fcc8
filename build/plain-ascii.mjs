/**
 * The same program in ASCII. V8 keeps a program's text as long as the process lives, two bytes a character where only one of them lies
 * beyond Latin-1: a single arrow in a message costs as much as the whole text. Stands for code without comments and `String.raw`.
 * @param {string} code
 */
export function inAscii(code) {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * For Vite: writes bundles in ASCII.
 * @type {import('vite').Plugin}
 */
export const plainAscii = {
  name: 'plain-ascii',
  // The last step: what prints the program after `renderChunk` would take the escapes out again.
  generateBundle(_options, bundle) {
    for (const output of Object.values(bundle)) if (output.type === 'chunk') output.code = inAscii(output.code);
  },
};
