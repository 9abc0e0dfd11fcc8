import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Browser, chromium } from '@playwright/test';
import { type Front, type FrontKind, type FrontOptions, PATIENCE } from './front.ts';
import { chromiumPath, NOWHERE, root } from './places.ts';

/** Chromium over `ensemble serve`. */
export const served: FrontKind = {
  name: 'Chromium over the served UI',
  missing: existsSync(chromiumPath) ? undefined : `there is no ${chromiumPath} (package chromium)`,
  start,
};

type Server = ChildProcessByStdio<null, Readable, null>;

/** `ensemble serve` as a process of its own. */
export interface ServeProcess {
  /** The URL that it printed, with the token. */
  readonly url: string;
  readonly pid: number;
  end(): Promise<void>;
}

export async function startServer(state: string, below: string, more: readonly string[] = []): Promise<ServeProcess> {
  const server = spawn(
    process.execPath,
    [
      path.join(root, 'dist/cli/main.js'),
      'serve',
      '--json',
      '--dht-bootstrap',
      NOWHERE,
      '--state',
      state,
      '--root',
      below,
      ...more,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    return { url: await printedUrl(server), pid: server.pid ?? 0, end: () => end(server) };
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

async function start({ state, root: below, open = [] }: FrontOptions): Promise<Front> {
  if (open.length > 0) throw new Error('A browser window takes no files on a command line.');
  const server = await startServer(state, below);
  try {
    const browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 1240, height: 800 } });
    page.setDefaultTimeout(PATIENCE);
    await page.goto(server.url);
    // The URL with the token redirects to one without.
    await page.getByRole('button', { name: 'Add torrent' }).waitFor();
    return {
      page,
      identities: () => Promise.resolve(forksOf(server.pid)),
      quit: async () => {
        await browser.close();
        await server.end();
      },
    };
  } catch (error) {
    await server.end();
    throw error;
  }
}

async function printedUrl(server: Server): Promise<string> {
  for await (const line of createInterface({ input: server.stdout })) {
    const said = JSON.parse(line) as { event: string; url?: string };
    if (said.event === 'serving' && said.url !== undefined) return said.url;
  }
  throw new Error('ensemble serve ended without a URL.');
}

async function end(server: Server): Promise<void> {
  if (server.exitCode !== null) return;
  server.kill('SIGTERM');
  await once(server, 'exit');
}

/** Identity processes that a process has forked, by their index (from `/proc`). */
function forksOf(parent: number): Map<number, number> {
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const [, ppid] = /^\S+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      const index = /identity (\d+)/.exec(readFileSync(`/proc/${name}/cmdline`, 'utf8'))?.[1];
      if (Number(ppid) === parent && index !== undefined) found.set(Number(index), Number(name));
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}
