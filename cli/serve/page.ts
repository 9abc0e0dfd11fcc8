import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { lookup } from 'mrmime';
import { EnsembleError } from '../../core/base/errors.ts';

/** A file of the UI. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  /** Its name changes with its content. */
  readonly hashed: boolean;
}

/** The whole built UI in memory: requested names are looked up there, and never become paths. */
export async function loadPage(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, PageFile>();
  for (const entry of entries) {
    const type = lookup(entry.name);
    if (!entry.isFile() || type === undefined) continue;
    const full = path.join(entry.parentPath, entry.name);
    const name = `/${path.relative(folder, full).split(path.sep).join('/')}`;
    files.set(name, { type, body: await readFile(full), hashed: name.startsWith('/assets/') });
  }
  const index = files.get('/index.html');
  if (index === undefined) {
    throw new EnsembleError('usage', `The UI is not in ${folder}: build it with \`npm run build\`.`);
  }
  files.set('/', index);
  return files;
}
