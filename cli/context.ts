import path from 'node:path';
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
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT, SIGTERM and SIGHUP, with EnsembleError('interrupted') as its reason. */
  readonly signal: AbortSignal;
}

/** The absolute path of what the user named. */
export function resolvePath(context: Context, name: string): string {
  return path.resolve(context.cwd, name);
}
