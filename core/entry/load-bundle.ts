import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';

/** The build ends each bundle with a hash of it, and begins what it compiled of it with the same one (`build/loaded-bundles.mjs`). */
const MARK = 40;

/** A bundle is one expression: the function that Node makes of a CommonJS module. */
type Bundle = (
  exports: unknown,
  require: (id: string) => unknown,
  module: object,
  file: string,
  folder: string,
) => void;

const loaded = new Map<string, { exports: unknown }>();

/**
 * Runs a bundle and those that it requires, and returns what it exports. Node would compile all of it at each start; what the build has
 * compiled is used (`FILE.cache`) where it belongs to this very text and to the V8 that runs. Throws what the file system or the bundle
 * throws.
 */
export function loadBundle(file: string): unknown {
  const known = loaded.get(file);
  if (known !== undefined) return known.exports;
  const module = { exports: {} as unknown };
  loaded.set(file, module);
  try {
    // Bundles are ASCII.
    const source = readFileSync(file, 'latin1');
    const script = compile(file, source);
    const folder = path.dirname(file);
    const others = createRequire(file);
    const require = (id: string): unknown => (id.startsWith('.') ? loadBundle(path.join(folder, id)) : others(id));
    (script.runInThisContext() as Bundle)(module.exports, require, module, file, folder);
  } catch (error) {
    loaded.delete(file);
    throw error;
  }
  return module.exports;
}

function compile(file: string, source: string): Script {
  let cache: Given | undefined;
  try {
    cache = readGiven(`${file}.cache`);
  } catch {
    // It only takes longer without.
  }
  // V8 itself compares its own version and options, but of the text only the length.
  const fits = cache?.bytes.toString('latin1', 0, MARK) === source.slice(-MARK);
  const script = new Script(source, { filename: file, ...(fits && { cachedData: cache?.bytes.subarray(MARK) }) });
  cache?.giveBack();
  return script;
}

/** A file's bytes in memory that is given back when it is no longer needed, not at some garbage collection: it is a MiB a process. */
interface Given {
  readonly bytes: Buffer;
  giveBack(): void;
}

/** Of ES2024, and of every Node that we run on. */
type Resizable = ArrayBuffer & { resize(length: number): void };
const ResizableBuffer = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => Resizable;

function readGiven(file: string): Given {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const memory = new ResizableBuffer(size, { maxByteLength: size });
    const bytes = Buffer.from(memory, 0, size);
    let at = 0;
    for (let got = -1; at < size && got !== 0; at += got) got = readSync(descriptor, bytes, at, size - at, at);
    return { bytes: bytes.subarray(0, at), giveBack: () => memory.resize(0) };
  } finally {
    closeSync(descriptor);
  }
}
