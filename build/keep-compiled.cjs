// Required by the processes of a warm-up (build/compiled-bundles.mjs): at its end each keeps what V8 has compiled of the bundles that it ran.
const fs = require('node:fs');
const vm = require('node:vm');

/** Digits of a bundle's hash (build/loaded-bundles.mjs). */
const MARK = 40;
/** @type {{ script: vm.Script, file: string, mark: string }[]} */
const kept = [];

vm.Script = class extends vm.Script {
  /** @param {string} source @param {vm.ScriptOptions} options */
  constructor(source, options) {
    super(source, options);
    if (options?.filename) kept.push({ script: this, file: options.filename, mark: source.slice(-MARK) });
  }
};

process.on('exit', () => {
  for (const { script, file, mark } of kept) {
    const compiled = script.createCachedData();
    const cache = `${file}.cache`;
    // The identity that did the most has compiled the most.
    if (fs.existsSync(cache) && fs.statSync(cache).size > compiled.length) continue;
    const part = `${file}.${process.pid}`;
    fs.writeFileSync(part, Buffer.concat([Buffer.from(mark, 'latin1'), compiled]));
    fs.renameSync(part, cache);
  }
});
