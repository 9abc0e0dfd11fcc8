import { EnsembleError } from '../core/base/errors.ts';
import { type Context, resolvePath } from './context.ts';
import { leadsTo, readNamed } from './named-file.ts';

/** Most bytes of a list, and most sources that it may name. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_SOURCES = 10_000;

/** The sources that a file names, one a line; `-`: standard input. Empty lines and those that begin with `#` are left out. Throws EnsembleError('usage'). */
export async function readSourceList(context: Context, name: string): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await read(context, name));
  const sources = text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (sources.length <= MAX_SOURCES) return sources;
  throw new EnsembleError('usage', `${name} names ${sources.length} sources: a list has at most ${MAX_SOURCES}.`);
}

async function read(context: Context, name: string): Promise<Uint8Array> {
  const { backend } = context;
  const path = name === '-' ? '/dev/stdin' : resolvePath(context, name);
  const named = await leadsTo(backend.disk, path);
  const isList = name === '-' || (named !== undefined && named.info?.kind !== 'directory');
  const data = isList ? await readNamed(backend, path, named, MAX_BYTES) : undefined;
  if (data === undefined) throw new EnsembleError('usage', `There is no list of sources at ${name}.`);
  return data;
}
