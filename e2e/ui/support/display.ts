import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

let server: ChildProcess | undefined;

/** Starts a virtual display before the UI tests, so that they need none and show nothing on the user's. */
export async function setup(): Promise<void> {
  if (process.platform !== 'linux') return;
  const started = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1680x1050x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [data] = (await Promise.race([once(started.stdout, 'data'), failed(started)])) as [Buffer];
  server = started;
  process.env['DISPLAY'] = `:${data.toString().trim()}`;
  delete process.env['WAYLAND_DISPLAY'];
}

/** Ends it after the tests. */
export async function teardown(): Promise<void> {
  if (server === undefined) return;
  server.kill();
  await once(server, 'exit');
}

async function failed(server: ChildProcess): Promise<never> {
  const [error] = (await once(server, 'error')) as [Error];
  throw new Error(`Xvfb (package xvfb) cannot be started: ${error.message}`);
}
