import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { chromium } from '@playwright/test';
import { ACTION_TIMEOUT, type Front, type FrontKind, type FrontOptions } from './front.ts';
import { chromiumPath, root } from './places.ts';

/** Chromium over `ensemble serve`. */
export const served: FrontKind = {
  name: 'Chromium over the served UI',
  missing: existsSync(chromiumPath) ? undefined : `there is no ${chromiumPath} (package chromium)`,
  start,
};

type Server = ChildProcessByStdio<null, Readable, null>;

async function start({ state, root: below, open = [] }: FrontOptions): Promise<Front> {
  if (open.length > 0) throw new Error('A browser is given no files on a command line.');
  const server = spawn(
    process.execPath,
    [path.join(root, 'dist/cli/main.js'), 'serve', '--json', '--state', state, '--root', below],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const url = await printedUrl(server);
    const browser = await chromium.launch({
      executablePath: chromiumPath,
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    const page = await browser.newPage({ viewport: { width: 1240, height: 800 } });
    page.setDefaultTimeout(ACTION_TIMEOUT);
    await page.goto(url);
    // The address with the token leads on to one without.
    await page.getByRole('button', { name: 'Add torrent' }).waitFor();
    return {
      page,
      identities: () => Promise.resolve(forksOf(server.pid ?? 0)),
      quit: async () => {
        await browser.close();
        await end(server);
      },
    };
  } catch (error) {
    server.kill('SIGKILL');
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
