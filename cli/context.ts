import path from 'node:path';
import { EnsembleError } from '../core/base/errors.ts';
import type { Backend } from './backend.ts';

/** Where text goes. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** What a command sees of its process. */
export interface Context {
  readonly backend: Backend;
  readonly out: Sink;
  readonly err: Sink;
  /** The current folder; undefined: it was removed. */
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT, SIGTERM and SIGHUP, with EnsembleError('interrupted') as its reason. */
  readonly signal: AbortSignal;
}

/** The absolute path of what the user named. Throws EnsembleError('usage') where that hangs on a folder that is gone. */
export function resolvePath({ cwd }: Pick<Context, 'cwd'>, name: string): string {
  if (path.isAbsolute(name)) return path.resolve(name);
  if (cwd !== undefined) return path.resolve(cwd, name);
  throw new EnsembleError(
    'usage',
    `${name} is meant from the current folder, which does not exist any more: change to another one, or give the whole path.`,
  );
}
