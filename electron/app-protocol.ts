import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol } from 'electron';
import { lookup } from 'mrmime';

const SCHEME = 'app';
/** Origin of every page of ours. */
export const APP_ORIGIN = `${SCHEME}://ensemble`;
/** The page of the window. */
export const APP_PAGE = `${APP_ORIGIN}/index.html`;

/** Scripts, styles and images of our own, no inline script, nothing from anywhere else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Must be called before the application is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the renderer's files, and nothing else, under `APP_ORIGIN`. */
export function serveRenderer(folder: string): void {
  protocol.handle(SCHEME, async ({ url, method }) => {
    const file = fileOf(url, folder);
    const type = file === undefined ? undefined : lookup(file);
    if (file === undefined || type === undefined || method !== 'GET') return answer(404, null);
    try {
      return answer(200, new Uint8Array(await readFile(file)), type);
    } catch {
      return answer(404, null);
    }
  });
}

/** The file that a URL of ours names; undefined where the URL is not ours or leads out of the folder. */
export function fileOf(url: string, folder: string): string | undefined {
  if (!isOurs(url)) return undefined;
  let name: string;
  try {
    name = decodeURIComponent(new URL(url).pathname);
  } catch {
    return undefined;
  }
  if (name.includes('\0') || name.includes('\\')) return undefined;
  const file = path.join(folder, name);
  return file.startsWith(folder + path.sep) ? file : undefined;
}

/** Whether a URL is of our origin; pages of any other get nothing from us. */
export function isOurs(url: string): boolean {
  return url.startsWith(`${APP_ORIGIN}/`);
}

function answer(status: number, body: Uint8Array<ArrayBuffer> | null, type = 'text/plain'): Response {
  return new Response(body, {
    status,
    headers: {
      'Content-Type': type,
      'Content-Security-Policy': POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-cache',
    },
  });
}
