import * as v from 'valibot';
import { EnsembleError } from '../../base/errors.ts';
import type { Disk } from '../../ports/disk.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const envelope = v.looseObject({ version: v.pipe(v.number(), v.integer(), v.minValue(1)) });

/**
 * Reads a JSON file of ours; undefined where it is missing. Rejects with EnsembleError('newer-version') for one of a
 * version beyond `version`, and with EnsembleError('disk') for a malformed one.
 */
export async function readVersioned<T>(
  disk: Disk,
  path: string,
  version: number,
  schema: v.GenericSchema<unknown, T>,
): Promise<T | undefined> {
  const data = await disk.readFile(path, MAX_BYTES);
  if (data === undefined) return undefined;
  const damaged = (what: string): EnsembleError =>
    new EnsembleError('disk', `${path} is damaged (${what}): repair it, or move it away to start without it.`);
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch {
    throw damaged('no JSON');
  }
  const head = v.safeParse(envelope, content);
  if (!head.success) throw damaged('no version');
  if (head.output.version > version) {
    throw new EnsembleError(
      'newer-version',
      `${path} has version ${head.output.version}, and this program knows up to ${version}: use a newer program.`,
    );
  }
  const body = v.safeParse(schema, content, { abortEarly: true });
  if (!body.success) throw damaged(`${v.getDotPath(body.issues[0]) ?? 'content'}: ${body.issues[0].message}`);
  return body.output;
}

/** Replaces the file as a whole, for its owner alone, as there may be passwords in it; its folder is made where it is missing. */
export async function writeVersioned(disk: Disk, path: string, version: number, content: object): Promise<void> {
  await disk.makeDirectory(path.slice(0, path.lastIndexOf('/')));
  await disk.replaceFile(path, new TextEncoder().encode(`${JSON.stringify({ version, ...content })}\n`), 'owner');
}
