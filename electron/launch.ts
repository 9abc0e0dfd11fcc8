import path from 'node:path';
import { isMagnetLink } from '../core/base/magnet-link.ts';

/** Started by the system when the user logs in: no window is wanted then. */
export const HIDDEN = '--hidden';

/** What the command line asks for. */
export interface Launch {
  /** Absolute; undefined: the platform's folder. */
  readonly state: string | undefined;
  /** No window is wanted: the system starts it when its user logs in. */
  readonly hidden: boolean;
  /** .torrent files (absolute), their addresses, and magnet links to offer, in order. */
  readonly sources: readonly string[];
}

/** Reads arguments (without program and script); names are relative to `cwd`. Arguments that are not ours are Chromium's, and ignored. */
export function parseLaunch(args: readonly string[], cwd: string): Launch {
  let state: string | undefined;
  let hidden = false;
  const sources: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--state') state = path.resolve(cwd, args[++i] ?? '');
    else if (arg.startsWith('--state=')) state = path.resolve(cwd, arg.slice('--state='.length));
    else if (arg === HIDDEN) hidden = true;
    else if (isMagnetLink(arg) || isAddress(arg)) sources.push(arg);
    else if (arg.startsWith('file://')) sources.push(...fileOfUrl(arg));
    else if (!arg.startsWith('-') && arg !== '') sources.push(path.resolve(cwd, arg));
  }
  return { state, hidden, sources };
}

/** Whether it is the address of something on a web server. */
export function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

function fileOfUrl(url: string): string[] {
  try {
    const { host, pathname } = new URL(url);
    const name = decodeURIComponent(pathname);
    return host === '' ? [path.normalize(process.platform === 'win32' ? name.replace(/^\//, '') : name)] : [];
  } catch {
    return [];
  }
}
